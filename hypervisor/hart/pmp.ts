/**
 * Physical memory protection: which accesses the pmpcfg and pmpaddr CSRs permit (privileged architecture 3.7).
 * The architecture leaves open how misaligned accesses are decomposed: here into the 4-byte granules of protection.
 * Hot only where a guest restricts itself: engines ask for the pages that are not all alike.
 */
import { configurationOf, Pmp, PMP_ENTRIES } from './pmp-csrs';
import { Mode } from './mode';
import { Slot } from './csr-slots';

/** What an access does, as the bits of pmpcfg that permit it. */
export type Permission = typeof Pmp.read | typeof Pmp.write | typeof Pmp.execute;
export const EVERYTHING = Pmp.read | Pmp.write | Pmp.execute;

/** Protection is no finer than this. */
const GRANULE = 4;
const TWO_TO_32 = 0x100000000;
/** Everything that is in the memory map lies below. */
const LAST_ADDRESS = TWO_TO_32;

/** Addresses from `start` up to, not including, `end` for which the same permissions hold. */
export interface UniformRange {
  readonly start: number;
  readonly end: number;
  readonly permissions: number;
}

export class PhysicalProtection {
  /** Ranges of the entries; empty where an entry is off. */
  readonly #start = new Float64Array(PMP_ENTRIES);
  readonly #end = new Float64Array(PMP_ENTRIES);
  readonly #configuration = new Uint8Array(PMP_ENTRIES);
  /** Nothing is denied in machine mode: no entry is locked, and none ends in the middle of an aligned access. */
  #machineIsFree = true;

  constructor(readonly xlen: 32 | 64) {}

  /** Takes over what the CSRs say. */
  decode(words: Uint32Array): void {
    this.#machineIsFree = true;
    let previous = 0;
    for (let entry = 0; entry < PMP_ENTRIES; entry++) {
      const low = words[2 * (Slot.pmpaddr + entry)]!;
      const high = words[2 * (Slot.pmpaddr + entry) + 1]!;
      const address = (high * TWO_TO_32 + low) * 4;
      const configuration = configurationOf(words, entry);
      this.#configuration[entry] = configuration;
      let start = 0;
      let end = 0;
      const addressing = configuration & Pmp.addressing;
      if (addressing === Pmp.top) {
        start = previous;
        end = address;
      } else if (addressing === Pmp.four) {
        start = address;
        end = address + 4;
      } else if (addressing === Pmp.power) {
        const size = 8 * 2 ** trailingOnes(low, high);
        start = Math.floor(address / size) * size;
        end = start + size;
      }
      this.#start[entry] = start;
      this.#end[entry] = end;
      const splitsDoubles = this.xlen === 64 && start < end && (start % 8 !== 0 || end % 8 !== 0);
      if ((configuration & Pmp.lock) !== 0 || splitsDoubles) this.#machineIsFree = false;
      previous = address;
    }
  }

  permits(address: number, size: number, permission: Permission, mode: Mode): boolean {
    if (mode === Mode.machine && this.#machineIsFree) return true;
    if (address % size === 0) return this.#permitsWhole(address, size, permission, mode);
    const end = address + size;
    for (let at = address; at < end;) {
      const next = Math.min(end, (Math.floor(at / GRANULE) + 1) * GRANULE);
      if (!this.#permitsWhole(at, next - at, permission, mode)) return false;
      at = next;
    }
    return true;
  }

  /** The first entry that matches any byte of an access must match all of them (3.7.1, priority and matching logic). */
  #permitsWhole(address: number, size: number, permission: Permission, mode: Mode): boolean {
    for (let entry = 0; entry < PMP_ENTRIES; entry++) {
      const start = this.#start[entry]!;
      const end = this.#end[entry]!;
      if (start >= end || address >= end || address + size <= start) continue;
      if (address < start || address + size > end) return false;
      return (this.#permissionsOf(entry, mode) & permission) !== 0;
    }
    return mode === Mode.machine;
  }

  /** Whether everything is permitted everywhere. */
  isFree(mode: Mode): boolean {
    const { start, end, permissions } = this.rangeAround(0, mode);
    return start === 0 && end >= LAST_ADDRESS && permissions === EVERYTHING;
  }

  /** The largest range around an address that no entry's edge cuts. */
  rangeAround(address: number, mode: Mode): UniformRange {
    let start = 0;
    let end = Infinity;
    if (mode === Mode.machine && this.#machineIsFree) return { start, end, permissions: EVERYTHING };
    for (let entry = 0; entry < PMP_ENTRIES; entry++) {
      if (this.#start[entry]! >= this.#end[entry]!) continue;
      for (const edge of [this.#start[entry]!, this.#end[entry]!]) {
        if (edge <= address) start = Math.max(start, edge);
        else end = Math.min(end, edge);
      }
      // What lies in an entry's range is decided by it, whatever edges later entries have.
      if (address >= this.#start[entry]! && address < this.#end[entry]!) {
        return { start, end, permissions: this.#permissionsOf(entry, mode) };
      }
    }
    return { start, end, permissions: mode === Mode.machine ? EVERYTHING : 0 };
  }

  #permissionsOf(entry: number, mode: Mode): number {
    const configuration = this.#configuration[entry]!;
    return mode === Mode.machine && (configuration & Pmp.lock) === 0
      ? EVERYTHING
      : configuration & EVERYTHING;
  }
}

function trailingOnes(low: number, high: number): number {
  const count = (word: number) => 31 - Math.clz32(~word & -~word);
  return low === 0xffffffff ? 32 + (high === 0xffffffff ? 32 : count(high)) : count(low);
}
