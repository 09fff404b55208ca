import { HypervisorBug } from '../bug';
import type { MemoryRange } from './arrangement';
import type { MachineMemory } from './machine-memory';
import { CHANGE_LOG, CHANGES_KEPT } from './code-changes';
import { CodeLines, codeLinesSize, MOST_STORED } from './code-lines';
import { ENTRY_TABLE_SIZE } from './entry-table';
import { FlaggedPages } from './flagged-pages';
import * as Pages from './page-flags';
import * as Records from './records';
import { isSameBytes } from './same-bytes';
import type { SavedMemory } from './saved-memory';
import type { TranslationBanks } from './translation-banks';

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { PAGE_SHIFT, PAGE_SIZE } = Pages;
const { RECORD_REACH, RECORD_SCALE, RECORD_SIZE } = Records;
const {
  code: CODE,
  pageTable: PAGE_TABLE,
  upperTable: UPPER_TABLE,
  beforePageTable: BEFORE_PAGE_TABLE,
  codeTable: CODE_TABLE,
} = Pages.PageFlag;

/** Where what belongs to one hart lies in the machine's memory (linear addresses, in bytes). */
export interface HartMemory {
  /** Its block, see hart/layout.ts. */
  readonly block: number;
  /** Derived: its TLB. */
  readonly translations: TranslationBanks;
  /** Derived: the table of its translated code (entry-table.ts). */
  readonly entries: number;
}

/** Memory that instructions are fetched from: where guests see it, where it lies, and where its records do. */
export interface CodeWindow {
  /** Guest-physical address of the first byte. */
  readonly base: number;
  readonly size: number;
  /** Linear address of the first byte, and of the record of the first halfword. */
  readonly linear: number;
  readonly records: number;
}

/** Where a VM's parts lie in the machine's memory (linear addresses, in bytes). */
export interface VmPlace {
  readonly index: number;
  /** By hart number; every VM has hart 0. */
  readonly harts: readonly HartMemory[];
  /** Its private RAM: guest address, size, and first byte. */
  readonly ramBase: number;
  readonly ramSize: number;
  /** To how much it may grow. */
  readonly ramCapacity: number;
  readonly ramLinear: number;
  /** Derived: a byte for each page of RAM, and the record of the first halfword of RAM. */
  readonly pageFlags: number;
  readonly records: number;
  /** Derived: what was changed of decoded code (code-changes.ts), and a byte for each line of RAM (code-lines.ts). */
  readonly codeChanges: number;
  readonly codeLines: number;
}

/** The bit of a page table entry that says whether it means anything (privileged architecture 4.3.1, 4.4.1). */
const VALID = 1;
const MOST_ENTRY_CHANGES = 1024;

/** What a change of an entry is known by: its number in its table, modulo this (translation-banks.ts). */
const ENTRY_NUMBERS = 512;

/** Is told when others than the guest's own instructions use RAM: hypercalls, devices, whoever loads or saves guests, the test. */
export interface MemoryObserver {
  /** @param address guest-physical */
  accessed(address: number, size: number, writes: boolean): void;
}

/** One VM's share of a machine's memory, and what is known of the code in it. */
export class VmMemory implements VmPlace {
  readonly machine: MachineMemory;
  readonly index: number;
  readonly harts: readonly HartMemory[];
  readonly ramBase: number;
  readonly ramCapacity: number;
  readonly ramLinear: number;
  readonly pageFlags: number;
  readonly records: number;
  readonly codeChanges: number;
  readonly codeLines: number;
  readonly lines: CodeLines;
  observer: MemoryObserver | undefined;
  /** Whether other harts of the machine run the same code as one of this VM. Changes nothing but speed. */
  sharesCode = false;
  #ramSize: number;
  /** Guest-physical addresses where a breakpoint is planted; decoding looks here. */
  readonly breakpoints = new Set<number>();
  /** Counts what made translations be forgotten: whoever goes by one from before a store compares. */
  translationEpoch = 0;
  /** To be told when anybody but an engine has written to private RAM. */
  afterWrite: (() => void) | undefined;

