import type { FloatFormat, FloatOperation } from '../../isa/float-operations';
import type { Local } from '../wasm/code';
import { F32, F64, I32, I64, Op, type WasmFloat } from '../wasm/opcodes';
import { errorOfProduct, errorOfSum, pushIsInRange, type Double } from './error-free';
import { SMALLEST_NORMAL, type FastPath } from './fast-path';
import { emitFusedDouble, emitFusedSingle } from './fused';
import { pushWhole } from './whole';

/** Leaves the result's bits on the stack, or branches to the slow path. */
export type Compute = (path: FastPath) => void;

/** Sums that are finite have finite addends, do not overflow, and are exact where they are subnormal. */
const addition =
  (name: 'add' | 'sub', type: WasmFloat): Compute =>
  (path) => {
    const [a, b] = [path.operand(0, type), path.operand(1, type)];
    path.apply(name, a, b);
    const result = path.keep(type);
    path.pushIsFinite(result);
    path.require();
    path.requireExact([a, b, result], (own, [first, second, sum]) => {
      if (name === 'sub') own.apply('neg', second);
      else own.code.get(second);
      const addend = own.keep(type);
      own.compareWith('eq', errorOfSum(own, first, addend, sum), 0);
    });
    path.give(result);
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
    path.requireExact([result, a, b], (own, [product, x, y]) => pushIsProduct(own, product, x, y));
    path.give(result);
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
    path.requireExact([a, result, b], (own, [product, x, y]) => pushIsProduct(own, product, x, y));
    path.give(result);
  };

/** Square roots neither overflow nor underflow. */
const squareRoot =
  (type: WasmFloat): Compute =>
  (path) => {
    const a = path.operand(0, type);
    path.apply('sqrt', a);
    const result = path.keep(type);
    path.pushIsFinite(result);
    path.require();
    path.requireExact([a, result], (own, [square, root]) => pushIsProduct(own, square, root, root));
    path.give(result);
  };

/** The host's minimum and maximum of numbers tell zeros apart as the guest's do. */
const choice =
  (name: 'min' | 'max', type: WasmFloat): Compute =>
  (path) => {
    const [a, b] = [path.operand(0, type), path.operand(1, type)];
    path.requireNumbers(a, b);
    path.apply(name, a, b);
    path.give(path.keep(type));
  };

const relation =
  (name: 'eq' | 'lt' | 'le', type: WasmFloat): Compute =>
  (path) => {
    const [a, b] = [path.operand(0, type), path.operand(1, type)];
    path.requireNumbers(a, b);
    path.compare(name, a, b);
  };

/**
 * Of positive numbers, classes count up from zero (4) by three thresholds to infinity (7), of negative ones down from 3;
 * NaNs are 8 and, quiet, 9.
 */
const classification =
  (type: WasmFloat): Compute =>
  (path) => {
    const { code } = path;
    const bits = path.bits(0);
    path.pushOperand(0, type);
    code.floatArithmetic(type, 'abs');
    const magnitude = path.keep(type);
    const isNegative = (): void => {
      code.get(bits);
      code.constant(bits.type, 0);
      code.compare(bits.type, 'ltS');
    };
    code.i32(1);
    // The class of a NaN.
    code.get(bits);
    code.constant(bits.type, type === F32 ? 22 : 51);
    code.arithmetic(bits.type, 'shrU');
    if (bits.type === I64) code.op(Op.i32WrapI64);
    code.i32(1);
    code.arithmetic(I32, 'and');
    code.i32(8);
    code.arithmetic(I32, 'add');
    // The class of a number: for a negative one 7 - rank, which is rank with its three bits inverted.
    code.i32(4);
    path.compareWith('gt', magnitude, 0);
    code.arithmetic(I32, 'add');
    path.compareWith('ge', magnitude, SMALLEST_NORMAL[type]);
    code.arithmetic(I32, 'add');
    path.compareWith('eq', magnitude, Infinity);
    code.arithmetic(I32, 'add');
    code.i32(0);
    isNegative();
    code.arithmetic(I32, 'sub');
    code.i32(7);
    code.arithmetic(I32, 'and');
    code.arithmetic(I32, 'xor');
    path.compare('ne', magnitude, magnitude);
    code.op(Op.select);
    code.arithmetic(I32, 'shl');
  };

