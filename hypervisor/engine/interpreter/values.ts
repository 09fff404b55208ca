import { F_REGISTERS, X_REGISTERS } from '../../hart/layout';
import type { Facts } from '../../isa/facts';
import {
  operandsOf,
  type Binary,
  type Comparison,
  type Semantics,
  type Step,
  type Value,
} from '../../isa/semantics';
import { type Arithmetic, type Compare, I32, I64, Op, type WasmType } from '../wasm/opcodes';
import { emitFloat, type FloatTarget } from '../float/emit';
import type { Local } from '../wasm/code';
import type { Frame } from './frame';

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

const BINARY: Partial<Record<Binary, keyof typeof Arithmetic>> = {
  add: 'add',
  sub: 'sub',
  and: 'and',
  or: 'or',
  xor: 'xor',
  shl: 'shl',
  shru: 'shrU',
  shrs: 'shrS',
  rotl: 'rotl',
  rotr: 'rotr',
  mul: 'mul',
};
const DIVISIONS: Partial<
  Record<
    Binary,
    { readonly native: keyof typeof Arithmetic; readonly signed: boolean; readonly quotient: boolean }
  >
> = {
  div: { native: 'divS', signed: true, quotient: true },
  divu: { native: 'divU', signed: false, quotient: true },
  rem: { native: 'remS', signed: true, quotient: false },
  remu: { native: 'remU', signed: false, quotient: false },
};
const COMPARISON: Record<Comparison, keyof typeof Compare> = {
  eq: 'eq',
  ne: 'ne',
  lt: 'ltS',
  ltu: 'ltU',
  ge: 'geS',
  geu: 'geU',
};

/** The bits of a boxed single that are not its own, and what is read where they are not all ones. */
const BOX = -1n << 32n;
const CANONICAL_NAN = 0x7fc00000;

/** Writes the code of one instruction's values; a value that is used twice is computed once. */
export class Values {
  readonly #uses = new Map<unknown, number>();
  readonly #locals = new Map<unknown, Local>();
  readonly #places: ReturnType<typeof placesOf>;

  constructor(
    readonly frame: Frame,
    semantics: Semantics,
    facts: Facts,
    readonly length: 2 | 4,
    /** Where the instruction has a floating-point operation: what that needs. */
    readonly float?: FloatTarget,
  ) {
    this.#places = placesOf(facts);
    const count = (node: Value | Step): void => {
      for (const operand of operandsOf(node)) {
        const key = keyOf(operand);
        const uses = this.#uses.get(key) ?? 0;
        this.#uses.set(key, uses + 1);
        // Memory accesses are steps of their own and counted as such.
        if (uses === 0 && !('address' in operand)) count(operand);
      }
    };
    semantics.forEach(count);
  }

  /** Declares that a value is in a local: the results of memory accesses. */
  define(value: Value, local: Local): void {
    this.#locals.set(value, local);
  }

  typeOf(value: Value): WasmType {
    return value.type === 'x' ? this.frame.xType : value.type === 'd' ? I64 : I32;
  }

  /** Computes a value into a local. */
  local(value: Value): Local {
    const known = this.#locals.get(keyOf(value));
    if (known !== undefined) return known;
    const local = this.frame.scratch(this.typeOf(value));
    this.#compute(value);
    this.frame.code.set(local);
    this.#locals.set(keyOf(value), local);
    return local;
  }

