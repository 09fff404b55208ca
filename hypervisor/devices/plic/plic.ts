/**
 * The platform-level interrupt controller (register layout and wiring: platform/devices/plic.ts). Its gateways are
 * level-triggered: a source that goes high becomes pending, stays so until it is claimed even if it falls
 * before, and becomes pending again when it is still high at its completion. A source that goes high while it is
 * claimed is remembered until then, even if it falls again: a pulse is not lost.
 */
import { PLIC, PLIC_LARGEST_PRIORITY, PLIC_LAST_SOURCE, plicContext } from '../../../platform/devices/plic';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';

const { priority, pending, enable, threshold, claim } = PLIC.registers;
const PENDING = pending.offset;
const ENABLE = enable.offset;
const CONTEXTS = threshold.offset;
const CLAIM = claim.offset - CONTEXTS;
const SOURCES = PLIC_LAST_SOURCE + 1;
const WORDS = SOURCES / 32;
/** Source 0 does not exist. */
const FIRST_WORD = ~1;
const clz32 = Math.clz32;

export interface PlicState {
  readonly levels: Int32Array;
  readonly pending: Int32Array;
  /** Claimed and not completed. */
  readonly claimed: Int32Array;
  /** Went high while they were claimed. */
  readonly repeated: Int32Array;
  readonly priorities: Uint8Array;
  readonly thresholds: Uint8Array;
  /** Three words for each context. */
  readonly enables: Int32Array;
}

export class Plic implements Device<PlicState> {
  readonly name = PLIC.name;
  readonly #context: DeviceContext;
  readonly #contexts: number;
  readonly #levels = new Int32Array(WORDS);
  readonly #pending = new Int32Array(WORDS);
  readonly #claimed = new Int32Array(WORDS);
  readonly #repeated = new Int32Array(WORDS);
  readonly #priorities = new Uint8Array(SOURCES);
  readonly #thresholds: Uint8Array;
  readonly #enables: Int32Array;
  /** The lines into harts, by context. */
  readonly #outputs: Uint8Array;
  /** The state as it was saved or restored last, unless something has changed since: it is compared by identity then. */
  #saved: PlicState | undefined;

  constructor(context: DeviceContext) {
    this.#context = context;
    this.#contexts = plicContext(context.harts, 'machine');
    this.#thresholds = new Uint8Array(this.#contexts);
    this.#enables = new Int32Array(this.#contexts * WORDS);
    this.#outputs = new Uint8Array(this.#contexts);
  }

