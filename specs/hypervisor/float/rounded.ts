/**
 * Rounding from its definition, without an idea in common with the implementation: floats of one sign are ordered as
 * their encodings are, so the two around an exact number are found by bisection, and the mode chooses among them.
 */
import { FloatFlag, Rounding } from '../../../hypervisor/float/environment';

/** A fraction; the denominator is positive. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const rational = (numerator: bigint, denominator = 1n): Rational =>
  denominator < 0n ? { numerator: -numerator, denominator: -denominator } : { numerator, denominator };
export const plus = (a: Rational, b: Rational): Rational => ({
  numerator: a.numerator * b.denominator + b.numerator * a.denominator,
  denominator: a.denominator * b.denominator,
});
export const times = (a: Rational, b: Rational): Rational => ({
  numerator: a.numerator * b.numerator,
  denominator: a.denominator * b.denominator,
});
export const over = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.denominator, a.denominator * b.numerator);
export const negated = ({ numerator, denominator }: Rational): Rational => rational(-numerator, denominator);
/** The sign of a - b. */
export const compare = (a: Rational, b: Rational): number => {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

export interface Shape {
  readonly bits: number;
  readonly fractionBits: number;
}
export const SHAPES: Readonly<Record<'s' | 'd', Shape>> = {
  s: { bits: 32, fractionBits: 23 },
  d: { bits: 64, fractionBits: 52 },
};

const power = (exponent: number): Rational =>
  exponent < 0 ? rational(1n, 1n << BigInt(-exponent)) : rational(1n << BigInt(exponent));
const biasOf = ({ bits, fractionBits }: Shape): number => 2 ** (bits - fractionBits - 2) - 1;
export const infinityOf = ({ bits, fractionBits }: Shape): bigint =>
  ((1n << BigInt(bits - fractionBits - 1)) - 1n) << BigInt(fractionBits);

/** What an encoding without its sign is worth; infinity's as if exponents went on. */
function worth(shape: Shape, magnitude: bigint): Rational {
  const { fractionBits } = shape;
  const field = Number(magnitude >> BigInt(fractionBits));
  const fraction = magnitude & ((1n << BigInt(fractionBits)) - 1n);
  const significand = field === 0 ? fraction : fraction | (1n << BigInt(fractionBits));
  return times(rational(significand), power(Math.max(field, 1) - biasOf(shape) - fractionBits));
}

/** The value of a finite encoding. */
export function valueOf(shape: Shape, encoding: bigint): Rational {
  const sign = 1n << BigInt(shape.bits - 1);
  const magnitude = worth(shape, encoding & (sign - 1n));
  return (encoding & sign) === 0n ? magnitude : negated(magnitude);
}

export interface Rounded {
  readonly bits: bigint;
  readonly flags: number;
}

/**
 * An exact number that is not zero, rounded.
 * @param comparedTo the sign of (a rational) - (the number's magnitude)
 */
export function rounded(
  shape: Shape,
  negative: boolean,
  comparedTo: (value: Rational) => number,
  mode: Rounding,
): Rounded {
  const infinity = infinityOf(shape);
  let low = 0n;
  let high = infinity;
  if (comparedTo(worth(shape, infinity)) <= 0) low = infinity;
  else {
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (comparedTo(worth(shape, middle)) <= 0) low = middle;
      else high = middle;
    }
  }
  const isExact = low < infinity && comparedTo(worth(shape, low)) === 0;
  const goesUp = !isExact && low < infinity && choosesUpper(shape, low, negative, comparedTo, mode);
  const chosen = goesUp ? low + 1n : low;
  const sign = negative ? 1n << BigInt(shape.bits - 1) : 0n;
  if (chosen === infinity) {
    const towardsZero = mode === Rounding.towardsZero || mode === (negative ? Rounding.up : Rounding.down);
    return {
      bits: sign | (towardsZero ? infinity - 1n : infinity),
      flags: FloatFlag.overflow | FloatFlag.inexact,
    };
  }
  if (isExact) return { bits: sign | chosen, flags: 0 };
  const tiny = isTiny(shape, negative, comparedTo, mode);
  return { bits: sign | chosen, flags: FloatFlag.inexact | (tiny ? FloatFlag.underflow : 0) };
}

/** Of the two encodings around the number, is it the upper one? */
function choosesUpper(
  shape: Shape,
  low: bigint,
  negative: boolean,
  comparedTo: (value: Rational) => number,
  mode: Rounding,
): boolean {
  const sum = plus(worth(shape, low), worth(shape, low + 1n));
  return decides(comparedTo(times(sum, rational(1n, 2n))), (low & 1n) === 1n, negative, mode);
}

/** @param middle the sign of (the middle) - (the number) */
function decides(middle: number, lowIsOdd: boolean, negative: boolean, mode: Rounding): boolean {
  switch (mode) {
    case Rounding.nearestEven:
      return middle < 0 || (middle === 0 && lowIsOdd);
    case Rounding.nearestAway:
      return middle <= 0;
    case Rounding.towardsZero:
      return false;
    case Rounding.down:
      return negative;
    case Rounding.up:
      return !negative;
  }
}

/** Below the smallest normal number, also when rounded to full precision: to its neighbour below, or to itself. */
function isTiny(
  shape: Shape,
  negative: boolean,
  comparedTo: (value: Rational) => number,
  mode: Rounding,
): boolean {
  const smallest = power(1 - biasOf(shape));
  if (comparedTo(smallest) <= 0) return false;
  const neighbour = plus(smallest, negated(power(-biasOf(shape) - shape.fractionBits)));
  if (comparedTo(neighbour) >= 0) return true;
  const middle = times(plus(smallest, neighbour), rational(1n, 2n));
  return !decides(comparedTo(middle), true, negative, mode);
}
