/**
 * The walk through page tables (privileged architecture 4.3.2). Hot where guests page: every TLB miss comes here;
 * nothing allocates.
 */
import type { VmMemory } from '../../memory/vm-memory';
import * as Pages from '../../memory/page-flags';
import { Mode } from '../mode';
import { type PhysicalProtection, Use } from '../pmp';
import * as Entries from './page-table-entry';
import type { Scheme } from './schemes';

/** How a walk ended. */
export const Walk = {
  found: 0,
  /** There is no valid leaf: a page fault. */
  pageFault: 1,
  /** A table lies where it cannot be read: an access fault. */
  accessFault: 2,
} as const;
export type Walk = (typeof Walk)[keyof typeof Walk];

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { PAGE_SHIFT, PAGE_SIZE } = Pages;
const { isLeaf, isMeaningful } = Entries;
const { accessed: ACCESSED, dirty: DIRTY } = Entries.Entry;
const { read: READ, write: WRITE } = Use;
const { found: FOUND, pageFault: PAGE_FAULT, accessFault: ACCESS_FAULT } = Walk;
const SUPERVISOR = Mode.supervisor;
/** RV64: bits 63:54 of an entry are reserved, or belong to extensions that are not here (4.4.1). */
const RESERVED_HIGH = 0xffc0_0000;
const HIGH_NUMBER = 0x3f_ffff;
const NUMBER_SHIFT = 10;
const TWO_TO_22 = 0x40_0000;
const MOST_LEVELS = 4;
const NONE = -1;

export class PageWalker {
  /** After `found`: physical address of the 4 KiB page. */
  page = 0;
  /** The leaf's low byte. */
  flags = 0;
  readonly #memory: VmMemory;
  readonly #words: Uint32Array;
  readonly #protection: PhysicalProtection;
  /** Pages of RAM whose tables were read, and how many. */
  readonly #tables = new Uint32Array(MOST_LEVELS);
  #tableCount = 0;
  /** The leaf's offset into RAM, its level, and its size. */
  #leaf = 0;
  #level = 0;
  #leafSize: 4 | 8 = 4;

  constructor(memory: VmMemory, protection: PhysicalProtection) {
    this.#memory = memory;
    this.#words = memory.machine.unsignedWords;
    this.#protection = protection;
  }

  /**
   * Finds the leaf for a virtual address.
   * @param root physical address of the first table
   */
  walk({ levels, indexBits, entrySize, addressBits }: Scheme, root: number, low: number, high: number): Walk {
    if (addressBits !== 32) {
      // Bits above the highest of the address must equal it.
      const above = 64 - addressBits;
      if ((high << above) >> above !== (high | 0)) return PAGE_FAULT;
    }
    const { ramBase, ramSize, ramLinear } = this.#memory;
    const words = this.#words;
    const isWide = entrySize === 8;
    const indexMask = (1 << indexBits) - 1;
    // The virtual page number: its low 32 bits, and the rest.
    const pageLow = (low >>> PAGE_SHIFT) | (high << (32 - PAGE_SHIFT));
    const pageHigh = high >>> PAGE_SHIFT;
    let table = root;
    this.#tableCount = 0;
    this.#leafSize = entrySize;
    for (let level = levels - 1; level >= 0; level--) {
      const shift = level * indexBits;
      const index = ((pageLow >>> shift) | (shift === 0 ? 0 : pageHigh << (32 - shift))) & indexMask;
      const address = table + index * entrySize;
      if (table < ramBase || table + PAGE_SIZE > ramBase + ramSize) return ACCESS_FAULT;
      if (!this.#protection.permits(address, entrySize, READ, SUPERVISOR)) return ACCESS_FAULT;
      const offset = address - ramBase;
      this.#tables[this.#tableCount++] = offset >>> PAGE_SHIFT;
      const at = (ramLinear + offset) >>> 2;
      const entryLow = words[at]!;
      const entryHigh = isWide ? words[at + 1]! : 0;
      const flags = entryLow & 0xff;
      if (!isMeaningful(flags) || (entryHigh & RESERVED_HIGH) !== 0) return PAGE_FAULT;
      const number = (entryHigh & HIGH_NUMBER) * TWO_TO_22 + (entryLow >>> NUMBER_SHIFT);
      if (isLeaf(flags)) {
        const below = (1 << shift) - 1;
        const numberLow = (entryLow >>> NUMBER_SHIFT) | (entryHigh << (32 - NUMBER_SHIFT));
        // A superpage lies at a multiple of its size.
        if ((numberLow & below) !== 0) return PAGE_FAULT;
        this.page = (number + (pageLow & below)) * PAGE_SIZE;
        this.flags = flags;
        this.#leaf = offset;
        this.#level = level;
        return FOUND;
      }
      table = number * PAGE_SIZE;
    }
    return PAGE_FAULT;
  }

  /** Flags the tables that were read, for what the walk found is about to be remembered. */
  markTables(): void {
    const last = this.#level === 0 ? this.#tableCount - 1 : NONE;
    for (let at = 0; at < this.#tableCount; at++) this.#memory.markTable(this.#tables[at]!, at === last);
  }

  /** The same, and that translated code goes by the leaf. An upper table's entries make everything be forgotten anyway. */
  markCodeTables(): void {
    this.markTables();
    if (this.#level !== 0) return;
    const entry = (this.#leaf & (PAGE_SIZE - 1)) / this.#leafSize;
    this.#memory.markCodeTable(this.#leaf >>> PAGE_SHIFT, entry);
  }

  /**
   * Sets A, and D for a store, in the leaf that was found; false where it cannot be written (an access fault). Nothing
   * that was derived from the entry is wrong then, but instructions may be decoded from it.
   */
  touch(isStore: boolean): boolean {
    const wanted = isStore ? ACCESSED | DIRTY : ACCESSED;
    if ((this.flags & wanted) === wanted) return true;
    const { ramBase, ramLinear } = this.#memory;
    const size = this.#leafSize;
    if (!this.#protection.permits(ramBase + this.#leaf, size, WRITE, SUPERVISOR)) return false;
    this.flags |= wanted;
    this.#words[(ramLinear + this.#leaf) >>> 2]! |= wanted;
    this.#memory.forgetCode(this.#leaf, this.#leaf + 1);
    return true;
  }
}
