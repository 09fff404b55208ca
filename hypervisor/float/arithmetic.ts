import { FloatFlag, Rounding, type FloatEnvironment } from './environment';
import { finite, infinity, unpack, zero, type Finite, type Float, type Format } from './format';
import { bitLength, round } from './round';

/** A NaN as result: invalid if there was no NaN among the operands, or a signalling one. */
export function nan(into: Format, operands: readonly Float[], environment: FloatEnvironment): bigint {
  const quiet = operands.some(({ is }) => is === 'nan');
  if (!quiet || operands.some(isSignaling)) environment.raise(FloatFlag.invalid);
  return into.canonicalNan;
}

export const isSignaling = (value: Float): boolean => value.is === 'nan' && value.signaling;
const isZero = (value: Float): boolean => value.is === 'finite' && value.significand === 0n;

export function add(format: Format, a: bigint, b: bigint, environment: FloatEnvironment): bigint {
  return sum(format, unpack(format, a), unpack(format, b), environment);
}

export function subtract(format: Format, a: bigint, b: bigint, environment: FloatEnvironment): bigint {
  const subtrahend = unpack(format, b);
  const negated = { ...subtrahend, negative: !subtrahend.negative };
  return sum(format, unpack(format, a), negated, environment);
}

function sum(format: Format, a: Float, b: Float, environment: FloatEnvironment): bigint {
  if (a.is === 'nan' || b.is === 'nan') return nan(format, [a, b], environment);
  if (a.is === 'infinity' && b.is === 'infinity' && a.negative !== b.negative) {
    return nan(format, [a, b], environment);
  }
  if (a.is === 'infinity') return infinity(format, a.negative);
  if (b.is === 'infinity') return infinity(format, b.negative);
  const exponent = Math.min(a.exponent, b.exponent);
  const total = aligned(a, exponent) + aligned(b, exponent);
  if (total !== 0n) {
    return round(format, finite(total < 0n, total < 0n ? -total : total, exponent), environment);
  }
  // Zeros of one sign keep it; otherwise the rounding mode says which zero it is (IEEE 754, 6.3).
  const negative = a.negative === b.negative ? a.negative : environment.rounding === Rounding.down;
  return zero(format, negative);
}

/** The signed whole number that the number is in units of 2^exponent. */
const aligned = ({ negative, significand, exponent }: Finite, unit: number): bigint => {
  const magnitude = significand << BigInt(exponent - unit);
  return negative ? -magnitude : magnitude;
};

export function multiply(format: Format, a: bigint, b: bigint, environment: FloatEnvironment): bigint {
  const [left, right] = [unpack(format, a), unpack(format, b)];
  const result = product(left, right);
  if (result.is === 'nan') return nan(format, [left, right], environment);
  if (result.is === 'infinity') return infinity(format, result.negative);
  return round(format, result, environment);
}

/** The exact product. */
function product(a: Float, b: Float): Float {
  const negative = a.negative !== b.negative;
  if (a.is === 'nan' || b.is === 'nan') return { is: 'nan', signaling: false, negative };
  if (a.is === 'infinity' || b.is === 'infinity') {
    return isZero(a) || isZero(b) ? { is: 'nan', signaling: false, negative } : { is: 'infinity', negative };
  }
  return finite(negative, a.significand * b.significand, a.exponent + b.exponent);
}

/** a × b + c, rounded once. Infinity times zero is invalid even where c is a quiet NaN. */
export function multiplyAdd(
  format: Format,
  a: bigint,
  b: bigint,
  c: bigint,
  environment: FloatEnvironment,
): bigint {
  const [left, right, addend] = [unpack(format, a), unpack(format, b), unpack(format, c)];
  const factor = product(left, right);
  const isFromNan = left.is === 'nan' || right.is === 'nan';
  if (factor.is === 'nan' && !isFromNan) {
    environment.raise(FloatFlag.invalid);
    return format.canonicalNan;
  }
  if (factor.is === 'nan' || addend.is === 'nan') return nan(format, [left, right, addend], environment);
  return sum(format, factor, addend, environment);
}

export function divide(format: Format, a: bigint, b: bigint, environment: FloatEnvironment): bigint {
  const [dividend, divisor] = [unpack(format, a), unpack(format, b)];
  const negative = dividend.negative !== divisor.negative;
  if (dividend.is === 'nan' || divisor.is === 'nan') return nan(format, [dividend, divisor], environment);
  if (dividend.is === 'infinity') {
    return divisor.is === 'infinity'
      ? nan(format, [dividend, divisor], environment)
      : infinity(format, negative);
  }
  if (divisor.is === 'infinity') return zero(format, negative);
  if (divisor.significand === 0n) {
    if (dividend.significand === 0n) return nan(format, [dividend, divisor], environment);
    environment.raise(FloatFlag.divideByZero);
    return infinity(format, negative);
  }
  // So many bits of the quotient that it has more than the format, and one that stands for the rest.
  const extra = bitLength(divisor.significand) + format.fractionBits + 3;
  const scaled = dividend.significand << BigInt(extra);
  const quotient = scaled / divisor.significand;
  const isExact = quotient * divisor.significand === scaled;
  const exponent = dividend.exponent - divisor.exponent - extra;
  return round(format, withRest(negative, quotient, exponent, isExact), environment);
}

export function squareRoot(format: Format, a: bigint, environment: FloatEnvironment): bigint {
  const value = unpack(format, a);
  if (value.is === 'nan') return nan(format, [value], environment);
  if (isZero(value)) return a;
  if (value.negative) return nan(format, [value], environment);
  if (value.is === 'infinity') return a;
  // An even exponent halves, and twice as many bits of the square give enough of the root.
  const extra = 2 * (format.fractionBits + 3) + (value.exponent & 1);
  const square = value.significand << BigInt(extra);
  const root = integerSquareRoot(square);
  const exponent = (value.exponent - extra) / 2;
  return round(format, withRest(false, root, exponent, root * root === square), environment);
}

/** A number cut off after more bits than any rounding keeps: what was cut off is one bit below them. */
const withRest = (negative: boolean, cut: bigint, exponent: number, isExact: boolean): Finite =>
  finite(negative, (cut << 1n) | (isExact ? 0n : 1n), exponent - 1);

/** Newton's method from above: it falls until it has arrived. */
function integerSquareRoot(square: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(square) / 2));
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
