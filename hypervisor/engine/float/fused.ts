/**
 * a × b + c rounded once, to nearest, out of the host's additions and multiplications. WebAssembly has no fused
 * multiply-add of its own.
 */
import { FloatFlag } from '../../float/environment';
import type { Local } from '../wasm/code';
import { F32, F64, I32, I64, Op } from '../wasm/opcodes';
import { errorOfProduct, errorOfSum, pushIsInRange, type Double } from './error-free';
import type { FastPath } from './fast-path';

/** The bits of a double below a single's last bit, and what they are in the middle between two singles. */
const BELOW_SINGLE = 0x1fffffffn;
const MIDDLE = 0x10000000n;

/**
 * Single precision, in double precision. The product of two singles is exact there. If the sum, rounded to a double, is
 * no middle between two singles, the exact sum lies on the same side of every middle, since rounding is monotonic and
 * middles are doubles: so rounding the double gives the single nearest to the exact sum. If it is a middle, what was
 * rounded off tells the side, and the neighbouring double on that side stands for it.
 */
export function emitFusedSingle(path: FastPath): void {
  const { code } = path;
  const promoted = (at: number): Double => {
    path.pushOperand(at, F32);
    code.op(Op.f64PromoteF32);
    return path.keep(F64);
  };
  const [a, b, c] = [promoted(0), promoted(1), promoted(2)];
  path.apply('mul', a, b);
  const product = path.keep(F64);
  path.apply('add', product, c);
  const sum = path.keep(F64);
  path.pushBits(sum);
  code.i64(BELOW_SINGLE);
  code.arithmetic(I64, 'and');
  code.i64(MIDDLE);
  code.compare(I64, 'eq');
  code.if();
  pushTowards(path, sum, errorOfSum(path, product, c, sum));
  code.set(sum);
  code.end();
  code.get(sum);
  code.op(Op.f32DemoteF64);
  const result = path.keep(F32);
  path.pushIsSafe(result);
  code.isZero(I32);
  code.if();
  roundBelowNormal(path, product, c, sum, result);
  code.end();
  path.requireExact([product, c, sum, result], (own, [x, y, total, rounded]) => {
    own.compareWith('eq', errorOfSum(own, x, y, total), 0);
    own.code.get(rounded);
    own.code.op(Op.f64PromoteF32);
    own.code.get(total);
    own.code.floatCompare(F64, 'eq');
    own.and();
  });
  path.give(result);
}

/**
 * Below the normal numbers middles are elsewhere. A sum rounded to odd is never one, nor on another side of one, as it
 * has more than twice as many bits as are left; so it serves where underflow is raised already. A sum is zero only if it
 * is so exactly: sums do not underflow.
 */
function roundBelowNormal(
  path: FastPath,
  product: Double,
  c: Double,
  sum: Double,
  result: Local<typeof F32>,
): void {
  const { code } = path;
  path.compareWith('eq', sum, 0);
  path.pushIsFinite(result);
  path.pushHasUnderflowed();
  path.and();
  path.or();
  path.require();
  code.get(addToOdd(path, product, c));
  code.op(Op.f32DemoteF64);
  code.set(result);
}

/**
 * Double precision, after Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using
 * rounding to odd" (IEEE Transactions on Computers 57, 2008): with uh + ul = a × b, th + tl = c + ul and
 * vh + vl = uh + th, all exact, the result is vh + odd(tl + vl), rounded to nearest.
 *
 * Exactness needs that nothing overflows and that ul is a double. With magnitudes of a, b, c from 2^-400 to 2^401,
 * products and sums stay below 2^803, and the lowest bit of ul is at least 2^(-800 - 104). Everything else is a multiple
 * of that bit, so nothing comes near subnormal numbers, and the result raises at most inexact. It is exact if there is no rest.
 *
 * Most sums are decided with less (after Ziv): the error of product + c and that of the product are added, which is
 * off by less than a last bit; where that much more and less round to the same, so does the exact sum.
 *
 * Zeros are outside of that range, and simple.
 */
