import { writeImmediate, writeOperand, type Encoding } from './encoding';
import { instructionSet } from './instruction-set';

/** Operands by field; those that an instruction has and that are missing are 0. */
export interface Operands {
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  readonly rs3?: number;
  /** The rounding mode; 7 takes it from frm. */
  readonly rm?: number;
  /** The immediate's value, as an int32. */
  readonly imm?: number;
  readonly csr?: number;
  readonly aq?: number;
  readonly rl?: number;
}

/**
 * The encoding of an instruction (`addi`, `c.lw`), unsigned.
 * @throws if there is no such instruction, or it cannot have an operand of this value.
 */
export function encode(xlen: 32 | 64, name: string, operands: Operands = {}): number {
  const set = instructionSet(xlen);
  const encoding = set.byName.get(name)?.encoding ?? set.compressedByName.get(name)?.encoding;
  if (encoding === undefined) throw new Error(`RV${xlen} has no instruction "${name}"`);
  return encodeAs(encoding, name, operands);
}

function encodeAs(encoding: Encoding, name: string, operands: Operands): number {
  let bits = encoding.match;
  for (const operand of encoding.operands) {
    const value = operands[operand.field as keyof Operands] ?? operand.bias;
    const field = writeOperand(operand, value);
    if (field === undefined) throw new Error(`${name} cannot have ${operand.field} = ${value}`);
    bits |= field;
  }
  if (encoding.immediate !== undefined) {
    const field = writeImmediate(encoding.immediate, operands.imm ?? 0);
    if (field === undefined || (field & encoding.mask) !== 0) {
      throw new Error(`${name} cannot have the immediate ${operands.imm ?? 0}`);
    }
    bits |= field;
  }
  return encoding.length === 4 ? bits >>> 0 : bits & 0xffff;
}
