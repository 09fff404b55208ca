/**
 * One byte for each line of 64 bytes of RAM: not 0 where a store of up to 8 bytes that begins in the line may hit an
 * instruction that somebody decoded. Finer than the flags of pages, so that data beside code is written at full speed.
 * A line is one no longer once nothing in its reach is decoded: data that a guest once ran into, by a fault or by design,
 * is data again as soon as it is written.
 */
import { RECORD_SCALE } from './records';

export const CODE_LINE_SHIFT = 6;

export const CODE_LINE_SIZE = 1 << CODE_LINE_SHIFT;
/** Bytes that one store writes, at most. */
export const MOST_STORED = 8;
/** How far before a line an instruction may begin that ends in it. */
const INSTRUCTION_REACH = 2;

export const codeLinesSize = (ramSize: number): number => ramSize >>> CODE_LINE_SHIFT;

export class CodeLines {
  readonly #bytes: Uint8Array;
  readonly #halfwords: Uint16Array;

  /** @param lines where they lie, @param records where those of RAM do; linear addresses both */
  constructor(
    bytes: Uint8Array,
    readonly lines: number,
    readonly records: number,
    readonly ramCapacity: number,
  ) {
    this.#bytes = bytes;
    this.#halfwords = new Uint16Array(bytes.buffer);
  }

  /** Marks the lines in which a store may begin that hits the instruction of this length at an offset into RAM. */
  mark(offset: number, length: number): void {
    const first = Math.max(offset - MOST_STORED + 1, 0) >>> CODE_LINE_SHIFT;
    const last = (offset + length - 1) >>> CODE_LINE_SHIFT;
    for (let line = first; line <= last; line++) this.#bytes[this.lines + line] = 1;
  }

  /** Instructions that began in [start, end), offsets into RAM, are decoded no longer. */
  settle(start: number, end: number): void {
    const last = Math.min(end + INSTRUCTION_REACH, this.ramCapacity - 1) >>> CODE_LINE_SHIFT;
    for (let line = Math.max(start - MOST_STORED + 1, 0) >>> CODE_LINE_SHIFT; line <= last; line++) {
      if (this.#bytes[this.lines + line] === 0) continue;
      const from = line << CODE_LINE_SHIFT;
      if (!this.areDecoded(from - INSTRUCTION_REACH, from + CODE_LINE_SIZE + MOST_STORED - 1))
        this.#bytes[this.lines + line] = 0;
    }
  }

  /** Whether any instruction is decoded that begins in [start, end), offsets into RAM. */
  areDecoded(start: number, end: number): boolean {
    const stop = Math.min(end, this.ramCapacity);
    for (let at = Math.max(start, 0); at < stop; at += 2)
      if (this.#halfwords[(this.records + at * RECORD_SCALE) >>> 1] !== 0) return true;
    return false;
  }

  /** Forgets what is left of records of instructions in [start, end), so that nothing of them has to be cleared. */
  wipe(start: number, end: number): void {
    this.#bytes.fill(0, this.records + start * RECORD_SCALE, this.records + end * RECORD_SCALE);
  }
}