export function emitFusedDouble(path: FastPath): void {
  const { code } = path;
  const [a, b, c] = [path.operand(0, F64), path.operand(1, F64), path.operand(2, F64)];
  const result = path.target.scratch(F64);
  pushIsInRange(path, a);
  pushIsInRange(path, b);
  path.and();
  pushIsInRange(path, c);
  path.and();
  code.if();
  path.apply('mul', a, b);
  const product = path.keep(F64);
  const low = errorOfProduct(path, a, b, product);
  pushIsDecided(path, product, c, low, result);
  path.pushIsRaised(FloatFlag.inexact);
  path.and();
  code.isZero(I32);
  code.if();
  path.apply('add', c, low);
  const upper = path.keep(F64);
  const upperError = errorOfSum(path, c, low, upper);
  path.apply('add', product, upper);
  const sum = path.keep(F64);
  const sumError = errorOfSum(path, product, upper, sum);
  const rest = addToOdd(path, upperError, sumError);
  path.requireExact([rest], (own, [left]) => own.compareWith('eq', left, 0));
  path.apply('add', sum, rest);
  code.set(result);
  code.end();
  code.else();
  withZero(path, a, b, c);
  code.set(result);
  code.end();
  path.give(result);
}

/** Sets a result that may be right, and leaves on the stack whether it is. */
function pushIsDecided(path: FastPath, product: Double, c: Double, low: Double, result: Double): void {
  const { code } = path;
  path.apply('add', product, c);
  const sum = path.keep(F64);
  const error = errorOfSum(path, product, c, sum);
  path.apply('add', error, low);
  const rest = path.keep(F64);
  code.get(rest);
  code.float(F64, 2 ** -52);
  code.floatArithmetic(F64, 'mul');
  const lastBit = path.keep(F64);
  const pushSum = (how: 'add' | 'sub'): void => {
    code.get(sum);
    path.apply(how, rest, lastBit);
    code.floatArithmetic(F64, 'add');
  };
  pushSum('sub');
  code.tee(result);
  pushSum('add');
  code.floatCompare(F64, 'eq');
}

/**
 * A factor of zero makes an exact product, and the sum, if it is finite, is c or a zero. An addend of zero leaves the
 * product, if that is safe, as multiplication rounds it.
 */
function withZero(path: FastPath, a: Double, b: Double, c: Double): void {
  path.apply('mul', a, b);
  const product = path.keep(F64);
  path.apply('add', product, c);
  const sum = path.keep(F64);
  path.compareWith('eq', a, 0);
  path.compareWith('eq', b, 0);
  path.or();
  path.compareWith('eq', c, 0);
  path.pushIsSafe(product);
  path.and();
  path.or();
  path.pushIsFinite(sum);
  path.and();
  path.require();
  path.requireExact([a, b], (own, [x, y]) => {
    own.compareWith('eq', x, 0);
    own.compareWith('eq', y, 0);
    own.or();
  });
  path.code.get(sum);
}

/** a + b rounded to odd: if it is inexact, of the two doubles around it the one whose last bit is set. */
function addToOdd(path: FastPath, a: Double, b: Double): Double {
  const { code } = path;
  path.apply('add', a, b);
  const sum = path.keep(F64);
  const error = errorOfSum(path, a, b, sum);
  path.pushBits(sum);
  code.op(Op.i32WrapI64);
  code.i32(1);
  code.arithmetic(I32, 'and');
  code.isZero(I32);
  code.if();
  pushTowards(path, sum, error);
  code.set(sum);
  code.end();
  return sum;
}

/** A number, or its neighbour in the direction of an error that is not zero. */
function pushTowards(path: FastPath, sum: Double, error: Double): void {
  const { code } = path;
  path.pushBits(sum);
  // Away from zero if the signs are the same: 1 more in magnitude, otherwise 1 less.
  path.pushBits(sum);
  path.pushBits(error);
  code.arithmetic(I64, 'xor');
  code.i64(63n);
  code.arithmetic(I64, 'shrS');
  code.i64(1n);
  code.arithmetic(I64, 'or');
  path.compareWith('ne', error, 0);
  code.op(Op.i64ExtendI32U);
  code.arithmetic(I64, 'mul');
  code.arithmetic(I64, 'add');
  code.op(Op.f64ReinterpretI64);
}
