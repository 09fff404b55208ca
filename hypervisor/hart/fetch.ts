/**
 * Where instructions come from: what happens when an engine has no records for the pc. Hot where guests page: a fill of
 * the TLB follows every miss; nothing allocates.
 */
import type { Engine } from '../engine/engine';
import * as Pages from '../memory/page-flags';
import * as Records from '../memory/records';
import type { CodeWindow, VmMemory } from '../memory/vm-memory';
import type { HartHost } from './contract';
import { Cause } from './causes';
import { FETCH_BASE, FETCH_RECORDS, FETCH_SIZE } from './layout';
import type { HartParts } from './memory-access';
import { NO_FAULT, type Translation } from './paging/translation';
import { Use } from './pmp';
import type { Registers } from './registers';

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { PAGE_SIZE } = Pages;
const { RECORD_SCALE, RECORD_SHIFT } = Records;
const BASE = FETCH_BASE >> 2;
const SIZE = FETCH_SIZE >> 2;
const RECORDS = FETCH_RECORDS >> 2;
const OFFSET = PAGE_SIZE - 1;
/** A physical address at which there is never a breakpoint. */
const NOWHERE = -2;
const LAST_HALFWORD = PAGE_SIZE - 2;
const TWO_TO_32 = 0x1_0000_0000;
const { execute: EXECUTE } = Use;
const { fetchAccessFault: ACCESS_FAULT } = Cause;

export class Fetch {
  /** After a cause: the address of the half of the instruction that it is about, the trap's value (3.1.16). */
  faultLow = 0;
  faultHigh = 0;
  /** Physical address of an instruction's second half. */
  #second = 0;
  readonly #registers: Registers;
  readonly #translation: Translation;
  readonly #memory: VmMemory;
  readonly #engine: Engine;
  readonly #host: HartHost;
  readonly #halfwords: Uint16Array;
  /** Linear address of records of code that has none of its own. */
  readonly #scratch: number;

  constructor(
    registers: Registers,
    { translation, memory, hart, host, engine }: HartParts & { readonly engine: Engine },
  ) {
    this.#registers = registers;
    this.#translation = translation;
    this.#memory = memory;
    this.#engine = engine;
    this.#host = host;
    this.#scratch = hart.translations.scratch;
    this.#halfwords = new Uint16Array(memory.machine.bytes.buffer);
  }

  /** The translation has changed: engines must not go by a window of the time before. */
  reset(): void {
    if (this.#translation.isDirect) this.#open(this.#memory.codeWindows[0]!);
    else this.#registers.words[SIZE] = 0;
  }

  /** An engine has run: what has no records of its own may be something else next time. */
  afterRun(): void {
    const { words } = this.#registers;
    if (words[RECORDS] === this.#scratch) words[SIZE] = 0;
  }

  /**
   * Makes the engine able to run the instruction at the pc.
   * @returns `NO_FAULT`, or the cause of the exception that the fetch raises
   */
  prepare(): number {
    return this.#translation.isDirect ? this.#prepareDirect() : this.#prepareTranslated();
  }

  /** Gives the engine an instruction for the pc that is not what lies there, for its next run only. */
  replace(bits: number): void {
    const { apart } = this.#engine;
    apart[0] = bits;
    apart[1] = bits >>> 16;
    const { pcLow, pcHigh, words } = this.#registers;
    const { records, size } = this.#engine.decodeApart((bits & 3) === 3 ? 2 : 1, NOWHERE);
    words[BASE] = pcLow;
    words[BASE + 1] = pcHigh;
    words[SIZE] = size;
    words[RECORDS] = records;
  }

  /** The encoding at the pc, or -1 where it cannot be fetched. Changes nothing. */
  encodingAtPc(): number {
    const { pcLow, pcHigh } = this.#registers;
    const low = this.#peek(pcLow, pcHigh);
    if (low < 0 || (low & 3) !== 3) return low;
    const nextLow = (pcLow + 2) >>> 0;
    const high = this.#peek(nextLow, nextLow < pcLow ? (pcHigh + 1) >>> 0 : pcHigh);
    return high < 0 ? -1 : ((high << 16) | low) >>> 0;
  }

  #prepareDirect(): number {
    const { pcNumber: pc, words } = this.#registers;
    const window = (pc & 1) === 0 ? this.#memory.codeWindowAt(pc) : undefined;
    if (window === undefined) return (pc & 1) === 0 ? this.#prepareApart(pc) : this.#fault(ACCESS_FAULT, 0);
    const isOpen = words[RECORDS] === window.records && words[SIZE] === window.size;
    // Where the window was open, it ends within the instruction.
    if (isOpen) return this.#fault(ACCESS_FAULT, 2);
    this.#open(window);
    return NO_FAULT;
  }

  #open({ base, size, records }: CodeWindow): void {
    const { words } = this.#registers;
    words[BASE] = base;
    words[BASE + 1] = 0;
    words[SIZE] = size;
    words[RECORDS] = records;
  }

