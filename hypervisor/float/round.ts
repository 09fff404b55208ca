import { FloatFlag, Rounding, type FloatEnvironment } from './environment';
import { infinity, withSign, zero, type Finite, type Format } from './format';

const DOUBLE = new Float64Array(1);
const WORDS = new Uint32Array(DOUBLE.buffer);
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** The number of bits of a positive number. */
export function bitLength(value: bigint): number {
  // As a double its exponent says it, unless it was rounded up to a power of two, or is too large for one.
  DOUBLE[0] = Number(value);
  const high = WORDS[HIGH_WORD]!;
  if ((high & 0xfffff) !== 0) return (high >>> 20) - 1022;
  const digits = value.toString(16);
  return 4 * digits.length - Math.clz32(parseInt(digits[0]!, 16)) + 28;
}

/**
 * A magnitude without its lowest `drop` bits, rounded to a whole number.
 * @returns the magnitude, and whether bits were lost
 */
export function dropBits(
  magnitude: bigint,
  drop: number,
  negative: boolean,
  rounding: Rounding,
): { readonly kept: bigint; readonly inexact: boolean } {
  if (drop <= 0) return { kept: magnitude << BigInt(-drop), inexact: false };
  const kept = magnitude >> BigInt(drop);
  const rest = BigInt.asUintN(drop, magnitude);
  const half = 1n << BigInt(drop - 1);
  const isOdd = (kept & 1n) === 1n;
  let up: boolean;
  switch (rounding) {
    case Rounding.nearestEven:
      up = rest > half || (rest === half && isOdd);
      break;
    case Rounding.nearestAway:
      up = rest >= half;
      break;
    case Rounding.towardsZero:
      up = false;
      break;
    case Rounding.down:
      up = negative && rest > 0n;
      break;
    case Rounding.up:
      up = !negative && rest > 0n;
      break;
  }
  return { kept: up ? kept + 1n : kept, inexact: rest !== 0n };
}

/** The encoding of a number, rounded. All results of operations come through here. */
export function round(into: Format, number: Finite, environment: FloatEnvironment): bigint {
  const { negative, significand, exponent } = number;
  const { rounding } = environment;
  if (significand === 0n) return zero(into, negative);
  const { fractionBits, lowestExponent } = into;
  // The exponent of the result's lowest bit, if exponents had no limits: precision is one bit more than the fraction.
  const unlimited = exponent + bitLength(significand) - (fractionBits + 1);
  const lowest = Math.max(unlimited, lowestExponent);
  const { kept, inexact } = dropBits(significand, lowest - exponent, negative, rounding);

  // A carry out of the significand is the next exponent's smallest, as it should be; so is one out of a subnormal.
  const magnitude = (BigInt(lowest - lowestExponent) << into.fractionShift) + kept;
  if (magnitude >= into.infinity) return overflow(into, negative, environment);
  if (inexact) {
    environment.raise(FloatFlag.inexact);
    if (isTiny(into, number, unlimited, rounding)) environment.raise(FloatFlag.underflow);
  }
  return withSign(into, negative, magnitude);
}

/**
 * Tininess is detected after rounding (unprivileged architecture, F): tiny is what would be below the smallest normal
 * number if it were rounded without a limit to its exponent.
 */
function isTiny(into: Format, number: Finite, unlimited: number, rounding: Rounding): boolean {
  if (unlimited >= into.lowestExponent) return false;
  const { kept } = dropBits(number.significand, unlimited - number.exponent, number.negative, rounding);
  const roundsUpToNormal = unlimited === into.lowestExponent - 1 && kept === 2n * into.impliedBit;
  return !roundsUpToNormal;
}

/** Infinity, or the largest finite number where the mode rounds towards zero (IEEE 754, 7.4). */
function overflow(into: Format, negative: boolean, environment: FloatEnvironment): bigint {
  environment.raise(FloatFlag.overflow | FloatFlag.inexact);
  const { rounding } = environment;
  const staysFinite =
    rounding === Rounding.towardsZero || rounding === (negative ? Rounding.up : Rounding.down);
  return staysFinite ? infinity(into, negative) - 1n : infinity(into, negative);
}
