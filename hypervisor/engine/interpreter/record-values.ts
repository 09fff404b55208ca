import { F_REGISTERS, X_REGISTERS } from '../../hart/layout';
import type { Facts } from '../../isa/facts';
import type { FloatLeaf, Leaf, Semantics } from '../../isa/semantics';
import type { FloatTarget } from '../float/emit';
import { I32, I64, Op } from '../wasm/opcodes';
import type { Frame } from './frame';
import { Values } from './values';

/**
 * Fields of a record: u16 operation, u8 a, u8 b, i32 c. In place of c, instructions with f registers have u8 fs2 if
 * they write a register, u8 fs3, and u16 of their rounding mode (float/control.ts).
 */
export const RecordField = { operation: 0, a: 2, b: 3, c: 4, fs3: 5, rounding: 6 } as const;
export type Place = 'a' | 'b' | 'c';

/** Which field of a record holds which operand; the decoder fills them in by the same rule. */
export function placesOf({ writesRd, writesFd }: Facts): {
  readonly rd: 'a';
  readonly rs1: 'b';
  readonly rs2: 'a' | 'c';
  readonly fs1: 'b';
  readonly fs2: 'a' | 'c';
  readonly fs3: 'fs3';
  readonly imm: 'c';
} {
  const second = writesRd || writesFd ? 'c' : 'a';
  return { rd: 'a', rs1: 'b', rs2: second, fs1: 'b', fs2: second, fs3: 'fs3', imm: 'c' };
}

/** Values of an instruction whose operands are in the current record. */
export class RecordValues extends Values {
  readonly #places: ReturnType<typeof placesOf>;

  constructor(
    readonly frame: Frame,
    semantics: Semantics,
    facts: Facts,
    readonly length: 2 | 4,
    float?: FloatTarget,
  ) {
    super(frame, semantics, float);
    this.#places = placesOf(facts);
  }

  /** Leaves the linear address of a register on the stack. */
  pushRegister(place: Place): void {
    const { code, record, hart, xlen } = this.frame;
    code.get(record);
    code.access(place === 'c' ? Op.i32Load : Op.i32Load8U, RecordField[place]);
    code.i32(xlen === 32 ? 2 : 3);
    code.arithmetic(I32, 'shl');
    code.get(hart);
    code.arithmetic(I32, 'add');
  }

  /** Leaves the linear address of an f register, less F_REGISTERS, on the stack. */
  pushFloatRegister(field: 'a' | 'b' | 'c' | 'fs3'): void {
    const { code, record, hart } = this.frame;
    code.get(record);
    code.access(Op.i32Load8U, RecordField[field]);
    code.i32(3);
    code.arithmetic(I32, 'shl');
    code.get(hart);
    code.arithmetic(I32, 'add');
  }

  /** Leaves the address of this instruction, plus some bytes, on the stack. */
  pushPc(plus: number): void {
    const { code, record, fetchRecords, fetchBase, xType } = this.frame;
    code.get(record);
    code.get(fetchRecords);
    code.arithmetic(I32, 'sub');
    code.i32(2);
    code.arithmetic(I32, 'shrU');
    if (xType === I64) code.op(Op.i64ExtendI32U);
    code.get(fetchBase);
    code.arithmetic(xType, 'add');
    if (plus === 0) return;
    code.constant(xType, plus);
    code.arithmetic(xType, 'add');
  }

  protected pushLeaf(leaf: Leaf | FloatLeaf): void {
    const { code, xType, record } = this.frame;
    switch (leaf) {
      case 'rs1':
      case 'rs2':
        this.pushRegister(this.#places[leaf]);
        code.access(xType === I32 ? Op.i32Load : Op.i64Load, X_REGISTERS);
        break;
      case 'fs1':
      case 'fs2':
      case 'fs3':
        this.pushFloatRegister(this.#places[leaf]);
        code.access(Op.i64Load, F_REGISTERS);
        break;
      case 'imm':
        code.get(record);
        code.access(xType === I32 ? Op.i32Load : Op.i64Load32S, RecordField.c);
        break;
      case 'pc':
        this.pushPc(0);
        break;
      case 'next':
        this.pushPc(this.length);
    }
  }

  protected pushLowOfLeaf(leaf: Leaf | FloatLeaf): boolean {
    const { code, record } = this.frame;
    if (leaf === 'rs1' || leaf === 'rs2') {
      this.pushRegister(this.#places[leaf]);
      code.access(Op.i32Load, X_REGISTERS);
      return true;
    }
    if (leaf !== 'imm') return false;
    code.get(record);
    code.access(Op.i32Load, RecordField.c);
    return true;
  }
}
