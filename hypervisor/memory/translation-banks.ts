import { BANK_CONTEXTS, VIRTUAL_TABLE_SIZE } from './entry-table';
import * as Pages from './page-flags';

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { PAGE_SHIFT, PAGE_SIZE } = Pages;

/**
 * A hart's software TLB: banks of direct-mapped entries, one bank for each context of rights that a page of addresses
 * is looked at in. Derived state: whatever it holds is what a walk of the page tables would find, so engines may look
 * into it or not, and nobody saves it.
 *
 * A data entry is 32 bytes, a fetch entry 16. Tags are page addresses with the low bits set, so that zero matches no
 * address. The layout is what emitted code reads: engine/translated-address.ts.
 */
export const DATA_ENTRY = {
  /** i64 (i32 on RV32): page address | 0xfff where loads may go inline. */
  readTag: 0,
  /** The same for stores; only where loads may go too, and never for a page that a walk has read. */
  writeTag: 8,
  /** i32: what to add to the address, modulo 2^32, to get the linear one. */
  displacement: 16,
} as const;
export const DATA_ENTRY_SHIFT = 5;
export const FETCH_ENTRY = {
  /** i64 (i32 on RV32): page address | 0xffe, so that odd addresses match none. */
  tag: 0,
  /** i32: linear address of the record of the page's first halfword. */
  records: 8,
  /**
   * i32: bytes of records from which an instruction may begin: all of the page's, or all but the last halfword's, whose
   * instruction may end in a page that lies elsewhere.
   */
  limit: 12,
} as const;
export const FETCH_ENTRY_SHIFT = 4;
/** No more than a table of the last level has entries: `forgetPage` goes by the number of an entry there. */
export const ENTRY_COUNT = 512;

export const DATA_TAG_BITS = 0xfff;
export const FETCH_TAG_BITS = 0xffe;

const BANKS = 8;
const DATA_BANK_SIZE = ENTRY_COUNT << DATA_ENTRY_SHIFT;
const FETCH_BANK_SIZE = ENTRY_COUNT << FETCH_ENTRY_SHIFT;
/** Room for records of code that has no place of its own, and for an undecoded one after them. */
const SCRATCH_SIZE = PAGE_SIZE;
const SCRATCH_USED = 65 * 8;
const FETCH_BANKS = BANKS * DATA_BANK_SIZE;
const SCRATCH = FETCH_BANKS + BANKS * FETCH_BANK_SIZE;
const ENTRIES = SCRATCH + SCRATCH_SIZE;

/** From the first bank of fetches to the table of code at virtual addresses, and from one bank to the next: a power of two. */
export const ENTRIES_AFTER_FETCH_BANKS = ENTRIES - FETCH_BANKS;
export const FETCH_BANK_SHIFT = Math.log2(FETCH_BANK_SIZE);

/** Bytes of derived memory that a hart's TLB takes, with the table of code at virtual addresses. */
export const TRANSLATION_SIZE = ENTRIES + VIRTUAL_TABLE_SIZE;

const WORDS = 4;
const DISPLACEMENT = DATA_ENTRY.displacement / WORDS;
const WRITE_TAG = DATA_ENTRY.writeTag / WORDS;
const RECORDS = FETCH_ENTRY.records / WORDS;
const LIMIT = FETCH_ENTRY.limit / WORDS;
const DATA_STRIDE = (1 << DATA_ENTRY_SHIFT) / WORDS;

/** Hot where guests page: a fill follows every miss, and a flush every change of a page table. No call allocates. */
export class TranslationBanks {
  /** Linear address of records of code that has no place of its own. */
  readonly scratch: number;
  /** Linear address of the table of translated code at virtual addresses (entry-table.ts), and whether it was ever used. */
  readonly entries: number;
  entriesInUse = false;
  readonly #words: Int32Array;
  readonly #base: number;
  /** By number of data bank, then by number of fetch bank: whether it may hold anything. */
  readonly #inUse = new Uint8Array(2 * BANKS);
  /** By number of fetch bank: counts what made it possible that code is not where it was. */
  readonly #fetchEpochs = new Float64Array(BANKS);

  /** @param base linear address of `TRANSLATION_SIZE` bytes, all zero */
  constructor(words: Int32Array, base: number) {
    this.#words = words;
    this.#base = base;
    this.scratch = base + SCRATCH;
    this.entries = base + ENTRIES;
  }

  static readonly count = BANKS;

  /** Linear address of a data bank. */
  dataBank(number: number): number {
    return this.#base + number * DATA_BANK_SIZE;
  }

  fetchBank(number: number): number {
    return this.#base + FETCH_BANKS + number * FETCH_BANK_SIZE;
  }

