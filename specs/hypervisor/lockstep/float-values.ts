/** Random f registers: mostly numbers at which operations differ. */
import type { Random } from '../../../platform/random';

interface Shape {
  readonly exponentBits: number;
  readonly fractionBits: number;
}
const SINGLE: Shape = { exponentBits: 8, fractionBits: 23 };
const DOUBLE: Shape = { exponentBits: 11, fractionBits: 52 };
const BOX = 0xffff_ffffn << 32n;

const word = (random: Random): bigint => (BigInt(random.next()) << 32n) | BigInt(random.next());

/** Any sign; exponents around 1 and at the ends; fractions that are round, nearly round, or anything. */
function number(random: Random, { exponentBits, fractionBits }: Shape): bigint {
  const top = (1 << exponentBits) - 1;
  const bias = top >> 1;
  const exponents = [
    0,
    1,
    2,
    top,
    top - 1,
    bias,
    bias + random.below(4),
    bias + random.below(2 * fractionBits),
  ];
  const exponent = random.below(4) === 0 ? random.below(top + 1) : exponents[random.below(exponents.length)]!;
  const ones = (1n << BigInt(fractionBits)) - 1n;
  const bit = 1n << BigInt(random.below(fractionBits));
  const anything = word(random) & ones;
  const fractions = [0n, 0n, 1n, ones, bit, ones ^ (bit - 1n), anything & ~(bit - 1n), anything, anything];
  const fraction = fractions[random.below(fractions.length)]!;
  const sign = BigInt(random.below(2)) << BigInt(exponentBits + fractionBits);
  return sign | (BigInt(exponent) << BigInt(fractionBits)) | fraction;
}

/** A register: a double, a boxed single, or what is neither. */
export function randomFloat(random: Random): bigint {
  const die = random.below(16);
  if (die < 8) return number(random, DOUBLE);
  if (die < 15) return BOX | number(random, SINGLE);
  return word(random);
}