/** Bounds between which truncation fits; `-1` and the like are excluded themselves. */
const TRUNCATIONS = {
  Int32: { above: 'gt', low: -(2 ** 31) - 1, high: 2 ** 31, op: Op.i32TruncF64S },
  Uint32: { above: 'gt', low: -1, high: 2 ** 32, op: Op.i32TruncF64U },
  Int64: { above: 'ge', low: -(2 ** 63), high: 2 ** 63, op: Op.i64TruncF64S },
  Uint64: { above: 'gt', low: -1, high: 2 ** 64, op: Op.i64TruncF64U },
} as const;

/** Single precision is exact in double precision; what is whole is converted as it is. */
const toInteger =
  (integer: keyof typeof TRUNCATIONS, type: WasmFloat): Compute =>
  (path) => {
    const { above, low, high, op } = TRUNCATIONS[integer];
    path.pushOperand(0, type);
    if (type === F32) path.code.op(Op.f64PromoteF32);
    const exact = path.keep(F64);
    pushWhole(path, exact);
    const value = path.keep(F64);
    path.requireExact([value, exact], (own, [whole, all]) => own.compare('eq', whole, all));
    path.compareWith(above, value, low);
    path.compareWith('lt', value, high);
    path.and();
    path.require();
    path.code.get(value);
    path.code.op(op);
  };

/**
 * Integers are within the range of both formats. Those of 32 bits are exact in double precision; of others nothing is
 * found out.
 * @param asDouble converts to double precision where that is exact
 */
const fromInteger =
  (op: number, type: WasmFloat, asDouble?: number): Compute =>
  (path) => {
    const { code } = path;
    const integer = path.operands[0]!;
    code.get(integer);
    code.op(op);
    const result = path.keep(type);
    if (type === F32 || asDouble === undefined) {
      path.requireExact([integer, result], (own, [from, to]) => {
        if (asDouble === undefined) {
          own.code.i32(0);
          return;
        }
        own.code.get(from);
        own.code.op(asDouble);
        pushDouble(own, to);
        own.code.floatCompare(F64, 'eq');
      });
    }
    path.give(result);
  };

/** Leaves a number on the stack as a double. */
function pushDouble({ code }: FastPath, value: Local<WasmFloat>): void {
  code.get(value);
  if (value.type === F32) code.op(Op.f64PromoteF32);
}

/** Is a product exactly this? Of singles products are exact in double precision; of doubles within a range. */
function pushIsProduct(
  path: FastPath,
  product: Local<WasmFloat>,
  a: Local<WasmFloat>,
  b: Local<WasmFloat>,
): void {
  const { code } = path;
  if (!isDouble(product) || !isDouble(a) || !isDouble(b)) {
    pushDouble(path, a);
    pushDouble(path, b);
    code.floatArithmetic(F64, 'mul');
    pushDouble(path, product);
    code.floatCompare(F64, 'eq');
    return;
  }
  path.apply('mul', a, b);
  const rounded = path.keep(F64);
  path.compareWith('eq', errorOfProduct(path, a, b, rounded), 0);
  pushIsInRange(path, a);
  path.and();
  pushIsInRange(path, b);
  path.and();
  // Zeros are not in the range.
  for (const factor of [a, b]) {
    path.compareWith('eq', factor, 0);
    path.or();
  }
  path.compare('eq', rounded, product);
  path.and();
}

const isDouble = (value: Local<WasmFloat>): value is Double => value.type === F64;

const toDouble: Compute = (path) => {
  const value = path.operand(0, F32);
  path.requireNumbers(value);
  path.code.get(value);
  path.code.op(Op.f64PromoteF32);
  path.give(path.keep(F64));
};

const toSingle: Compute = (path) => {
  const value = path.operand(0, F64);
  path.code.get(value);
  path.code.op(Op.f32DemoteF64);
  const result = path.keep(F32);
  path.requireSafe(result, () => path.compareWith('eq', value, 0));
  path.requireExact([result, value], (own, [single, double]) => {
    pushDouble(own, single);
    own.code.get(double);
    own.code.floatCompare(F64, 'eq');
  });
  path.give(result);
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
  [`classify.${format}`]: classification(type),
  [`toInt32.${format}`]: toInteger('Int32', type),
  [`toUint32.${format}`]: toInteger('Uint32', type),
  [`toInt64.${format}`]: toInteger('Int64', type),
  [`toUint64.${format}`]: toInteger('Uint64', type),
  [`fromInt32.${format}`]: fromInteger(
    type === F32 ? Op.f32ConvertI32S : Op.f64ConvertI32S,
    type,
    Op.f64ConvertI32S,
  ),
  [`fromUint32.${format}`]: fromInteger(
    type === F32 ? Op.f32ConvertI32U : Op.f64ConvertI32U,
    type,
    Op.f64ConvertI32U,
  ),
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