  /** The number of the fetch bank at a linear address. */
  numberOfFetchBank(linear: number): number {
    return (linear - this.#base - FETCH_BANKS) / FETCH_BANK_SIZE;
  }

  /** As long as it is the same, pages that fetches of this bank have found are where they were. */
  fetchEpoch(bank: number): number {
    return this.#fetchEpochs[bank]!;
  }

  /** Pages of code may be elsewhere now, in any bank. */
  codeMoved(): void {
    for (let bank = 0; bank < BANKS; bank++) this.#beginEpoch(bank);
  }

  #beginEpoch(bank: number): void {
    this.#fetchEpochs[bank]!++;
    this.#words[(this.entries + BANK_CONTEXTS + 4 * bank) >>> 2] = 0;
  }

  /** Enters the page of an address, whose first byte is at `linear`. */
  enterData(
    bank: number,
    low: number,
    high: number,
    readable: boolean,
    writable: boolean,
    linear: number,
  ): void {
    const words = this.#words;
    this.#inUse[bank] = 1;
    const page = low >>> PAGE_SHIFT;
    const at = (this.dataBank(bank) + ((page & (ENTRY_COUNT - 1)) << DATA_ENTRY_SHIFT)) >>> 2;
    words[at] = readable ? low | DATA_TAG_BITS : 0;
    words[at + 1] = readable ? high : 0;
    words[at + WRITE_TAG] = writable ? low | DATA_TAG_BITS : 0;
    words[at + WRITE_TAG + 1] = writable ? high : 0;
    words[at + DISPLACEMENT] = linear - (low & ~(PAGE_SIZE - 1));
  }

  /** Enters the page of an address, whose first record is at `records`. */
  enterFetch(bank: number, low: number, high: number, records: number, limit: number): void {
    const words = this.#words;
    this.#inUse[BANKS + bank] = 1;
    const page = low >>> PAGE_SHIFT;
    const at = (this.fetchBank(bank) + ((page & (ENTRY_COUNT - 1)) << FETCH_ENTRY_SHIFT)) >>> 2;
    words[at] = (low & ~(PAGE_SIZE - 1)) | FETCH_TAG_BITS;
    words[at + 1] = high;
    words[at + RECORDS] = records;
    words[at + LIMIT] = limit;
  }

  /** No store goes inline to the page at this linear address any more. */
  dropWritesTo(linear: number): void {
    const words = this.#words;
    for (let bank = 0; bank < BANKS; bank++) {
      if (this.#inUse[bank] === 0) continue;
      const first = this.dataBank(bank) >>> 2;
      const end = first + (DATA_BANK_SIZE >>> 2);
      for (let at = first; at < end; at += DATA_STRIDE) {
        const tag = words[at + WRITE_TAG]!;
        if (tag === 0) continue;
        if ((((tag & ~(PAGE_SIZE - 1)) + words[at + DISPLACEMENT]!) | 0) === (linear | 0)) {
          words[at + WRITE_TAG] = 0;
          words[at + WRITE_TAG + 1] = 0;
        }
      }
    }
  }

  /**
   * Forgets, in all banks, every page whose number ends like `index`: the number of an entry in its last-level table
   * tells that much. Whether the instruction at the end of the page before may end in this one is forgotten too.
   */
  forgetPage(index: number): void {
    const words = this.#words;
    const page = index & (ENTRY_COUNT - 1);
    const before = (index - 1) & (ENTRY_COUNT - 1);
    for (let bank = 0; bank < BANKS; bank++) {
      if (this.#inUse[bank] === 1) {
        const at = (this.dataBank(bank) + (page << DATA_ENTRY_SHIFT)) >>> 2;
        words[at] = 0;
        words[at + WRITE_TAG] = 0;
      }
      if (this.#inUse[BANKS + bank] === 1) {
        words[(this.fetchBank(bank) + (page << FETCH_ENTRY_SHIFT)) >>> 2] = 0;
        words[(this.fetchBank(bank) + (before << FETCH_ENTRY_SHIFT)) >>> 2] = 0;
      }
    }
  }

  forgetData(bank: number): void {
    this.#forget(bank, this.dataBank(bank), DATA_BANK_SIZE);
  }

  forgetFetch(bank: number): void {
    this.#beginEpoch(bank);
    this.#forget(BANKS + bank, this.fetchBank(bank), FETCH_BANK_SIZE);
  }

  forgetAll(): void {
    for (let bank = 0; bank < BANKS; bank++) {
      this.forgetData(bank);
      this.forgetFetch(bank);
    }
  }

  #forget(use: number, start: number, size: number): void {
    if (this.#inUse[use] === 0) return;
    this.#inUse[use] = 0;
    this.#words.fill(0, start >>> 2, (start + size) >>> 2);
  }

  /** What `forgetAll` leaves, for the pool to clear. */
  get leftInUse(): { readonly start: number; readonly end: number }[] {
    const scratch = { start: this.scratch, end: this.scratch + SCRATCH_USED };
    if (!this.entriesInUse) return [scratch];
    return [scratch, { start: this.entries, end: this.entries + VIRTUAL_TABLE_SIZE }];
  }
}
