/**
 * Physical memory protection: which accesses the pmpcfg and pmpaddr CSRs permit (privileged architecture 3.7).
 * The architecture leaves open how misaligned accesses are decomposed: here into the 4-byte granules of protection.
 * Hot only where a guest restricts itself: engines ask for the pages that are not all alike.
 */
import { configurationOf, Pmp, PMP_ENTRIES } from './pmp-csrs';
import { Mode } from './mode';
import { PAGE_SIZE } from '../memory/page-flags';
import { Slot } from './csr-slots';

/** What an access does, as the bits of pmpcfg that permit it; an AMO reads and writes. */
export const Use = {
  read: Pmp.read,
  write: Pmp.write,
  execute: Pmp.execute,
  readAndWrite: Pmp.read | Pmp.write,
} as const;
export type Use = (typeof Use)[keyof typeof Use];
export const EVERYTHING = Pmp.read | Pmp.write | Pmp.execute;
export const NOT_UNIFORM = -1;

/** Protection is no finer than this. */
const GRANULE = 4;
const TWO_TO_32 = 0x100000000;
/** Everything that is in the memory map lies below. */
const LAST_ADDRESS = TWO_TO_32;

export class PhysicalProtection {
  /** Ranges of the entries; empty where an entry is off. */
  readonly #start = new Float64Array(PMP_ENTRIES);
  readonly #end = new Float64Array(PMP_ENTRIES);
  readonly #configuration = new Uint8Array(PMP_ENTRIES);
  /** Nothing is denied in machine mode: no entry is locked, and none ends in the middle of an aligned access. */
  #machineIsFree = true;
  /** By mode. */
  readonly #isFreeFor = new Uint8Array(4);

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
    for (const mode of [Mode.user, Mode.supervisor, Mode.machine]) {
      this.#isFreeFor[mode] = this.#permitsEverything(mode) ? 1 : 0;
    }
  }

  /** Whether one entry, before which there is none, lets everything pass. */
  #permitsEverything(mode: Mode): boolean {
    if (mode === Mode.machine && this.#machineIsFree) return true;
    for (let entry = 0; entry < PMP_ENTRIES; entry++) {
      const start = this.#start[entry]!;
      const end = this.#end[entry]!;
      if (start >= end) continue;
      return start === 0 && end >= LAST_ADDRESS && this.#permissionsOf(entry, mode) === EVERYTHING;
    }
    return mode === Mode.machine;
  }

  permits(address: number, size: number, use: Use, mode: Mode): boolean {
    if (mode === Mode.machine && this.#machineIsFree) return true;
    const isAligned = (size & (size - 1)) === 0 && address % size === 0;
    if (isAligned) return this.#permitsWhole(address, size, use, mode);
    const end = address + size;
    for (let at = address; at < end;) {
      const next = Math.min(end, (Math.floor(at / GRANULE) + 1) * GRANULE);
      if (!this.#permitsWhole(at, next - at, use, mode)) return false;
      at = next;
    }
    return true;
  }

  /** The first entry that matches any byte of an access must match all of them (3.7.1, priority and matching logic). */
  #permitsWhole(address: number, size: number, use: Use, mode: Mode): boolean {
    for (let entry = 0; entry < PMP_ENTRIES; entry++) {
      const start = this.#start[entry]!;
      const end = this.#end[entry]!;
      if (start >= end || address >= end || address + size <= start) continue;
      if (address < start || address + size > end) return false;
      return (this.#permissionsOf(entry, mode) & use) === use;
    }
    return mode === Mode.machine;
  }

  /** Whether everything is permitted everywhere. */
  isFreeFor(mode: Mode): boolean {
    return this.#isFreeFor[mode] === 1;
  }

  /** What is permitted all over a page, as bits of pmpcfg; `NOT_UNIFORM` where that differs within it. */
  rightsOfPage(page: number, mode: Mode): number {
    const end = page + PAGE_SIZE;
    if (mode === Mode.machine && this.#machineIsFree) return EVERYTHING;
    for (let entry = 0; entry < PMP_ENTRIES; entry++) {
      const first = this.#start[entry]!;
      const last = this.#end[entry]!;
      if (first >= last || page >= last || end <= first) continue;
      return page >= first && end <= last ? this.#permissionsOf(entry, mode) : NOT_UNIFORM;
    }
    return mode === Mode.machine ? EVERYTHING : 0;
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