  /** Pages of RAM that walks have read since translations were last forgotten. */
  readonly #tablePages: number[] = [];
  /** By number in their tables: whether translated code may go by such entries. */
  readonly #codeEntries = new Uint8Array(ENTRY_NUMBERS);
  /** Entries of last-level tables that have changed since then. */
  #entryChanges = 0;
  #codeWindows: readonly CodeWindow[];
  readonly #pages: FlaggedPages;
  readonly #bytes: Uint8Array;
  readonly #halfwords: Uint16Array;

  constructor(machine: MachineMemory, place: VmPlace) {
    this.machine = machine;
    this.index = place.index;
    this.harts = place.harts;
    this.ramBase = place.ramBase;
    this.#ramSize = place.ramSize;
    this.ramCapacity = place.ramCapacity;
    this.ramLinear = place.ramLinear;
    this.pageFlags = place.pageFlags;
    this.records = place.records;
    this.codeChanges = place.codeChanges;
    this.codeLines = place.codeLines;
    this.#codeWindows = this.#windows();
    this.#bytes = machine.bytes;
    this.#halfwords = new Uint16Array(machine.bytes.buffer);
    this.#pages = new FlaggedPages(machine.memory.buffer, place);
    this.lines = new CodeLines(machine.bytes, place.codeLines, place.records, place.ramCapacity);
  }

  get ramSize(): number {
    return this.#ramSize;
  }

  /** What may be executed: RAM first. */
  get codeWindows(): readonly CodeWindow[] {
    return this.#codeWindows;
  }

