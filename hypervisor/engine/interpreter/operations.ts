import { instructionSet, type Instruction } from '../../isa/instruction-set';

/** Operations of records that are no instructions. Zero is what memory holds where nothing is decoded. */
export const Special = { undecoded: 0, illegal: 1, system: 2, breakpoint: 3 } as const;
const FIRST_INSTRUCTION = 4;

/**
 * One instruction in one length, so that the advance is a constant. `far`: a branch whose target is outside of the
 * window that records exist for.
 */
export interface Variant {
  readonly instruction: Instruction;
  readonly length: 2 | 4;
  readonly far: boolean;
}

/** The operations that an interpreter's records name. */
export interface Operations {
  /** By operation minus `first`. */
  readonly variants: readonly Variant[];
  readonly first: number;
  /** The first so many variants are those of two bytes. */
  readonly shortCount: number;
  /** The operation of an instruction: `numbers[instruction.index * 4 + (length is 2 ? 1 : 0) + (far ? 2 : 0)]`. */
  readonly numbers: Uint16Array;
}

const build = (xlen: 32 | 64): Operations => {
  const { instructions, compressed } = instructionSet(xlen);
  const short = new Set(compressed.map(({ expandsTo }) => expandsTo));
  const variants = instructions
    .filter(({ facts }) => facts.system === undefined)
    .flatMap((instruction): Variant[] => {
      const lengths = short.has(instruction) ? ([4, 2] as const) : ([4] as const);
      const reaches = instruction.facts.branches === 'never' ? [false] : [false, true];
      return lengths.flatMap((length) => reaches.map((far) => ({ instruction, length, far })));
    })
    .sort((a, b) => a.length - b.length);
  const shortCount = variants.filter(({ length }) => length === 2).length;
  const numbers = new Uint16Array(instructions.length * 4).fill(Special.system);
  variants.forEach((variant, at) => {
    numbers[numberIndex(variant.instruction, variant.length, variant.far)] = FIRST_INSTRUCTION + at;
  });
  return { variants, first: FIRST_INSTRUCTION, shortCount, numbers };
};

export const numberIndex = (instruction: Instruction, length: 2 | 4, far: boolean): number =>
  instruction.index * 4 + (length === 2 ? 1 : 0) + (far ? 2 : 0);

const tables = new Map<32 | 64, Operations>();

export function operationsOf(xlen: 32 | 64): Operations {
  let operations = tables.get(xlen);
  if (operations === undefined) tables.set(xlen, (operations = build(xlen)));
  return operations;
}
