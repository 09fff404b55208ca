import type { FloatFormat, FloatOperation } from '../../isa/float-operations';
import type { Code, Label, Local } from '../wasm/code';
import { F32, F64, I32, Op, type FloatArithmetic, type FloatCompare, type WasmFloat } from '../wasm/opcodes';
import type { FloatTarget } from './emit';
import { emitFusedDouble, emitFusedSingle } from './fused';

/** Leaves the result's bits on the stack, or branches to the slow path. */
export type Compute = (path: FastPath) => void;

/** The smallest normal numbers. */
const SMALLEST_NORMAL = { [F32]: 2 ** -126, [F64]: 2 ** -1022 } as const;

/** One operation's fast path in the making. */
export class FastPath {
  readonly code: Code;

  constructor(
    readonly target: FloatTarget,
    readonly operands: readonly Local[],
    readonly slow: Label,
  ) {
    this.code = target.code;
  }

  /** An operand as a number, in a local. */
  operand<Type extends WasmFloat>(at: number, type: Type): Local<Type> {
    const local = this.target.scratch(type);
    this.pushOperand(at, type);
    this.code.set(local);
    return local;
  }

  pushOperand(at: number, type: WasmFloat): void {
    this.code.get(this.operands[at]!);
    this.code.op(type === F32 ? Op.f32ReinterpretI32 : Op.f64ReinterpretI64);
  }

  /** Takes a number from the stack into a local. */
  keep<Type extends WasmFloat>(type: Type): Local<Type> {
    const local = this.target.scratch(type);
    this.code.set(local);
    return local;
  }

  pushBits(result: Local<WasmFloat>): void {
    this.code.get(result);
    this.code.op(result.type === F32 ? Op.i32ReinterpretF32 : Op.i64ReinterpretF64);
  }

  apply(name: keyof typeof FloatArithmetic, ...operands: readonly Local<WasmFloat>[]): void {
    for (const operand of operands) this.code.get(operand);
    this.code.floatArithmetic(operands[0]!.type, name);
  }

  compare(name: keyof typeof FloatCompare, a: Local<WasmFloat>, b: Local<WasmFloat>): void {
    this.code.get(a);
    this.code.get(b);
    this.code.floatCompare(a.type, name);
  }

  compareWith(name: keyof typeof FloatCompare, a: Local<WasmFloat>, b: number): void {
    this.code.get(a);
    this.code.float(a.type, b);
    this.code.floatCompare(a.type, name);
  }

  /** Is it neither infinite nor a NaN? */
  pushIsFinite(value: Local<WasmFloat>): void {
    this.apply('abs', value);
    this.code.float(value.type, Infinity);
    this.code.floatCompare(value.type, 'lt');
  }

  /** Is it finite and above the smallest normal number, so that it can come of no underflow before rounding either? */
  pushIsSafe(value: Local<WasmFloat>): void {
    this.apply('abs', value);
    this.code.float(value.type, SMALLEST_NORMAL[value.type]);
    this.code.floatCompare(value.type, 'gt');
    this.pushIsFinite(value);
    this.and();
  }

  and(): void {
    this.code.arithmetic(I32, 'and');
  }
  or(): void {
    this.code.arithmetic(I32, 'or');
  }

  /** Takes a truth value from the stack: without it, the slow path. */
  require(): void {
    this.code.isZero(I32);
    this.code.brIf(this.slow);
  }

  requireNumbers(...operands: readonly Local<WasmFloat>[]): void {
    for (const operand of operands) {
      this.compare('eq', operand, operand);
      this.require();
    }
  }

  /** The result is accepted if it is safe, or else if what `otherwise` pushes holds. */
  requireSafe(result: Local<WasmFloat>, otherwise: () => void): void {
    this.pushIsSafe(result);
    this.code.isZero(I32);
    this.code.if();
    otherwise();
    this.require();
    this.code.end();
  }
}

/** Sums that are finite have finite addends, do not overflow, and are exact where they are subnormal. */
const addition =
  (name: 'add' | 'sub', type: WasmFloat): Compute =>
  (path) => {
    path.apply(name, path.operand(0, type), path.operand(1, type));
    const result = path.keep(type);
    path.pushIsFinite(result);
    path.require();
    path.pushBits(result);
  };

/** A zero is exact if a factor is zero; from others it comes by underflow. */
const multiplication =
  (type: WasmFloat): Compute =>
  (path) => {
    const [a, b] = [path.operand(0, type), path.operand(1, type)];
    path.apply('mul', a, b);
    const result = path.keep(type);
    path.requireSafe(result, () => {
      path.compareWith('eq', result, 0);
      path.compareWith('eq', a, 0);
      path.compareWith('eq', b, 0);
      path.or();
      path.and();
    });
    path.pushBits(result);
  };

