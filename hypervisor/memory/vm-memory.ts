import { HypervisorBug } from '../bug';
import type { DirtyRange } from './memory-pool';
import type { MachineMemory } from './machine-memory';
import { PAGE_SHIFT, PAGE_SIZE, PageFlag } from './page-flags';
import { RECORD_REACH, RECORD_SHIFT, RECORD_SIZE } from './records';

/** Where what belongs to one hart lies in the machine's memory (linear addresses, in bytes). */
export interface HartMemory {
  /** Its block, see hart/layout.ts. */
  readonly block: number;
}

/** Where a VM's parts lie in the machine's memory (linear addresses, in bytes). */
export interface VmPlace {
  readonly index: number;
  /** By hart number; every VM has hart 0. */
  readonly harts: readonly HartMemory[];
  /** Its private RAM: guest address, size, and first byte. */
  readonly ramBase: number;
  readonly ramSize: number;
  readonly ramLinear: number;
  /** Derived: a byte for each page of RAM, and the record of the first halfword of RAM. */
  readonly pageFlags: number;
  readonly records: number;
}

/** One VM's share of a machine's memory, and what is known of the code in it. */
export class VmMemory implements VmPlace {
  readonly machine: MachineMemory;
  readonly index: number;
  readonly harts: readonly HartMemory[];
  readonly ramBase: number;
  readonly ramSize: number;
  readonly ramLinear: number;
  readonly pageFlags: number;
  readonly records: number;
  /** Offsets into RAM where a breakpoint is planted; decoding looks here. */
  readonly breakpoints = new Set<number>();

  readonly #bytes: Uint8Array;
  readonly #halfwords: Uint16Array;

  constructor(machine: MachineMemory, place: VmPlace) {
    this.machine = machine;
    this.index = place.index;
    this.harts = place.harts;
    this.ramBase = place.ramBase;
    this.ramSize = place.ramSize;
    this.ramLinear = place.ramLinear;
    this.pageFlags = place.pageFlags;
    this.records = place.records;
    this.#bytes = machine.bytes;
    this.#halfwords = new Uint16Array(machine.bytes.buffer);
  }

  /** Throws HypervisorBug for a hart that the VM does not have. */
  hart(number: number): HartMemory {
    const hart = this.harts[number];
    if (hart === undefined) throw new HypervisorBug(`VM ${this.index} has no hart ${number}`);
    return hart;
  }

  /**
   * Must be told whenever anybody but an engine writes to private RAM (loader, DMA, fault injection, a copied
   * message). `address` is the guest's; parts outside of RAM are ignored.
   */
  codeChanged(address: number, size: number): void {
    const start = Math.max(address - this.ramBase, 0);
    const end = Math.min(address - this.ramBase + size, this.ramSize);
    if (start < end) this.forget(start, end);
  }

  /** Forgets what is decoded from the bytes of RAM in [start, end), offsets into RAM. Costs little where nothing is. */
  forget(start: number, end: number): void {
    const firstSlot = Math.floor((start - RECORD_REACH) / 2);
    const endSlot = Math.ceil(end / 2);
    for (let page = start >>> PAGE_SHIFT; page <= (end - 1) >>> PAGE_SHIFT; page++) {
      if ((this.#bytes[this.pageFlags + page]! & PageFlag.code) === 0) continue;
      // A flagged page vouches for its own records and for those that start shortly before it.
      const first = Math.max(firstSlot, ((page << PAGE_SHIFT) - RECORD_REACH - 1) >> 1);
      const last = Math.min(endSlot, ((page + 1) << PAGE_SHIFT) >>> 1);
      // Operands stay: one of these may be the instruction in progress, which has yet to read them.
      const stop = (this.records + last * RECORD_SIZE) >>> 1;
      for (let slot = (this.records + first * RECORD_SIZE) >>> 1; slot < stop; slot += RECORD_SIZE / 2) {
        this.#halfwords[slot] = 0;
      }
    }
  }

  /** Marks that records of this page (a page number within RAM) are being decoded. */
  markCode(page: number): void {
    const flags = this.pageFlags + page;
    this.#bytes[flags]! |= PageFlag.code;
    // A store at the end of the page before may reach into this one.
    if (page > 0) this.#bytes[flags - 1]! |= PageFlag.code;
  }

  /** Forgets decoded pages whose bytes are not the same in `state`, a saved prefix of the machine's memory. */
  forgetCodeThatDiffersFrom(state: Uint8Array): void {
    for (let page = 0; page < this.ramSize >>> PAGE_SHIFT; page++) {
      if ((this.#bytes[this.pageFlags + page]! & PageFlag.code) === 0) continue;
      const start = page << PAGE_SHIFT;
      if (!this.#sameAs(state, this.ramLinear + start)) this.forget(start, start + PAGE_SIZE);
    }
  }

  /** Takes over what another VM of the same place has decoded; its RAM must be copied already. */
  copyDecodedFrom(other: VmMemory): void {
    const pages = this.ramSize >>> PAGE_SHIFT;
    this.forget(0, this.ramSize);
    for (let page = 0; page < pages; page++) {
      // A page that was ever decoded stays flagged, for the pool to clear.
      const own = this.#bytes[this.pageFlags + page]! & PageFlag.code;
      this.#bytes[this.pageFlags + page] = own | other.#bytes[other.pageFlags + page]!;
    }
    for (const { start, end } of other.decodedRecords()) {
      this.#bytes.set(other.#bytes.subarray(start, end), this.records + (start - other.records));
    }
    for (const offset of other.breakpoints) this.forget(offset, offset + 2);
    for (const offset of this.breakpoints) this.forget(offset, offset + 2);
  }

  /** Everything derived that may not be zero, for the pool to clear. */
  derivedInUse(): DirtyRange[] {
    const flags = { start: this.pageFlags, end: this.pageFlags + (this.ramSize >>> PAGE_SHIFT) };
    return [flags, ...this.decodedRecords()];
  }

  /** Ranges (linear addresses) of records that may be decoded. */
  decodedRecords(): DirtyRange[] {
    const ranges: DirtyRange[] = [];
    for (let page = 0; page < this.ramSize >>> PAGE_SHIFT; page++) {
      if ((this.#bytes[this.pageFlags + page]! & PageFlag.code) === 0) continue;
      const start = this.records + (page << (PAGE_SHIFT + RECORD_SHIFT));
      ranges.push({ start, end: start + (PAGE_SIZE << RECORD_SHIFT) });
    }
    return ranges;
  }

  #sameAs(state: Uint8Array, linear: number): boolean {
    if (state.byteOffset % 4 !== 0) return false;
    const theirs = new Int32Array(state.buffer, state.byteOffset + linear, PAGE_SIZE >>> 2);
    const ours = this.machine.words;
    for (let i = 0, j = linear >>> 2; i < theirs.length; i++, j++) if (theirs[i] !== ours[j]) return false;
    return true;
  }
}
