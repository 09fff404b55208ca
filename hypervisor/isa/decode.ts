import { readImmediate, readOperand, type Encoding } from './encoding';
import { instructionSet, type CompressedInstruction, type Instruction, type Source } from './instruction-set';

/**
 * A decoded instruction. One object is used again and again, since decoding happens in bulk: `instruction` is undefined
 * for an illegal encoding.
 */
export class Decoded {
  instruction: Instruction | undefined = undefined;
  /** The short form it came in, if it did. */
  compressed: CompressedInstruction | undefined = undefined;
  /** The encoding: 16 bits of a compressed instruction. Unsigned. */
  bits = 0;
  length: 2 | 4 = 4;
  rd = 0;
  rs1 = 0;
  rs2 = 0;
  rs3 = 0;
  /** The rounding mode of the encoding. */
  rm = 0;
  /** int32. */
  imm = 0;
  csr = 0;
}

const COMPRESSED_BUCKETS = 32;
const BUCKETS = 256;

/** Decodes the instructions of one XLEN. */
export class Decoder {
  readonly #buckets: Buckets<Instruction>;
  readonly #compressedBuckets: Buckets<CompressedInstruction>;

  constructor(xlen: 32 | 64) {
    const set = instructionSet(xlen);
    this.#buckets = new Buckets(set.instructions, BUCKETS, bucketBits);
    this.#compressedBuckets = new Buckets(set.compressed, COMPRESSED_BUCKETS, compressedBucketBits);
  }

  /**
   * Decodes an encoding: the halfword at an address and the one after it as one number, of which a compressed
   * instruction uses the lower half.
   */
  decode(bits: number, into: Decoded): Decoded {
    return (bits & 3) === 3 ? this.#decodeFull(bits, into) : this.#decodeCompressed(bits & 0xffff, into);
  }

  #decodeFull(bits: number, into: Decoded): Decoded {
    into.bits = bits >>> 0;
    into.length = 4;
    into.compressed = undefined;
    into.instruction = undefined;
    for (const instruction of this.#buckets.get(bucketOf(bits))) {
      const { encoding } = instruction;
      if ((bits & encoding.mask) !== encoding.match) continue;
      into.rd = into.rs1 = into.rs2 = into.rs3 = into.rm = into.csr = 0;
      if (!readOperands(encoding, bits, into)) continue;
      into.instruction = instruction;
      into.imm = encoding.immediate === undefined ? 0 : readImmediate(encoding.immediate, bits);
      break;
    }
    return into;
  }

  #decodeCompressed(bits: number, into: Decoded): Decoded {
    into.bits = bits;
    into.length = 2;
    into.compressed = undefined;
    into.instruction = undefined;
    for (const compressed of this.#compressedBuckets.get(compressedBucketOf(bits))) {
      const { encoding, operands } = compressed;
      if ((bits & encoding.mask) !== encoding.match) continue;
      if (!readOperands(encoding, bits, into)) continue;
      const { immediate } = encoding;
      into.imm = immediate === undefined ? 0 : readImmediate(immediate, bits);
      if (into.imm === 0 && immediate?.nonZero === true) continue;
      const rd = resolve(operands.rd, into);
      const rs1 = resolve(operands.rs1, into);
      const rs2 = resolve(operands.rs2, into);
      into.imm = resolve(operands.imm, into);
      into.rd = rd;
      into.rs1 = rs1;
      into.rs2 = rs2;
      into.rs3 = into.rm = into.csr = 0;
      into.compressed = compressed;
      into.instruction = compressed.expandsTo;
      break;
    }
    return into;
  }
}

/** Reads registers and csr; false if one of them is a number that the encoding excludes. */
function readOperands(encoding: Encoding, bits: number, into: Decoded): boolean {
  for (const operand of encoding.operands) {
    const value = readOperand(operand, bits);
    if (operand.excluded.length > 0 && operand.excluded.includes(value)) return false;
    switch (operand.field) {
      case 'rd':
        into.rd = value;
        break;
      case 'rs1':
        into.rs1 = value;
        break;
      case 'rs2':
        into.rs2 = value;
        break;
      case 'rs3':
        into.rs3 = value;
        break;
      case 'rm':
        into.rm = value;
        break;
      case 'csr':
        into.csr = value;
        break;
      default:
        // Ordering bits and a fence's sets change nothing here.
        break;
    }
  }
  return true;
}

function resolve(source: Source | undefined, { rd, rs1, rs2, imm }: Decoded): number {
  if (source === undefined) return 0;
  if (source.is === 'constant') return source.value;
  return source.field === 'rd' ? rd : source.field === 'rs1' ? rs1 : source.field === 'rs2' ? rs2 : imm;
}

/** Opcode and funct3 of a full instruction; quadrant and funct3 of a compressed one. */
const bucketOf = (bits: number): number => ((bits >>> 2) & 0x1f) | ((bits >>> 7) & 0xe0);
const compressedBucketOf = (bits: number): number => (bits & 3) | ((bits >>> 11) & 0x1c);
const bucketBits = (bucket: number): number => ((bucket & 0x1f) << 2) | ((bucket & 0xe0) << 7) | 3;
const compressedBucketBits = (bucket: number): number => (bucket & 3) | ((bucket & 0x1c) << 11);

/** Rows by some of their bits; what a bucket holds is found out when it is asked for, since programs use few of them. */
class Buckets<Row extends { readonly encoding: Encoding }> {
  readonly #rows: readonly Row[];
  readonly #filled: (readonly Row[] | undefined)[];
  readonly #bitsOf: (bucket: number) => number;

  constructor(rows: readonly Row[], count: number, bitsOf: (bucket: number) => number) {
    this.#rows = rows;
    this.#filled = Array<undefined>(count).fill(undefined);
    this.#bitsOf = bitsOf;
  }

  /** The rows whose pattern does not contradict it, in their order. */
  get(bucket: number): readonly Row[] {
    return (this.#filled[bucket] ??= this.#fill(bucket));
  }

  #fill(bucket: number): readonly Row[] {
    const bits = this.#bitsOf(bucket);
    const all = this.#bitsOf(this.#filled.length - 1);
    return this.#rows.filter(({ encoding: { mask, match } }) => ((bits ^ match) & mask & all) === 0);
  }
}

const decoders = new Map<32 | 64, Decoder>();

/** The decoder of RV32 or RV64. */
export function decoderOf(xlen: 32 | 64): Decoder {
  let decoder = decoders.get(xlen);
  if (decoder === undefined) decoders.set(xlen, (decoder = new Decoder(xlen)));
  return decoder;
}
