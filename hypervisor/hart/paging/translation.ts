/**
 * From virtual address to physical one, or to an exception: the walk, what the leaf permits, A and D, and physical
 * memory protection, in the order of the privileged architecture (4.3.2, 3.7.1). What holds for a whole page of RAM
 * goes into the TLB. Hot where guests page; nothing allocates.
 */
import type { HartMemory, VmMemory } from '../../memory/vm-memory';
import * as Pages from '../../memory/page-flags';
import { RECORD_SHIFT } from '../../memory/records';
import { Cause } from '../causes';
import type { CsrFile } from '../csr-file';
import type { Mode } from '../mode';
import * as Pmp from '../pmp';
import { DATA_BANK, FETCH_BANK } from '../layout';
import { type Context, Contexts } from './contexts';
import * as Entries from './page-table-entry';
import { PageWalker, Walk } from './walker';

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { PAGE_SIZE, PAGE_SHIFT } = Pages;
const { pageTable: PAGE_TABLE } = Pages.PageFlag;
const { EVERYTHING, NOT_UNIFORM, PhysicalProtection, Use } = Pmp;
const { rightsOf } = Entries;
const { accessed: ACCESSED, dirty: DIRTY } = Entries.Entry;
type Use = Pmp.Use;
const TWO_TO_32 = 0x1_0000_0000;
const OFFSET = PAGE_SIZE - 1;
const { found: FOUND, pageFault: PAGE_FAULT } = Walk;
const { read: READ, write: WRITE, execute: EXECUTE } = Use;
/** No instruction of the page but one in its last halfword ends in another page. */
const LIMIT_WITHOUT_LAST = (PAGE_SIZE - 2) << RECORD_SHIFT;
const LIMIT_OF_ALL = PAGE_SIZE << RECORD_SHIFT;

/** The exceptions of a use; an AMO faults as a store does. */
const pageFaultOf = (use: Use): number => {
  if (use === Use.execute) return Cause.fetchPageFault;
  return use === Use.read ? Cause.loadPageFault : Cause.storePageFault;
};
export const accessFaultOf = (use: Use): number => {
  if (use === Use.execute) return Cause.fetchAccessFault;
  return use === Use.read ? Cause.loadAccessFault : Cause.storeAccessFault;
};

/** Answer of `translate` where there is no exception. */
export const NO_FAULT = -1;

export class Translation {
  readonly contexts: Contexts;
  /** Whether every address is physical and everything is permitted: engines need not look here. */
  isDirect = true;
  /** After `NO_FAULT`: the physical address. Beyond 2^53 it is rounded; nothing lies there. */
  physical = 0;
  readonly #protection: Pmp.PhysicalProtection;
  readonly #csrs: CsrFile;
  readonly #memory: VmMemory;
  readonly #hart: HartMemory;
  readonly #walker: PageWalker;

