import type { Recorder } from './semantics';

/** One instruction: name, encoding line (encoding.ts), and what it does (semantics.ts). */
export interface InstructionRow {
  readonly name: string;
  readonly encoding: string;
  readonly does: (s: Recorder) => void;
  /** Only where registers are this wide. */
  readonly xlen?: 32 | 64;
}

/**
 * A compressed instruction: nothing but a short form of another, written as `addi rd rd imm` with its own fields,
 * fixed registers (`x2`) or numbers in the places of the other's rd, rs1, rs2 and immediate, in this order.
 */
export interface CompressedRow {
  readonly name: string;
  readonly encoding: string;
  readonly expansion: string;
  readonly xlen?: 32 | 64;
}

export const insn = (
  name: string,
  encoding: string,
  does: (s: Recorder) => void,
  xlen?: 32 | 64,
): InstructionRow => (xlen === undefined ? { name, encoding, does } : { name, encoding, does, xlen });

export const compressed = (
  name: string,
  encoding: string,
  expansion: string,
  xlen?: 32 | 64,
): CompressedRow =>
  xlen === undefined ? { name, encoding, expansion } : { name, encoding, expansion, xlen };