/** Safe quotients have a finite dividend and a divisor that is not zero; a zero is exact if the dividend is zero. */
const division =
  (type: WasmFloat): Compute =>
  (path) => {
    const [a, b] = [path.operand(0, type), path.operand(1, type)];
    path.apply('div', a, b);
    const result = path.keep(type);
    path.requireSafe(result, () => {
      path.compareWith('eq', result, 0);
      path.compareWith('eq', a, 0);
      path.and();
    });
    path.pushBits(result);
  };

/** Square roots neither overflow nor underflow. */
const squareRoot =
  (type: WasmFloat): Compute =>
  (path) => {
    path.apply('sqrt', path.operand(0, type));
    const result = path.keep(type);
    path.pushIsFinite(result);
    path.require();
    path.pushBits(result);
  };

/** The host's minimum and maximum of numbers tell zeros apart as the guest's do. */
const choice =
  (name: 'min' | 'max', type: WasmFloat): Compute =>
  (path) => {
    const [a, b] = [path.operand(0, type), path.operand(1, type)];
    path.requireNumbers(a, b);
    path.apply(name, a, b);
    path.pushBits(path.keep(type));
  };

const relation =
  (name: 'eq' | 'lt' | 'le', type: WasmFloat): Compute =>
  (path) => {
    const [a, b] = [path.operand(0, type), path.operand(1, type)];
    path.requireNumbers(a, b);
    path.compare(name, a, b);
  };

/** Bounds between which truncation fits; `-1` and the like are excluded themselves. */
const TRUNCATIONS = {
  Int32: { above: 'gt', low: -(2 ** 31) - 1, high: 2 ** 31, op: Op.i32TruncF64S },
  Uint32: { above: 'gt', low: -1, high: 2 ** 32, op: Op.i32TruncF64U },
  Int64: { above: 'ge', low: -(2 ** 63), high: 2 ** 63, op: Op.i64TruncF64S },
  Uint64: { above: 'gt', low: -1, high: 2 ** 64, op: Op.i64TruncF64U },
} as const;

/** Single precision is exact in double precision. */
const truncation =
  (integer: keyof typeof TRUNCATIONS, type: WasmFloat): Compute =>
  (path) => {
    const { above, low, high, op } = TRUNCATIONS[integer];
    path.pushOperand(0, type);
    if (type === F32) path.code.op(Op.f64PromoteF32);
    const value = path.keep(F64);
    path.compareWith(above, value, low);
    path.compareWith('lt', value, high);
    path.and();
    path.require();
    path.code.get(value);
    path.code.op(op);
  };

/** Integers are within the range of both formats. */
const fromInteger =
  (op: number, type: WasmFloat): Compute =>
  (path) => {
    path.code.get(path.operands[0]!);
    path.code.op(op);
    path.pushBits(path.keep(type));
  };

const toDouble: Compute = (path) => {
  const value = path.operand(0, F32);
  path.requireNumbers(value);
  path.code.get(value);
  path.code.op(Op.f64PromoteF32);
  path.pushBits(path.keep(F64));
};

const toSingle: Compute = (path) => {
  const value = path.operand(0, F64);
  path.code.get(value);
  path.code.op(Op.f32DemoteF64);
  const result = path.keep(F32);
  path.requireSafe(result, () => path.compareWith('eq', value, 0));
  path.pushBits(result);
};

const inFormat = (format: FloatFormat, type: WasmFloat): Partial<Record<FloatOperation, Compute>> => ({
  [`add.${format}`]: addition('add', type),
  [`sub.${format}`]: addition('sub', type),
  [`mul.${format}`]: multiplication(type),
  [`div.${format}`]: division(type),
  [`sqrt.${format}`]: squareRoot(type),
  [`min.${format}`]: choice('min', type),
  [`max.${format}`]: choice('max', type),
  [`eq.${format}`]: relation('eq', type),
  [`lt.${format}`]: relation('lt', type),
  [`le.${format}`]: relation('le', type),
  [`toInt32.${format}`]: truncation('Int32', type),
  [`toUint32.${format}`]: truncation('Uint32', type),
  [`toInt64.${format}`]: truncation('Int64', type),
  [`toUint64.${format}`]: truncation('Uint64', type),
  [`fromInt32.${format}`]: fromInteger(type === F32 ? Op.f32ConvertI32S : Op.f64ConvertI32S, type),
  [`fromUint32.${format}`]: fromInteger(type === F32 ? Op.f32ConvertI32U : Op.f64ConvertI32U, type),
  [`fromInt64.${format}`]: fromInteger(type === F32 ? Op.f32ConvertI64S : Op.f64ConvertI64S, type),
  [`fromUint64.${format}`]: fromInteger(type === F32 ? Op.f32ConvertI64U : Op.f64ConvertI64U, type),
});

const FAST_PATHS: Partial<Record<FloatOperation, Compute>> = {
  ...inFormat('s', F32),
  ...inFormat('d', F64),
  'fma.s': emitFusedSingle,
  'fma.d': emitFusedDouble,
  'toDouble.s': toDouble,
  'toSingle.d': toSingle,
};

/** How an operation is computed fast; undefined where it is not. */
export const fastPathOf = (operation: FloatOperation): Compute | undefined => FAST_PATHS[operation];
