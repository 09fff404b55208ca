/**
 * What engines ask of the hart about single accesses: those that have to be translated, and those outside of private
 * RAM, which go to the host's bus. Hot for guests that page or drive devices; nothing allocates.
 */
import { Intent, type EngineHost } from '../engine/engine-contract';
import { Access } from '../engine/step-contract';
import * as Pages from '../memory/page-flags';
import type { HartMemory, VmMemory } from '../memory/vm-memory';
import { Cause } from './causes';
import type { HartHost } from './contract';
import { ACCESS_ADDRESS, ACCESS_DATA, FETCH_RECORDS, TRAP_CAUSE, TRAP_VALUE } from './layout';
import { accessFaultOf, NO_FAULT, type Translation } from './paging/translation';
import { Use } from './pmp';
import type { Registers } from './registers';

type AccessSize = 1 | 2 | 4 | 8;

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { PAGE_SHIFT, PAGE_SIZE } = Pages;
const { done: DONE, attention: ATTENTION, trap: TRAP } = Access;
const NONE = NO_FAULT;
const RECORDS = FETCH_RECORDS >> 2;
const ADDRESS = ACCESS_ADDRESS >> 2;
const DATA = ACCESS_DATA >> 2;
const VALUE = TRAP_VALUE >> 2;
const CAUSE = TRAP_CAUSE >> 2;
const FAULT = -1;
const OFFSET = PAGE_SIZE - 1;
const TWO_TO_32 = 0x1_0000_0000;
const { read: READ, write: WRITE } = Use;
const { loadAccessFault: LOAD_FAULT, storeAccessFault: STORE_FAULT } = Cause;

/** What is around the hart's registers. */
export interface HartParts {
  readonly translation: Translation;
  readonly memory: VmMemory;
  readonly hart: HartMemory;
  readonly host: HartHost;
}

export class MemoryAccess implements EngineHost {
  /** The run ends after the instruction in progress. */
  stopRequested = false;
  readonly #words: Uint32Array;
  readonly #host: HartHost;
  readonly #translation: Translation;
  readonly #memory: VmMemory;
  /** The machine's memory, for accesses of any alignment. */
  readonly #view: DataView;
  readonly #entrySize: 4 | 8;
  /** Linear address of records of code that has none of its own. */
  readonly #scratch: number;
  /** Translations have not been forgotten since the engine began to run. */
  #epoch = 0;
  /** Of an access that lies in two pages: physical addresses of its parts, and how many bytes the first one has. */
  #first = 0;
  #second = 0;
  #firstSize = 0;

  constructor(registers: Registers, { translation, memory, hart, host }: HartParts) {
    this.#scratch = hart.translations.scratch;
    this.#words = registers.words;
    this.#host = host;
    this.#translation = translation;
    this.#memory = memory;
    this.#view = new DataView(memory.machine.bytes.buffer);
    this.#entrySize = registers.xlen === 32 ? 4 : 8;
  }

  /** An engine is about to run: it may go by what has been translated so far. */
  begin(): void {
    this.#epoch = this.#memory.translationEpoch;
  }