  #prepareTranslated(): number {
    const { pcLow, pcHigh } = this.#registers;
    if ((pcLow & 1) !== 0) return this.#fault(ACCESS_FAULT, 0);
    const translation = this.#translation;
    const context = translation.contexts.fetch;
    const cause = translation.translate(context, pcLow, pcHigh, 2, EXECUTE);
    if (cause !== NO_FAULT) return this.#fault(cause, 0);
    const { physical } = translation;
    const window = this.#memory.codeWindowAt(physical);
    if (window === undefined) return this.#prepareApart(physical);
    const offset = pcLow & OFFSET;
    const records = window.records + (physical - offset - window.base) * RECORD_SCALE;
    if (offset !== LAST_HALFWORD) {
      if (translation.enterFetch(pcLow, pcHigh, records, false)) return NO_FAULT;
      return this.#prepareApart(physical);
    }
    const mayEndBeyond = translation.continues(pcLow, pcHigh, physical);
    translation.translate(context, pcLow, pcHigh, 2, EXECUTE);
    const isAlone = !mayEndBeyond && !this.#engine.endsWithin(records + (LAST_HALFWORD << RECORD_SHIFT));
    if (!isAlone && translation.enterFetch(pcLow, pcHigh, records, mayEndBeyond)) return NO_FAULT;
    return this.#prepareApart(physical);
  }

  /**
   * Gives the engine records for the instruction at the pc alone, whose halves lie apart or have rights of their own;
   * outside of RAM for what follows it too.
   */
  #prepareApart(physical: number): number {
    const registers = this.#registers;
    const engine = this.#engine;
    const { apart } = engine;
    const { pcLow, pcHigh, words } = registers;
    const first = this.#halfword(physical);
    if (first < 0) return this.#fault(ACCESS_FAULT, 0);
    apart[0] = first;
    let count = 1;
    if ((first & 3) === 3) {
      const cause = this.#findSecond(physical);
      if (cause !== NO_FAULT) return this.#fault(cause, 2);
      const second = this.#halfword(this.#second);
      if (second < 0) return this.#fault(ACCESS_FAULT, 2);
      apart[count++] = second;
    }
    const mayFollow =
      this.#translation.contexts.fetch.isFree && this.#memory.codeWindowAt(physical) === undefined;
    const most = mayFollow ? Math.min(apart.length, (PAGE_SIZE - (pcLow & OFFSET)) / 2) : count;
    while (count < most) {
      const next = this.#halfword(physical + 2 * count);
      if (next < 0) break;
      apart[count++] = next;
    }
    const { records, size } = engine.decodeApart(count, physical);
    words[BASE] = pcLow;
    words[BASE + 1] = pcHigh;
    words[SIZE] = size;
    words[RECORDS] = records;
    return NO_FAULT;
  }

  /** Finds the second half of the instruction at the pc; a cause where it cannot be fetched. */
  #findSecond(physical: number): number {
    this.#second = physical + 2;
    const translation = this.#translation;
    if (translation.isDirect) return NO_FAULT;
    const { pcLow, pcHigh } = this.#registers;
    const nextLow = (pcLow + 2) >>> 0;
    const nextHigh = nextLow < pcLow ? this.#following(pcHigh) : pcHigh;
    const cause = translation.translate(translation.contexts.fetch, nextLow, nextHigh, 2, EXECUTE);
    this.#second = translation.physical;
    return cause;
  }

  /** A halfword of code, or -1. */
  #peek(low: number, high: number): number {
    const translation = this.#translation;
    if (translation.isDirect) return this.#halfword(high * TWO_TO_32 + low);
    const cause = translation.probe(translation.contexts.fetch, low, high, 2, EXECUTE);
    return cause === NO_FAULT ? this.#halfword(translation.physical) : -1;
  }

  /** The halfword at a physical address, or -1. */
  #halfword(physical: number): number {
    const window = this.#memory.codeWindowAt(physical);
    if (window !== undefined) return this.#halfwords[(window.linear + physical - window.base) >>> 1]!;
    return physical < TWO_TO_32 ? this.#host.fetch(physical) : -1;
  }

  /** The high half of an address that has run over the end of the low one: addresses of RV32 have none. */
  #following(high: number): number {
    return this.#registers.xlen === 32 ? 0 : (high + 1) >>> 0;
  }

  #fault(cause: number, offset: 0 | 2): number {
    const { pcLow, pcHigh } = this.#registers;
    this.faultLow = (pcLow + offset) >>> 0;
    this.faultHigh = this.faultLow < pcLow ? this.#following(pcHigh) : pcHigh;
    return cause;
  }
}

/** Bytes of an instruction: its lowest two bits say it (unprivileged architecture 1.5). */
export const lengthOf = (bits: number): 2 | 4 => ((bits & 3) === 3 ? 4 : 2);