  /** Leaves a value on the stack. */
  push(value: Value): void {
    const { code } = this.frame;
    const key = keyOf(value);
    const known = this.#locals.get(key);
    if (known !== undefined) {
      code.get(known);
      return;
    }
    this.#compute(value);
    if (this.#uses.get(key)! > 1) {
      const local = this.frame.scratch(this.typeOf(value));
      code.tee(local);
      this.#locals.set(key, local);
    }
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

  #compute(value: Value): void {
    const { code, xType, record } = this.frame;
    switch (value.op) {
      case 'rs1':
      case 'rs2':
        this.pushRegister(this.#places[value.op]);
        code.access(xType === I32 ? Op.i32Load : Op.i64Load, X_REGISTERS);
        break;
      case 'fs1':
      case 'fs2':
      case 'fs3':
        this.pushFloatRegister(this.#places[value.op]);
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
        break;
      case 'constant':
        code.constant(this.typeOf(value), value.value);
        break;
      case 'repeat': {
        let pattern = 0n;
        for (let at = 0; at < 64; at += value.width) pattern |= BigInt(value.value) << BigInt(at);
        if (xType === I32) code.i32(Number(BigInt.asIntN(32, pattern)));
        else code.i64(pattern);
        break;
      }
      case 'low':
        this.#low(value.a);
        break;
      case 'asDouble':
      case 'fromDouble':
        this.push(value.a);
        break;
      case 'box':
        this.push(value.a);
        code.op(Op.i64ExtendI32U);
        code.i64(BOX);
        code.arithmetic(I64, 'or');
        break;
      case 'unbox': {
        const boxed = this.local(value.a);
        code.get(boxed);
        code.op(Op.i32WrapI64);
        code.i32(CANONICAL_NAN);
        code.get(boxed);
        code.i64(BOX);
        code.compare(I64, 'geU');
        code.op(Op.select);
        break;
      }
      case 'float': {
        const operands = value.operands.map((operand) => this.local(operand));
        code.get(emitFloat(this.float!, value.does, operands));
        break;
      }
      case 'signExtend':
      case 'zeroExtend':
      case 'fromTruth':
        this.push(value.a);
        if (xType === I64) code.op(value.op === 'signExtend' ? Op.i64ExtendI32S : Op.i64ExtendI32U);
        break;
      case 'select':
        this.push(value.a);
        this.push(value.b);
        this.push(value.condition);
        code.op(Op.select);
        break;
      case 'clz':
      case 'ctz':
      case 'popcount':
        this.push(value.a);
        code.arithmetic(this.typeOf(value), value.op === 'popcount' ? 'popcnt' : value.op);
        break;
      case 'extend8':
      case 'extend16': {
        this.push(value.a);
        const [narrow, wide] =
          value.op === 'extend8' ? [Op.i32Extend8S, Op.i64Extend8S] : [Op.i32Extend16S, Op.i64Extend16S];
        code.op(this.typeOf(value) === I32 ? narrow : wide);
        break;
      }
      case 'eq':
      case 'ne':
      case 'lt':
      case 'ltu':
      case 'ge':
      case 'geu':
        this.push(value.a);
        this.push(value.b);
        code.compare(this.typeOf(value.a), COMPARISON[value.op]);
        break;
      case 'load':
      case 'atomicLoad':
      case 'loadReserved':
      case 'storeConditional':
        throw new Error(`the result of ${value.op} used before its step`);
      default:
        this.#binary(value.op, value.a, value.b);
    }
  }

  /** The low half of a register is read as such. */
  #low(value: Value): void {
    const { code, record } = this.frame;
    const isWide = this.typeOf(value) === I64;
    if (isWide && !this.#locals.has(keyOf(value)) && this.#uses.get(keyOf(value)) === 1) {
      if (value.op === 'rs1' || value.op === 'rs2') {
        this.pushRegister(this.#places[value.op]);
        code.access(Op.i32Load, X_REGISTERS);
        return;
      }
      if (value.op === 'imm') {
        code.get(record);
        code.access(Op.i32Load, RecordField.c);
        return;
      }
    }
    this.push(value);
    if (isWide) code.op(Op.i32WrapI64);
  }

  #binary(op: Binary, a: Value, b: Value): void {
    const { code } = this.frame;
    const type = this.typeOf(a);
    const simple = BINARY[op];
    const division = DIVISIONS[op];
    if (simple !== undefined) {
      this.push(a);
      this.push(b);
      code.arithmetic(type, simple);
    } else if (division !== undefined) {
      this.#divide(type, division, this.local(a), this.local(b));
    } else if (type === I32) {
      this.push(a);
      code.op(op === 'mulhu' ? Op.i64ExtendI32U : Op.i64ExtendI32S);
      this.push(b);
      code.op(op === 'mulhs' ? Op.i64ExtendI32S : Op.i64ExtendI32U);
      code.arithmetic(I64, 'mul');
      code.i64(32n);
      code.arithmetic(I64, 'shrU');
      code.op(Op.i32WrapI64);
    } else {
      this.#multiplyHigh(op, this.local(a), this.local(b));
    }
  }

  /** The signed product's high half is the unsigned one's, less the other operand for each negative one. */
  #multiplyHigh(op: Binary, a: Local, b: Local): void {
    const { code, helpers } = this.frame;
    const correct = (signed: Local, other: Local): void => {
      code.get(signed);
      code.i64(63n);
      code.arithmetic(I64, 'shrS');
      code.get(other);
      code.arithmetic(I64, 'and');
      code.arithmetic(I64, 'sub');
    };
    code.get(a);
    code.get(b);
    code.call(helpers.mulhu);
    if (op !== 'mulhu') correct(a, b);
    if (op === 'mulhs') correct(b, a);
  }

  /** Division is total: by zero gives all ones and the dividend; the overflow -2^n / -1 is a negation. */
  #divide(
    type: WasmType,
    how: { native: keyof typeof Arithmetic; signed: boolean; quotient: boolean },
    a: Local,
    b: Local,
  ): void {
    const { code } = this.frame;
    code.get(b);
    if (how.signed) {
      code.constant(type, 1);
      code.arithmetic(type, 'add');
      code.constant(type, 1);
      code.compare(type, 'leU');
    } else {
      code.isZero(type);
    }
    code.if(type);
    if (how.quotient) code.constant(type, -1);
    else code.get(a);
    if (how.signed) {
      code.constant(type, 0);
      if (how.quotient) {
        code.get(a);
        code.arithmetic(type, 'sub');
      }
      code.get(b);
      code.isZero(type);
      code.op(Op.select);
    }
    code.else();
    code.get(a);
    code.get(b);
    code.arithmetic(type, how.native);
    code.end();
  }
}

/** Leaves are the same wherever they are mentioned, other values are what was recorded. */
function keyOf(value: Value): unknown {
  const isLeaf =
    value.op === 'rs1' ||
    value.op === 'rs2' ||
    value.op === 'fs1' ||
    value.op === 'fs2' ||
    value.op === 'fs3' ||
    value.op === 'imm' ||
    value.op === 'pc' ||
    value.op === 'next';
  return isLeaf ? value.op : value;
}