  load(size: AccessSize): Access {
    const words = this.#words;
    const low = words[ADDRESS]!;
    const high = words[ADDRESS + 1]!;
    const translation = this.#translation;
    if (translation.isDirect) return this.#loadOutside(high * TWO_TO_32 + low, size);
    if ((low & OFFSET) + size > PAGE_SIZE) return this.#loadAcross(low, high, size);
    const cause = translation.translate(translation.contexts.data, low, high, size, READ);
    if (cause !== NONE) return this.#trap(cause);
    const { physical } = translation;
    if (!this.#isRam(physical)) return this.#loadOutside(physical, size);
    translation.enterData(low, high);
    this.#loadRam(physical, size);
    return this.#done();
  }

  store(size: AccessSize): Access {
    const words = this.#words;
    const low = words[ADDRESS]!;
    const high = words[ADDRESS + 1]!;
    const translation = this.#translation;
    if (translation.isDirect) return this.#storeOutside(high * TWO_TO_32 + low, size);
    if ((low & OFFSET) + size > PAGE_SIZE) return this.#storeAcross(low, high, size);
    const cause = translation.translate(translation.contexts.data, low, high, size, WRITE);
    if (cause !== NONE) return this.#trap(cause);
    const { physical } = translation;
    if (!this.#isRam(physical)) return this.#storeOutside(physical, size);
    translation.enterData(low, high);
    this.#storeRam(physical, size);
    return this.#done();
  }

  place(size: 4 | 8, intent: Intent): Access {
    const words = this.#words;
    const low = words[ADDRESS]!;
    const high = words[ADDRESS + 1]!;
    const translation = this.#translation;
    const cause = translation.translate(translation.contexts.data, low, high, size, intent);
    if (cause !== NONE) return this.#trap(cause);
    const { physical } = translation;
    if (!this.#isRam(physical)) return this.#trap(accessFaultOf(intent));
    translation.enterData(low, high);
    if (intent !== Intent.read) this.#aboutToStore(physical, size);
    words[DATA] = this.#linear(physical);
    return this.#done();
  }

  codePage(low: number, high: number): number {
    return this.#translation.codePage(low, high);
  }

  tableStored(offset: number, size: number): void {
    this.#memory.forget(offset, offset + size);
  }

  #isRam(physical: number): boolean {
    const { ramBase, ramSize } = this.#memory;
    return physical >= ramBase && physical < ramBase + ramSize;
  }

  #linear(physical: number): number {
    return physical - this.#memory.ramBase + this.#memory.ramLinear;
  }

  #loadOutside(physical: number, size: AccessSize): Access {
    if (physical >= TWO_TO_32) return this.#trap(LOAD_FAULT);
    const low = this.#host.load(physical, size === 8 ? 4 : size);
    if (low === FAULT) return this.#trap(LOAD_FAULT);
    let high = 0;
    if (size === 8) {
      high = this.#host.load(physical + 4, 4);
      if (high === FAULT) return this.#trap(LOAD_FAULT);
    }
    this.#words[DATA] = low;
    this.#words[DATA + 1] = high;
    return this.#done();
  }

  #storeOutside(physical: number, size: AccessSize): Access {
    if (physical >= TWO_TO_32) return this.#trap(STORE_FAULT);
    const low = this.#words[DATA]!;
    const high = this.#words[DATA + 1]!;
    if (!this.#host.store(physical, size === 8 ? 4 : size, low)) return this.#trap(STORE_FAULT);
    if (size === 8 && !this.#host.store(physical + 4, 4, high)) return this.#trap(STORE_FAULT);
    // It may have been code outside of RAM, whose records are for the present run.
    return this.#words[RECORDS] === this.#scratch ? ATTENTION : this.#done();
  }

  #loadRam(physical: number, size: AccessSize): void {
    const words = this.#words;
    const view = this.#view;
    const at = this.#linear(physical);
    words[DATA + 1] = 0;
    if (size === 1) words[DATA] = view.getUint8(at);
    else if (size === 2) words[DATA] = view.getUint16(at, true);
    else words[DATA] = view.getUint32(at, true);
    if (size === 8) words[DATA + 1] = view.getUint32(at + 4, true);
  }

