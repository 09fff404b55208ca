import { FloatFlag, type FloatEnvironment } from './environment';
import { isSignaling } from './arithmetic';
import { unpack, type Float, type Format } from './format';

/** A relation of two numbers. NaNs have none; to ask is invalid if one is signalling, or with `lt` and `le` any. */
export function relate(
  relation: 'eq' | 'lt' | 'le',
  format: Format,
  a: bigint,
  b: bigint,
  environment: FloatEnvironment,
): bigint {
  const [left, right] = [unpack(format, a), unpack(format, b)];
  if (left.is === 'nan' || right.is === 'nan') {
    if (relation !== 'eq' || isSignaling(left) || isSignaling(right)) environment.raise(FloatFlag.invalid);
    return 0n;
  }
  const [x, y] = [order(format, a), order(format, b)];
  const holds = relation === 'eq' ? x === y : relation === 'lt' ? x < y : x <= y;
  return holds ? 1n : 0n;
}

/** Encodings are ordered as sign and magnitude. */
function order({ signBit }: Format, encoding: bigint): bigint {
  return encoding >= signBit ? signBit - encoding : encoding;
}

/** The lesser or greater of two; -0 is less than +0, and any number is preferred to a NaN. */
export function choose(
  which: 'min' | 'max',
  format: Format,
  a: bigint,
  b: bigint,
  environment: FloatEnvironment,
): bigint {
  const [left, right] = [unpack(format, a), unpack(format, b)];
  if (isSignaling(left) || isSignaling(right)) environment.raise(FloatFlag.invalid);
  if (left.is === 'nan' && right.is === 'nan') return format.canonicalNan;
  if (left.is === 'nan') return b;
  if (right.is === 'nan') return a;
  const [x, y] = [order(format, a), order(format, b)];
  const isLess = x < y || (x === y && left.negative);
  return isLess === (which === 'min') ? a : b;
}

/** One bit for the class (unprivileged architecture, F, table 11.5). */
export function classify(format: Format, a: bigint): bigint {
  return 1n << BigInt(classOf(format, unpack(format, a)));
}

function classOf(format: Format, value: Float): number {
  const { negative } = value;
  if (value.is === 'nan') return value.signaling ? 8 : 9;
  if (value.is === 'infinity') return negative ? 0 : 7;
  if (value.significand === 0n) return negative ? 3 : 4;
  const isSubnormal = value.significand < format.impliedBit;
  if (isSubnormal) return negative ? 2 : 5;
  return negative ? 1 : 6;
}
