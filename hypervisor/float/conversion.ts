import { FloatFlag, type FloatEnvironment } from './environment';
import { finite, infinity, unpack, type Format } from './format';
import { nan } from './arithmetic';
import { dropBits, round } from './round';

export interface IntegerFormat {
  readonly bits: number;
  readonly signed: boolean;
}

/**
 * To an integer. What does not fit is invalid, and gives the nearest integer that there is; a NaN gives the largest
 * (unprivileged architecture, F, table 11.4).
 * @returns its bits, unsigned
 */
export function toInteger(
  { bits, signed }: IntegerFormat,
  format: Format,
  a: bigint,
  environment: FloatEnvironment,
): bigint {
  const least = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const most = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const answer = (value: bigint): bigint => BigInt.asUintN(bits, value);
  const invalid = (value: bigint): bigint => {
    environment.raise(FloatFlag.invalid);
    return answer(value);
  };
  const value = unpack(format, a);
  if (value.is === 'nan') return invalid(most);
  if (value.is === 'infinity') return invalid(value.negative ? least : most);
  const { negative, significand, exponent } = value;
  const { kept, inexact } = dropBits(significand, -exponent, negative, environment.rounding);
  const whole = negative ? -kept : kept;
  if (whole < least) return invalid(least);
  if (whole > most) return invalid(most);
  if (inexact) environment.raise(FloatFlag.inexact);
  return answer(whole);
}

export function fromInteger(
  { bits, signed }: IntegerFormat,
  format: Format,
  a: bigint,
  environment: FloatEnvironment,
): bigint {
  const value = signed ? BigInt.asIntN(bits, a) : BigInt.asUintN(bits, a);
  return round(format, finite(value < 0n, value < 0n ? -value : value, 0), environment);
}

/** From one format to another. */
export function convert(from: Format, into: Format, a: bigint, environment: FloatEnvironment): bigint {
  const value = unpack(from, a);
  if (value.is === 'nan') return nan(into, [value], environment);
  if (value.is === 'infinity') return infinity(into, value.negative);
  return round(into, value, environment);
}
