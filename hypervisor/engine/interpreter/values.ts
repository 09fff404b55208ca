import {
  operandsOf,
  type Binary,
  type Comparison,
  type FloatLeaf,
  type FloatValue,
  type Leaf,
  type Semantics,
  type Step,
  type Value,
} from '../../isa/semantics';
import { type Arithmetic, type Compare, I32, I64, Op, type WasmType } from '../wasm/opcodes';
import { emitFloat, type FloatTarget } from '../float/emit';
import type { Local } from '../wasm/code';
import type { Frame } from './frame';

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

/** The function that values are computed in. */
export type ValueTarget = Pick<Frame, 'code' | 'xType' | 'scratch'> & {
  readonly helpers: Pick<Frame['helpers'], 'mulhu'>;
};

/** How often each value of an instruction is used, by what `keyOf` says: counted once for each row of the tables. */
const usesOf = new WeakMap<Semantics, ReadonlyMap<unknown, number>>();

function countUses(semantics: Semantics): ReadonlyMap<unknown, number> {
  const uses = new Map<unknown, number>();
  const count = (node: Value | Step): void => {
    for (const operand of operandsOf(node)) {
      const key = keyOf(operand);
      const before = uses.get(key) ?? 0;
      uses.set(key, before + 1);
      // Memory accesses are steps of their own and counted as such.
      if (before === 0 && !('address' in operand)) count(operand);
    }
  };
  semantics.forEach(count);
  usesOf.set(semantics, uses);
  return uses;
}

/** Writes the code of one instruction's values; a value that is used twice is computed once. */
export abstract class Values {
  readonly #uses: ReadonlyMap<unknown, number>;
  readonly #locals = new Map<unknown, Local>();

  constructor(
    readonly target: ValueTarget,
    semantics: Semantics,
    /** Where the instruction has a floating-point operation: what that needs. */
    readonly float?: FloatTarget,
  ) {
    this.#uses = usesOf.get(semantics) ?? countUses(semantics);
  }

  /** Declares that a value is in a local: the results of memory accesses. */
  define(value: Value, local: Local): void {
    this.#locals.set(value, local);
  }

  typeOf(value: Value): WasmType {
    return value.type === 'x' ? this.target.xType : value.type === 'd' ? I64 : I32;
  }

  /** Computes a value into a local. */
  local(value: Value): Local {
    const known = this.#locals.get(keyOf(value));
    if (known !== undefined) return known;
    const local = this.target.scratch(this.typeOf(value));
    this.#compute(value);
    this.target.code.set(local);
    this.#locals.set(keyOf(value), local);
    return local;
  }

  /** Leaves a value on the stack. */
  push(value: Value): void {
    const { code } = this.target;
    const key = keyOf(value);
    const known = this.#locals.get(key);
    if (known !== undefined) {
      code.get(known);
      return;
    }
    this.#compute(value);
    if (this.#uses.get(key)! > 1) {
      const local = this.target.scratch(this.typeOf(value));
      code.tee(local);
      this.#locals.set(key, local);
    }
  }

  /** Leaves an operand of the instruction on the stack. */
  protected abstract pushLeaf(leaf: Leaf | FloatLeaf): void;

  /** Leaves an f register that is known to hold a single, as that single's bits, on the stack. */
  protected pushUnboxedLeaf(_leaf: Leaf | FloatLeaf): boolean {
    return false;
  }

  /** Leaves what a floating-point operation gives on the stack: bits, or an integer. */
  protected pushFloat({ does, operands }: FloatValue): void {
    const locals = operands.map((operand) => this.local(operand));
    this.target.code.get(emitFloat(this.float!, does, locals));
  }

  /** Leaves the low half of an operand on the stack, if there is a shorter way to it than by way of the whole. */
  protected abstract pushLowOfLeaf(leaf: Leaf | FloatLeaf): boolean;

  #compute(value: Value): void {
    const { code, xType } = this.target;
    switch (value.op) {
      case 'rs1':
      case 'rs2':
      case 'fs1':
      case 'fs2':
      case 'fs3':
      case 'imm':
      case 'pc':
      case 'next':
        this.pushLeaf(value.op);
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
        if (isLeaf(value.a) && this.pushUnboxedLeaf(value.a.op)) break;
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
      case 'float':
        this.pushFloat(value);
        break;
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
    const { code } = this.target;
    const isWide = this.typeOf(value) === I64;
    const isUsedOnce = !this.#locals.has(keyOf(value)) && this.#uses.get(keyOf(value)) === 1;
    if (isWide && isUsedOnce && isLeaf(value) && this.pushLowOfLeaf(value.op)) return;
    this.push(value);
    if (isWide) code.op(Op.i32WrapI64);
  }

  #binary(op: Binary, a: Value, b: Value): void {
    const { code } = this.target;
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
    const { code, helpers } = this.target;
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
    const { code } = this.target;
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
const keyOf = (value: Value): unknown => (isLeaf(value) ? value.op : value);

function isLeaf(value: Value): value is Extract<Value, { readonly op: Leaf | FloatLeaf }> {
  return (
    value.op === 'rs1' ||
    value.op === 'rs2' ||
    value.op === 'fs1' ||
    value.op === 'fs2' ||
    value.op === 'fs3' ||
    value.op === 'imm' ||
    value.op === 'pc' ||
    value.op === 'next'
  );
}