  /** A device drives its line; `source` is from 1 to `PLIC_LAST_SOURCE`. */
  setSource(source: number, level: boolean): void {
    const word = source >>> 5;
    const bit = 1 << source;
    if (((this.#levels[word]! & bit) !== 0) === level) return;
    this.#saved = undefined;
    this.#levels[word]! ^= bit;
    if (!level) return;
    if ((this.#claimed[word]! & bit) !== 0) {
      this.#repeated[word]! |= bit;
      return;
    }
    this.#pending[word]! |= bit;
    this.#settle();
  }

  load(offset: number, size: AccessSize): number {
    if (size !== 4) return ACCESS_FAULT;
    if (offset < PENDING) return this.#priorities[(offset - priority.offset) >>> 2] ?? 0;
    if (offset < ENABLE) return (this.#pending[(offset - PENDING) >>> 2] ?? 0) >>> 0;
    if (offset < CONTEXTS) {
      const index = this.#enableIndex(offset);
      return index === NONE ? 0 : this.#enables[index]! >>> 0;
    }
    const number = (offset - CONTEXTS) >>> CONTEXT_SHIFT;
    if (number >= this.#contexts) return 0;
    const register = (offset - CONTEXTS) & CONTEXT_MASK;
    if (register === 0) return this.#thresholds[number]!;
    return register === CLAIM ? this.#claim(number) : 0;
  }

  store(offset: number, size: AccessSize, value: number): boolean {
    if (size !== 4) return false;
    this.#saved = undefined;
    if (offset < PENDING) {
      const source = (offset - priority.offset) >>> 2;
      if (source === 0 || source > PLIC_LAST_SOURCE) return true;
      this.#priorities[source] = value & PLIC_LARGEST_PRIORITY;
    } else if (offset < ENABLE) {
      return true;
    } else if (offset < CONTEXTS) {
      const index = this.#enableIndex(offset);
      if (index === NONE) return true;
      this.#enables[index] = index % WORDS === 0 ? value & FIRST_WORD : value;
    } else {
      const number = (offset - CONTEXTS) >>> CONTEXT_SHIFT;
      const register = (offset - CONTEXTS) & CONTEXT_MASK;
      if (number >= this.#contexts) return true;
      if (register === 0) this.#thresholds[number] = value & PLIC_LARGEST_PRIORITY;
      else if (register === CLAIM) this.#complete(number, value >>> 0);
    }
    this.#settle();
    return true;
  }

  nextEventAt(): number {
    return Infinity;
  }

  advance(): void {}

  reset(): void {
    this.#saved = undefined;
    for (const words of [this.#levels, this.#pending, this.#claimed, this.#repeated, this.#enables])
      words.fill(0);
    this.#priorities.fill(0);
    this.#thresholds.fill(0);
    this.#driveAll();
  }

  save(): PlicState {
    return (this.#saved ??= {
      levels: this.#levels.slice(),
      pending: this.#pending.slice(),
      claimed: this.#claimed.slice(),
      repeated: this.#repeated.slice(),
      priorities: this.#priorities.slice(),
      thresholds: this.#thresholds.slice(),
      enables: this.#enables.slice(),
    });
  }

  restore(state: PlicState): void {
    if (state !== this.#saved) {
      this.#levels.set(state.levels);
      this.#pending.set(state.pending);
      this.#claimed.set(state.claimed);
      this.#repeated.set(state.repeated);
      this.#priorities.set(state.priorities);
      this.#thresholds.set(state.thresholds);
      this.#enables.set(state.enables);
      this.#saved = state;
    }
    this.#driveAll();
  }

  /** The word of `#enables` at an offset, or `NONE`. */
  #enableIndex(offset: number): number {
    const number = (offset - ENABLE) >>> ENABLE_SHIFT;
    const word = ((offset - ENABLE) & ENABLE_MASK) >>> 2;
    return number < this.#contexts && word < WORDS ? number * WORDS + word : NONE;
  }

  /** Takes the most urgent pending source that the context has enabled, whatever its threshold (specification, chapter 8). */
  #claim(number: number): number {
    const source = this.#mostUrgent(number);
    if (source === 0) return 0;
    this.#saved = undefined;
    const word = source >>> 5;
    const bit = 1 << source;
    this.#pending[word]! &= ~bit;
    this.#claimed[word]! |= bit;
    this.#settle();
    return source;
  }

  /** A number that is no source, or one that the context has not enabled, is ignored (specification, chapter 9). */
  #complete(number: number, source: number): void {
    const word = source >>> 5;
    const bit = 1 << source;
    if (source > PLIC_LAST_SOURCE || (this.#enables[number * WORDS + word]! & bit) === 0) return;
    if ((this.#claimed[word]! & bit) === 0) return;
    this.#claimed[word]! &= ~bit;
    if (((this.#levels[word]! | this.#repeated[word]!) & bit) !== 0) this.#pending[word]! |= bit;
    this.#repeated[word]! &= ~bit;
  }

  /** Among equals the lowest number wins; 0 when no source of a priority above 0 is pending and enabled. */
  #mostUrgent(number: number): number {
    let best = 0;
    let bestPriority = 0;
    for (let word = 0; word < WORDS; word++) {
      let candidates = this.#pending[word]! & this.#enables[number * WORDS + word]!;
      while (candidates !== 0) {
        const bit = 31 - clz32(candidates & -candidates);
        candidates &= candidates - 1;
        const source = word * 32 + bit;
        if (this.#priorities[source]! > bestPriority) {
          best = source;
          bestPriority = this.#priorities[source]!;
        }
      }
    }
    return best;
  }

  /** Brings the lines into the harts up to date. */
  #settle(): void {
    for (let number = 0; number < this.#contexts; number++) {
      const level = this.#isInterrupted(number);
      if (level === this.#outputs[number]) continue;
      this.#drive(number, level);
      if (level === 1) this.#context.requestStop();
    }
  }

  #driveAll(): void {
    for (let number = 0; number < this.#contexts; number++) this.#drive(number, this.#isInterrupted(number));
  }

  #isInterrupted(number: number): 0 | 1 {
    return this.#priorities[this.#mostUrgent(number)]! > this.#thresholds[number]! ? 1 : 0;
  }

  #drive(number: number, level: 0 | 1): void {
    this.#outputs[number] = level;
    this.#context.setLine(number >>> 1, (number & 1) === 0 ? 'meip' : 'seip', level === 1);
  }
}

const NONE = -1;
const CONTEXT_SHIFT = 31 - clz32(threshold.stride);
const CONTEXT_MASK = threshold.stride - 1;
const ENABLE_SHIFT = 31 - clz32(enable.stride);
const ENABLE_MASK = enable.stride - 1;