  constructor(csrs: CsrFile, memory: VmMemory, hart: HartMemory) {
    this.#csrs = csrs;
    this.#memory = memory;
    this.#hart = hart;
    this.#protection = new PhysicalProtection(csrs.xlen);
    this.#walker = new PageWalker(memory, this.#protection);
    this.contexts = new Contexts(csrs, this.#protection, hart.translations);
  }

  /** Call before an engine runs, when `csrs.contextChanged` says so. */
  refresh(mode: Mode): void {
    const csrs = this.#csrs;
    csrs.contextChanged = false;
    if (csrs.pmpChanged) {
      csrs.pmpChanged = false;
      this.#protection.decode(csrs.words);
      this.#hart.translations.forgetAll();
    }
    this.contexts.refresh(mode);
    this.isDirect = this.contexts.areDirect;
    const { data, fetch } = this.contexts;
    const { translations, block } = this.#hart;
    const words = this.#memory.machine.words;
    words[(block + DATA_BANK) >>> 2] = translations.dataBank(data.bank);
    words[(block + FETCH_BANK) >>> 2] = translations.fetchBank(fetch.bank);
  }

  /**
   * Translates the address of an access of `size` bytes that lie in one page.
   * @returns `NO_FAULT`, with the address in `physical`; or the exception's cause
   */
  translate(context: Context, low: number, high: number, size: number, use: Use): number {
    const fault = this.#find(context, low, high, use);
    if (fault !== NO_FAULT) return fault;
    if (context.scheme !== undefined && !this.#walker.touch((use & WRITE) !== 0)) return accessFaultOf(use);
    return this.#permit(context, size, use);
  }

  /** What `translate` would answer; A and D stay as they are. */
  probe(context: Context, low: number, high: number, size: number, use: Use): number {
    const fault = this.#find(context, low, high, use);
    return fault === NO_FAULT ? this.#permit(context, size, use) : fault;
  }

  #find(context: Context, low: number, high: number, use: Use): number {
    const { scheme } = context;
    if (scheme === undefined) {
      this.physical = high * TWO_TO_32 + low;
      return NO_FAULT;
    }
    const walker = this.#walker;
    const walk = walker.walk(scheme, context.root, low, high);
    if (walk !== FOUND) return walk === PAGE_FAULT ? pageFaultOf(use) : accessFaultOf(use);
    const rights = rightsOf(walker.flags, context.mode, context.sum, context.mxr);
    if ((rights & use) !== use) return pageFaultOf(use);
    this.physical = walker.page + (low & OFFSET);
    return NO_FAULT;
  }

  #permit({ isFree, mode }: Context, size: number, use: Use): number {
    if (isFree || this.#protection.permits(this.physical, size, use, mode)) return NO_FAULT;
    return accessFaultOf(use);
  }

  /** Remembers the page of a data access that `translate` has just let pass, if it is one of RAM. */
  enterData(low: number, high: number): void {
    const context = this.contexts.data;
    const { ramBase, ramSize, ramLinear, pageFlags, machine } = this.#memory;
    const offset = this.physical - (low & OFFSET) - ramBase;
    if (offset < 0 || offset >= ramSize) return;
    const rights = this.#rightsOfPage(context, offset + ramBase);
    if (rights === NOT_UNIFORM) return;
    const readable = (rights & READ) !== 0;
    const writable =
      readable &&
      (rights & WRITE) !== 0 &&
      (machine.bytes[pageFlags + (offset >>> PAGE_SHIFT)]! & PAGE_TABLE) === 0;
    this.#hart.translations.enterData(context.bank, low, high, readable, writable, ramLinear + offset);
  }

  /**
   * Remembers the page of a fetch that `translate` has just let pass: from now on its records run.
   * @param mayEndBeyond whether the instruction in its last halfword may end in the next page (`continues`)
   * @returns whether it could: not where protection is finer than the page
   */
  enterFetch(low: number, high: number, records: number, mayEndBeyond: boolean): boolean {
    const context = this.contexts.fetch;
    const rights = this.#rightsOfPage(context, this.physical - (low & OFFSET));
    if (rights === NOT_UNIFORM) return false;
    const limit = mayEndBeyond ? LIMIT_OF_ALL : LIMIT_WITHOUT_LAST;
    this.#hart.translations.enterFetch(context.bank, low, high, records, limit);
    return true;
  }

  /**
   * Whether what follows the page of a fetch at `physical` is, to fetches, the physical page that follows it, and has
   * been accessed before. The tables that say so are flagged.
   */
  continues(low: number, high: number, physical: number): boolean {
    const context = this.contexts.fetch;
    const nextLow = ((low | OFFSET) + 1) >>> 0;
    const nextHigh = nextLow === 0 ? (high + 1) >>> 0 : high;
    const next = physical - (low & OFFSET) + PAGE_SIZE;
    if (this.probe(context, nextLow, nextHigh, 2, EXECUTE) !== NO_FAULT) return false;
    if (this.physical !== next) return false;
    if (context.scheme !== undefined && (this.#walker.flags & ACCESSED) === 0) return false;
    const rights = this.#rightsOfPage(context, next);
    return rights !== NOT_UNIFORM && (rights & EXECUTE) !== 0;
  }

  /**
   * The physical address of the page of RAM that fetches of a virtual page come from; -1 where not all of it may be
   * fetched, or none of it was. Changes nothing; until the answer may be another, the epoch of the bank stays
   * (memory/translation-banks.ts).
   */
  codePage(low: number, high: number): number {
    const context = this.contexts.fetch;
    if (this.probe(context, low, high, 2, EXECUTE) !== NO_FAULT) return -1;
    if (context.scheme !== undefined && (this.#walker.flags & ACCESSED) === 0) return -1;
    const page = this.physical;
    const rights = this.#rightsOfPage(context, page);
    if (rights === NOT_UNIFORM || (rights & EXECUTE) === 0) return -1;
    if (context.scheme !== undefined) this.#walker.markCodeTables();
    const { ramBase, ramSize } = this.#memory;
    return page >= ramBase && page < ramBase + ramSize ? page : -1;
  }

  /** What the page's leaf, if there is one, and physical memory protection permit all over it. */
  #rightsOfPage({ scheme, mode, sum, mxr, isFree }: Context, page: number): number {
    const permitted = isFree ? EVERYTHING : this.#protection.rightsOfPage(page, mode);
    if (permitted === NOT_UNIFORM || scheme === undefined) return permitted;
    const walker = this.#walker;
    walker.markTables();
    const rights = permitted & rightsOf(walker.flags, mode, sum, mxr);
    // The first store has yet to set D.
    return (walker.flags & DIRTY) !== 0 ? rights : rights & ~WRITE;
  }
}