  #storeRam(physical: number, size: AccessSize): void {
    this.#aboutToStore(physical, size);
    const words = this.#words;
    const view = this.#view;
    const at = this.#linear(physical);
    if (size === 1) view.setUint8(at, words[DATA]!);
    else if (size === 2) view.setUint16(at, words[DATA]!, true);
    else view.setUint32(at, words[DATA]!, true);
    if (size === 8) view.setUint32(at + 4, words[DATA + 1]!, true);
  }

  #aboutToStore(physical: number, size: number): void {
    const memory = this.#memory;
    const offset = physical - memory.ramBase;
    if (memory.machine.bytes[memory.pageFlags + (offset >>> PAGE_SHIFT)] === 0) return;
    memory.aboutToStore(offset, offset + size, this.#entrySize);
  }

  /** An access that ends in the page after the one it begins in: both must permit it before anything happens. */
  #loadAcross(low: number, high: number, size: AccessSize): Access {
    const answer = this.#findParts(low, high, size, READ);
    if (answer !== DONE) return answer;
    if (this.#second === this.#first + this.#firstSize && !this.#isRam(this.#first)) {
      return this.#loadOutside(this.#first, size);
    }
    if (!this.#isRam(this.#first)) return this.#trap(LOAD_FAULT);
    if (!this.#isRam(this.#second)) return this.#trapInSecond(LOAD_FAULT);
    const bytes = this.#memory.machine.bytes;
    const words = this.#words;
    words[DATA] = 0;
    words[DATA + 1] = 0;
    for (let index = 0; index < size; index++) {
      words[DATA + (index >> 2)]! |= bytes[this.#linear(this.#byte(index))]! << (8 * (index & 3));
    }
    return this.#done();
  }

  #storeAcross(low: number, high: number, size: AccessSize): Access {
    const answer = this.#findParts(low, high, size, WRITE);
    if (answer !== DONE) return answer;
    if (this.#second === this.#first + this.#firstSize && !this.#isRam(this.#first)) {
      return this.#storeOutside(this.#first, size);
    }
    if (!this.#isRam(this.#first)) return this.#trap(STORE_FAULT);
    if (!this.#isRam(this.#second)) return this.#trapInSecond(STORE_FAULT);
    this.#aboutToStore(this.#first, this.#firstSize);
    this.#aboutToStore(this.#second, size - this.#firstSize);
    const bytes = this.#memory.machine.bytes;
    for (let index = 0; index < size; index++) {
      bytes[this.#linear(this.#byte(index))] = this.#words[DATA + (index >> 2)]! >>> (8 * (index & 3));
    }
    return this.#done();
  }

  /** Physical address of a byte of an access that lies in two pages. */
  #byte(index: number): number {
    return index < this.#firstSize ? this.#first + index : this.#second + index - this.#firstSize;
  }

  #findParts(low: number, high: number, size: AccessSize, use: Use): Access {
    const translation = this.#translation;
    const { data } = translation.contexts;
    const firstSize = PAGE_SIZE - (low & OFFSET);
    const secondLow = (low + firstSize) >>> 0;
    const secondHigh = secondLow === 0 ? this.#following(high) : high;
    const first = translation.probe(data, low, high, firstSize, use);
    if (first !== NONE) return this.#trap(first);
    const second = translation.probe(data, secondLow, secondHigh, size - firstSize, use);
    if (second !== NONE) return this.#trapInSecond(second);
    // Nothing is in the way: now A and D are set.
    this.#firstSize = firstSize;
    const touched = translation.translate(data, low, high, firstSize, use);
    if (touched !== NONE) return this.#trap(touched);
    this.#first = translation.physical;
    const touchedToo = translation.translate(data, secondLow, secondHigh, size - firstSize, use);
    if (touchedToo !== NONE) return this.#trapInSecond(touchedToo);
    this.#second = translation.physical;
    return DONE;
  }

  /** The high half of an address that has run over the end of the low one: addresses of RV32 have none. */
  #following(high: number): number {
    return this.#entrySize === 4 ? 0 : (high + 1) >>> 0;
  }

  #done(): Access {
    return this.stopRequested || this.#memory.translationEpoch !== this.#epoch ? ATTENTION : DONE;
  }

  /** The value of a fault is the address of the part of the access that it is about (3.1.16): here the first one. */
  #trap(cause: number): Access {
    const words = this.#words;
    words[CAUSE] = cause;
    words[VALUE] = words[ADDRESS]!;
    words[VALUE + 1] = words[ADDRESS + 1]!;
    return TRAP;
  }

  #trapInSecond(cause: number): Access {
    const words = this.#words;
    this.#trap(cause);
    const start = (words[VALUE]! & ~OFFSET) + PAGE_SIZE;
    words[VALUE] = start;
    if (words[VALUE] === 0) words[VALUE + 1] = this.#following(words[VALUE + 1]!);
    return TRAP;
  }
}
