import { parseEncoding, type Encoding } from './encoding';
import { factsOf, type Facts } from './facts';
import type { CompressedRow, InstructionRow } from './row';
import { ATOMIC } from './rows/atomic';
import { BASE } from './rows/base';
import { ZBA, ZBB, ZBS } from './rows/bits';
import { COMPRESSED } from './rows/compressed';
import { DOUBLE_PRECISION, SINGLE_PRECISION } from './rows/float';
import { MULTIPLY } from './rows/multiply';
import { SYSTEM } from './rows/system';
import { Recorder, type Semantics } from './semantics';

/** An instruction of one XLEN, with all that follows from its row. */
export interface Instruction {
  /** Its place in the set. */
  readonly index: number;
  readonly name: string;
  readonly encoding: Encoding;
  readonly semantics: Semantics;
  readonly facts: Facts;
}

/** Where an operand of a compressed instruction's expansion comes from: a field of its own, or a constant. */
export type Source =
  | { readonly is: 'field'; readonly field: 'rd' | 'rs1' | 'rs2' | 'imm' }
  | { readonly is: 'constant'; readonly value: number };

export interface CompressedInstruction {
  readonly name: string;
  readonly encoding: Encoding;
  readonly expandsTo: Instruction;
  readonly operands: Readonly<Partial<Record<'rd' | 'rs1' | 'rs2' | 'imm', Source>>>;
}

export interface InstructionSet {
  readonly xlen: 32 | 64;
  readonly instructions: readonly Instruction[];
  readonly compressed: readonly CompressedInstruction[];
  readonly byName: ReadonlyMap<string, Instruction>;
  readonly compressedByName: ReadonlyMap<string, CompressedInstruction>;
}

const ROWS = [
  ...BASE,
  ...MULTIPLY,
  ...ATOMIC,
  ...SINGLE_PRECISION,
  ...DOUBLE_PRECISION,
  ...ZBA,
  ...ZBB,
  ...ZBS,
  ...SYSTEM,
];

/** What a program needs of an instruction is derived when it is asked for: few programs need half of them. */
class RowInstruction implements Instruction {
  readonly name: string;
  readonly encoding: Encoding;
  readonly #does: InstructionRow['does'];
  readonly #xlen: 32 | 64;
  #semantics: Semantics | undefined;
  #facts: Facts | undefined;

  constructor(
    readonly index: number,
    row: InstructionRow,
    xlen: 32 | 64,
  ) {
    this.#does = row.does;
    this.#xlen = xlen;
    this.name = row.name;
    this.encoding = parseEncoding(row.encoding, xlen);
  }

  get semantics(): Semantics {
    if (this.#semantics === undefined) {
      const recorder = new Recorder(this.#xlen);
      this.#does(recorder);
      this.#semantics = recorder.steps;
    }
    return this.#semantics;
  }

  get facts(): Facts {
    return (this.#facts ??= factsOf(this.semantics));
  }
}

const build = (xlen: 32 | 64): InstructionSet => {
  const isHere = (row: { readonly xlen?: 32 | 64 }) => row.xlen === undefined || row.xlen === xlen;
  const instructions = ROWS.filter(isHere).map((row, index) => new RowInstruction(index, row, xlen));
  const byName = new Map(instructions.map((instruction) => [instruction.name, instruction]));
  const compressed = COMPRESSED.filter(isHere).map((row) => expand(row, byName, xlen));
  const compressedByName = new Map(compressed.map((instruction) => [instruction.name, instruction]));
  return { xlen, instructions, compressed, byName, compressedByName };
};

function expand(
  row: CompressedRow,
  byName: ReadonlyMap<string, Instruction>,
  xlen: 32 | 64,
): CompressedInstruction {
  const [name, ...texts] = row.expansion.split(' ');
  const expandsTo = byName.get(name!);
  if (expandsTo === undefined) throw new Error(`${row.name} expands to ${name}, which is no instruction`);
  const { operands: registers, immediate } = expandsTo.encoding;
  const slots = (['rd', 'rs1', 'rs2'] as const).filter((slot) =>
    registers.some(({ field }) => field === slot),
  );
  const places = immediate === undefined ? slots : [...slots, 'imm' as const];
  if (places.length !== texts.length) throw new Error(`${row.name} gives ${name} ${texts.length} operands`);
  const operands = Object.fromEntries(places.map((place, at) => [place, sourceOf(texts[at]!)]));
  return { name: row.name, encoding: parseEncoding(row.encoding, xlen), expandsTo, operands };
}

function sourceOf(text: string): Source {
  const constant = /^x?(\d+)$/.exec(text);
  if (constant !== null) return { is: 'constant', value: Number(constant[1]) };
  return { is: 'field', field: text.replace("'", '') as 'rd' | 'rs1' | 'rs2' | 'imm' };
}

const sets = new Map<32 | 64, InstructionSet>();

/** The instructions of RV32 or RV64, built on first use. */
export function instructionSet(xlen: 32 | 64): InstructionSet {
  let set = sets.get(xlen);
  if (set === undefined) sets.set(xlen, (set = build(xlen)));
  return set;
}