  /**
   * Gives the VM another size of RAM, up to its capacity; the bytes are as they were. No hart of the VM may be running.
   * Everything derived is forgotten, and whoever goes by the size must be told (`Hart.memoryResized`).
   * @returns whether it is another size than before
   */
  resize(size: number): boolean {
    if (size === this.#ramSize) return false;
    if (size > this.ramCapacity || size % PAGE_SIZE !== 0)
      throw new HypervisorBug(`RAM of ${size} bytes in a window of ${this.ramCapacity}`);
    this.forget(0, this.ramCapacity);
    this.forgetTranslations();
    for (const { entries } of this.harts) this.#bytes.fill(0, entries, entries + ENTRY_TABLE_SIZE);
    this.#ramSize = size;
    this.#codeWindows = this.#windows();
    this.machine.describeWindows(this);
    return true;
  }

  #windows(): readonly CodeWindow[] {
    return [{ base: this.ramBase, size: this.#ramSize, linear: this.ramLinear, records: this.records }];
  }

  /** Throws HypervisorBug for a hart that the VM does not have. */
  hart(number: number): HartMemory {
    const hart = this.harts[number];
    if (hart === undefined) throw new HypervisorBug(`VM ${this.index} has no hart ${number}`);
    return hart;
  }

  /** The window that holds a guest-physical address. */
  codeWindowAt(address: number): CodeWindow | undefined {
    for (const window of this.codeWindows) {
      if (address >= window.base && address < window.base + window.size) return window;
    }
    return undefined;
  }

  /**
   * Must be told whenever anybody but an engine writes to private RAM (loader, DMA, fault injection, a copied
   * message). `address` is the guest's; parts outside of RAM are ignored.
   */
  codeChanged(address: number, size: number): void {
    const start = Math.max(address - this.ramBase, 0);
    const end = Math.min(address - this.ramBase + size, this.ramSize);
    if (start < end) this.forget(start, end);
    this.afterWrite?.();
  }

  /**
   * Forgets what is derived from the bytes of RAM in [start, end), offsets into RAM: instructions decoded, and
   * translations that went by page tables there. Costs little where nothing is.
   */
  forget(start: number, end: number): void {
    for (let page = start >>> PAGE_SHIFT; page <= (end - 1) >>> PAGE_SHIFT; page++) {
      const flags = this.#pages.of(page);
      if ((flags & PAGE_TABLE) !== 0) this.forgetTranslations();
      if ((flags & CODE) !== 0) this.#forgetCodeOf(page, start, end);
    }
  }

  /** Forgets instructions alone: for a store to one page that no translation depends on. */
  forgetCode(start: number, end: number): void {
    const page = start >>> PAGE_SHIFT;
    if ((this.#pages.of(page) & CODE) !== 0) this.#forgetCodeOf(page, start, end);
  }

  /** A flagged page vouches for its own records and for those that start shortly before it. */
  #forgetCodeOf(page: number, start: number, end: number): void {
    let forgotten = 0;
    const firstSlot = Math.floor((start - RECORD_REACH) / 2);
    const endSlot = Math.ceil(end / 2);
    const first = Math.max(firstSlot, ((page << PAGE_SHIFT) - RECORD_REACH - 1) >> 1);
    const last = Math.min(endSlot, ((page + 1) << PAGE_SHIFT) >>> 1);
    // Operands stay: one of these may be the instruction in progress, which has yet to read them.
    const stop = (this.records + last * RECORD_SIZE) >>> 1;
    for (let slot = (this.records + first * RECORD_SIZE) >>> 1; slot < stop; slot += RECORD_SIZE / 2) {
      forgotten |= this.#halfwords[slot]!;
      this.#halfwords[slot] = 0;
    }
    if (forgotten === 0) return;
    this.lines.settle(2 * first, 2 * last);
    const words = this.machine.words;
    const pageStart = page << PAGE_SHIFT;
    const lastStore = Math.min(end, pageStart + PAGE_SIZE) - MOST_STORED;
    // One that is longer than a store is told by its ends: all of it lies in one page.
    for (const offset of [Math.max(start, pageStart), Math.max(lastStore, pageStart)]) {
      const count = words[this.codeChanges >>> 2]!++;
      words[(this.codeChanges + CHANGE_LOG + 4 * (count & (CHANGES_KEPT - 1))) >>> 2] = offset;
    }
  }

  /** Marks that records of this page (a page number within RAM) are being decoded. */
  markCode(page: number): void {
    this.#pages.add(page, CODE);
    // A store at the end of the page before may reach into this one.
    if (page > 0) this.#pages.add(page - 1, CODE);
  }

  /**
   * A walk has read a page table in this page (a number within RAM), and what it found is about to be remembered.
   * @param isLast whether its entries stand for one page each
   */
  markTable(page: number, isLast: boolean): void {
    const flags = this.#pages.of(page);
    const wanted = isLast ? PAGE_TABLE : PAGE_TABLE | UPPER_TABLE;
    if ((flags & wanted) === wanted) return;
    this.#pages.add(page, wanted);
    if ((flags & PAGE_TABLE) !== 0) return;
    if (page > 0) this.#pages.add(page - 1, BEFORE_PAGE_TABLE);
    this.#tablePages.push(page);
    for (const { translations } of this.harts)
      translations.dropWritesTo(this.ramLinear + (page << PAGE_SHIFT));
  }

  /**
   * Translated code goes by an entry of a last-level table in this page (a number within RAM) that a walk has read.
   * @param entry its number in the table
   */
  markCodeTable(page: number, entry: number): void {
    this.#pages.add(page, CODE_TABLE);
    this.#codeEntries[entry & (ENTRY_NUMBERS - 1)] = 1;
  }

  /**
   * Must be called before a store to RAM by a hart, [start, end) as offsets into RAM, where the page flags are not
   * zero. What walks have found by way of the entries that change is forgotten; nothing follows from invalid ones.
   * @param entrySize bytes of a page table entry
   */
  aboutToStore(start: number, end: number, entrySize: 4 | 8): void {
    const page = start >>> PAGE_SHIFT;
    if (page !== (end - 1) >>> PAGE_SHIFT) {
      this.forget(start, end);
      return;
    }
    const flags = this.#pages.of(page);
    if ((flags & CODE) !== 0) this.#forgetCodeOf(page, start, end);
    if ((flags & PAGE_TABLE) === 0) return;
    for (let at = start & -entrySize; at < end; at += entrySize) {
      if ((this.#bytes[this.ramLinear + at]! & VALID) === 0) continue;
      if ((flags & UPPER_TABLE) !== 0) {
        this.forgetTranslations();
        return;
      }
      this.#forgetPage((at & (PAGE_SIZE - 1)) / entrySize, (flags & CODE_TABLE) !== 0);
    }
  }

  /** An entry of a last-level table changes; `index` is its number there. */
  #forgetPage(index: number, mayBeOfCode: boolean): void {
    // What was a table may be data by now, which many stores tell: it shall not stay slow.
    if (++this.#entryChanges > MOST_ENTRY_CHANGES) {
      this.forgetTranslations();
      return;
    }
    this.translationEpoch++;
    const isOfCode = mayBeOfCode && this.#codeEntries[index & (ENTRY_NUMBERS - 1)] === 1;
    for (const { translations } of this.harts) {
      translations.forgetPage(index);
      if (isOfCode) translations.codeMoved();
    }
  }

  /** All TLBs of the VM are empty afterwards, and no page is known to hold page tables. */
  forgetTranslations(): void {
    this.translationEpoch++;
    this.#entryChanges = 0;
    for (const { translations } of this.harts) translations.forgetAll();
    for (const page of this.#tablePages) {
      this.#pages.remove(page, PAGE_TABLE | UPPER_TABLE | CODE_TABLE);
      if (page > 0) this.#pages.remove(page - 1, BEFORE_PAGE_TABLE);
    }
    this.#tablePages.length = 0;
    this.#codeEntries.fill(0);
  }

  /** Forgets decoded pages whose bytes are not the same in a saved state of the machine's memory. */
  forgetCodeThatDiffersFrom(state: SavedMemory): void {
    this.forgetTranslations();
    for (let page = 0; page < this.#pages.count; page++) {
      if ((this.#pages.of(page) & CODE) === 0) continue;
      const start = page << PAGE_SHIFT;
      if (this.#sameAs(state, this.ramLinear + start)) continue;
      this.forget(start, start + PAGE_SIZE);
      this.#unmarkCode(page);
      if (page > 0) this.#unmarkCode(page - 1);
    }
    this.#pages.findEnd();
  }

  /**
   * Data that a guest once ran into is no code any more: stores to it need nobody's attention, nor do those at the end of
   * the page before.
   */
  #unmarkCode(page: number): void {
    const [start, end] = [page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT];
    if (this.lines.areDecoded(start, end + MOST_STORED)) return;
    this.lines.wipe(start, end);
    this.#pages.remove(page, CODE);
  }

  /** Takes over what another VM of the same place has decoded; its RAM must be copied already. */
  copyDecodedFrom(other: VmMemory): void {
    this.forget(0, this.ramCapacity);
    this.forgetTranslations();
    for (let page = 0; page < this.#pages.count; page++) {
      // A page that was ever decoded stays flagged, for the pool to clear.
      const flags = (this.#pages.of(page) | other.#pages.of(page)) & CODE;
      this.#pages.remove(page, ~flags);
      this.#pages.add(page, flags);
    }
    this.#pages.findEnd();
    for (const { start, end } of other.decodedRecords()) {
      this.#bytes.set(other.#bytes.subarray(start, end), this.records + (start - other.records));
    }
    const lines = codeLinesSize(this.ramCapacity);
    this.#bytes.set(other.#bytes.subarray(other.codeLines, other.codeLines + lines), this.codeLines);
    // More than is kept: all of it may be something else.
    this.machine.words[this.codeChanges >>> 2]! += CHANGES_KEPT + 1;
    for (const address of other.breakpoints) this.codeChanged(address, 2);
    for (const address of this.breakpoints) this.codeChanged(address, 2);
  }

  /** Everything derived that may not be zero, for the pool to clear. */
  derivedInUse(): MemoryRange[] {
    const flags = { start: this.pageFlags, end: this.pageFlags + (this.ramCapacity >>> PAGE_SHIFT) };
    const lines = { start: this.codeChanges, end: this.codeLines + codeLinesSize(this.ramCapacity) };
    const entries = this.harts.map(({ entries: start }) => ({ start, end: start + ENTRY_TABLE_SIZE }));
    return [
      flags,
      lines,
      ...entries,
      ...this.harts.flatMap(({ translations }) => translations.leftInUse),
      ...this.decodedRecords(),
    ];
  }

  /** Ranges (linear addresses) of records that may be decoded. */
  decodedRecords(): MemoryRange[] {
    const ranges: MemoryRange[] = [];
    for (let page = 0; page < this.#pages.count; page++) {
      if ((this.#pages.of(page) & CODE) === 0) continue;
      const start = this.records + page * PAGE_SIZE * RECORD_SCALE;
      ranges.push({ start, end: start + PAGE_SIZE * RECORD_SCALE });
    }
    return ranges;
  }

  /** @param linear where the page begins */
  #sameAs(state: SavedMemory, linear: number): boolean {
    return isSameBytes(
      this.#bytes.subarray(linear, linear + PAGE_SIZE),
      state[this.machine.pageOfState(linear)]!,
    );
  }
}
