/** Views on a hart's block: registers, pc and mode, as u32 halves. The hot paths of the hart are made of these. */
import {
  CSRS,
  CYCLES_LEFT,
  DATA_BANK,
  F_REGISTERS,
  FETCH_LIMIT,
  FLOAT_OPERANDS,
  FLOAT_RESULT,
  HART_BLOCK_SIZE,
  PC,
  RAM_BASE,
  RAM_RECORDS,
  RESERVATION_VALID,
  TRAP_CAUSE,
  X_REGISTERS,
  X_SINK,
} from './layout';
import type { Mode } from './mode';
import { Slot, SLOT_COUNT } from './csr-slots';
import { highOf, lowOf, wide } from './wide';

const PC_LOW = PC >> 2;
const PC_HIGH = PC_LOW + 1;
const X_FIRST = X_REGISTERS >> 2;
const MODE = (CSRS >> 2) + 2 * Slot.mode;
const TWO_TO_32 = 0x100000000;
/** Nothing of the block lies behind it. */
const END = CSRS + 8 * SLOT_COUNT;
/** Words of a copy of a hart's state. */
export const STATE_WORDS = END >> 2;

/** Fields of the block by which engines and the hart talk while a guest runs: [first byte, end]. */
const SCRATCH: readonly (readonly [number, number])[] = [
  [CYCLES_LEFT, RAM_BASE],
  [TRAP_CAUSE, RAM_RECORDS],
  [DATA_BANK, FETCH_LIMIT + 4],
  [FLOAT_OPERANDS, FLOAT_RESULT + 8],
];

/** Everything else of the block that may differ, as words: [first, end]. */
const LASTING: readonly (readonly [number, number])[] = SCRATCH.map(([, end], at) => [
  end >> 2,
  (SCRATCH[at + 1]?.[0] ?? END) >> 2,
]);

/** Numbers of registers beyond x0 to x31, as debuggers count them. */
export const PC_REGISTER = 32;
const F0_REGISTER = 33;

export class Registers {
  /** The whole block. */
  readonly words: Uint32Array;
  /** f registers, two words each. */
  readonly float: Uint32Array;
  /** 1 on RV64, where x registers are pairs of words. */
  readonly #shift: 0 | 1;

  constructor(
    readonly xlen: 32 | 64,
    buffer: ArrayBufferLike,
    block: number,
  ) {
    this.words = new Uint32Array(buffer, block, HART_BLOCK_SIZE / 4);
    this.float = new Uint32Array(buffer, block + F_REGISTERS, 64);
    this.#shift = xlen === 64 ? 1 : 0;
  }

  low(register: number): number {
    return this.words[X_FIRST + (register << this.#shift)]!;
  }

  high(register: number): number {
    return this.#shift === 0 ? 0 : this.words[X_FIRST + (register << 1) + 1]!;
  }

  /** Writes to x0 are ignored. */
  set(register: number, low: number, high: number): void {
    if (register === 0) return;
    this.words[X_FIRST + (register << this.#shift)] = low;
    if (this.#shift === 1) this.words[X_FIRST + (register << 1) + 1] = high;
  }

  /** All registers are 0, and nothing is reserved. */
  clear(): void {
    for (let register = 1; register < PC_REGISTER; register++) this.set(register, 0, 0);
    this.float.fill(0);
    this.dropReservation();
  }

  /** The next store-conditional fails. */
  dropReservation(): void {
    this.words[RESERVATION_VALID >> 2] = 0;
  }

  /** Sets an x register other than x0 to a whole number, negative ones in two's complement. */
  setNumber(register: number, value: number): void {
    const { words } = this;
    const at = X_FIRST + (register << this.#shift);
    words[at] = value;
    if (this.#shift === 1) words[at + 1] = Math.floor(value / TWO_TO_32);
  }

  /** An x or f register by its number, for people and tests. */
  read(register: number): bigint {
    if (register < PC_REGISTER) return wide(this.low(register), this.high(register));
    const at = 2 * (register - F0_REGISTER);
    return wide(this.float[at]!, this.float[at + 1]!);
  }

  write(register: number, value: bigint): void {
    if (register < PC_REGISTER) this.set(register, lowOf(value), highOf(value));
    else this.float.set([lowOf(value), highOf(value)], 2 * (register - F0_REGISTER));
  }

  get pcLow(): number {
    return this.words[PC_LOW]!;
  }

  get pcHigh(): number {
    return this.words[PC_HIGH]!;
  }

  setPc(low: number, high: number): void {
    this.words[PC_LOW] = low;
    this.words[PC_HIGH] = this.#shift === 1 ? high : 0;
  }

  /** Advances the pc by a few bytes, modulo 2^XLEN. */
  advancePc(bytes: number): void {
    const { words } = this;
    const low = words[PC_LOW]! + bytes;
    words[PC_LOW] = low;
    if (low >= TWO_TO_32 && this.#shift === 1) words[PC_HIGH] = words[PC_HIGH]! + 1;
  }

  /** The pc as a number: exact below 2^53, and beyond every window of memory above. */
  get pcNumber(): number {
    return this.words[PC_HIGH]! * TWO_TO_32 + this.words[PC_LOW]!;
  }

  /**
   * Clears what of the block is no state but says how an engine got there, so that the same state is the same bytes. The
   * hart must be told its contexts again before it runs.
   */
  clearScratch(): void {
    for (const [first, end] of SCRATCH) this.words.fill(0, first >> 2, end >> 2);
    const sink = X_FIRST + (X_SINK << this.#shift);
    this.words.fill(0, sink, sink + 1 + this.#shift);
  }

  copyState(copy: Uint32Array): void {
    for (let at = 0; at < STATE_WORDS; at++) copy[at] = this.words[at]!;
  }

  /**
   * X registers that are not what they were when this copy was made, a bit each; `undefined` where anything else of the
   * hart's state is not.
   */
  grown(copy: Uint32Array): number | undefined {
    let grown = 0;
    for (let register = 1; register < X_SINK; register++) {
      const at = X_FIRST + (register << this.#shift);
      if (this.words[at] === copy[at] && this.words[at + this.#shift] === copy[at + this.#shift]) continue;
      grown |= 1 << register;
      // Whoever compares the rest is to find them the same.
      copy[at] = this.words[at]!;
      copy[at + this.#shift] = this.words[at + this.#shift]!;
    }
    return this.isLike(copy) ? grown : undefined;
  }

  /** Whether the hart is in the state that it was in when this copy was made. */
  isLike(copy: Uint32Array): boolean {
    const { words } = this;
    // A sink is written to and never read.
    const sink = X_FIRST + (X_SINK << this.#shift);
    for (let at = PC_LOW + 1; at >= 0; at--)
      if (words[at] !== copy[at] && at !== sink && at !== sink + this.#shift) return false;
    for (const [first, end] of LASTING)
      for (let at = first; at < end; at++) if (words[at] !== copy[at]) return false;
    return true;
  }

  get mode(): Mode {
    return this.words[MODE] as Mode;
  }

  set mode(mode: Mode) {
    this.words[MODE] = mode;
  }
}
