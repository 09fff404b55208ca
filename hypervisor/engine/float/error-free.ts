/** Error-free transformations: what the host rounds off a sum or a product is a number itself. */
import type { Local } from '../wasm/code';
import { F64, I32, I64, Op, type WasmFloat } from '../wasm/opcodes';
import type { FastPath } from './fast-path';

export type Double = Local<typeof F64>;

/** Biased exponents of magnitudes from 2^-400 to 2^401. */
const LOWEST_EXPONENT = 1023 - 400;
const EXPONENTS = 801;

/** 2^27 + 1: splits a double into halves of 26 bits (Veltkamp). */
const SPLITTER = 134217729;

/** Is a magnitude from 2^-400 to 2^401? Then products of two are exactly a double and what was rounded off. */
export function pushIsInRange(path: FastPath, value: Double): void {
  const { code } = path;
  path.pushBits(value);
  code.i64(52n);
  code.arithmetic(I64, 'shrU');
  code.op(Op.i32WrapI64);
  code.i32(0x7ff);
  code.arithmetic(I32, 'and');
  code.i32(LOWEST_EXPONENT);
  code.arithmetic(I32, 'sub');
  code.i32(EXPONENTS);
  code.compare(I32, 'ltU');
}

/** What was rounded off a + b = sum (Knuth's TwoSum): a double, whatever the magnitudes. */
export function errorOfSum<Type extends WasmFloat>(
  path: FastPath,
  a: Local<Type>,
  b: Local<Type>,
  sum: Local<Type>,
): Local<Type> {
  const { type } = sum;
  path.apply('sub', sum, a);
  const fromB = path.keep(type);
  path.code.get(a);
  path.apply('sub', sum, fromB);
  path.code.floatArithmetic(type, 'sub');
  path.apply('sub', b, fromB);
  path.code.floatArithmetic(type, 'add');
  return path.keep(type);
}

/** What was rounded off a × b = product (Dekker): the products of halves are exact. */
export function errorOfProduct(path: FastPath, a: Double, b: Double, product: Double): Double {
  const { code } = path;
  const [aHigh, aLow] = split(path, a);
  const [bHigh, bLow] = split(path, b);
  path.apply('mul', aLow, bLow);
  path.apply('mul', aHigh, bHigh);
  const start = path.keep(F64);
  path.apply('sub', product, start);
  path.apply('mul', aLow, bHigh);
  code.floatArithmetic(F64, 'sub');
  path.apply('mul', aHigh, bLow);
  code.floatArithmetic(F64, 'sub');
  code.floatArithmetic(F64, 'sub');
  return path.keep(F64);
}

function split(path: FastPath, value: Double): readonly [high: Double, low: Double] {
  const { code } = path;
  code.get(value);
  code.float(F64, SPLITTER);
  code.floatArithmetic(F64, 'mul');
  const scaled = path.keep(F64);
  code.get(scaled);
  path.apply('sub', scaled, value);
  code.floatArithmetic(F64, 'sub');
  const high = path.keep(F64);
  path.apply('sub', value, high);
  return [high, path.keep(F64)];
}
