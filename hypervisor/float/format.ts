/** An interchange format of IEEE 754 (2019, table 3.5). */
export interface Format {
  /** Of the whole encoding. */
  readonly bits: bigint;
  readonly fractionBits: number;
  /** The exponent field of infinities and NaNs: all ones. */
  readonly topExponent: bigint;
  /** Exponent of the lowest bit of the smallest numbers. */
  readonly lowestExponent: number;
  /** The NaN that operations return (unprivileged architecture, F: "NaN Generation and Propagation"). */
  readonly canonicalNan: bigint;
}

function format(bits: number, exponentBits: number): Format {
  const fractionBits = bits - exponentBits - 1;
  const topExponent = (1n << BigInt(exponentBits)) - 1n;
  const bias = 2 ** (exponentBits - 1) - 1;
  return {
    bits: BigInt(bits),
    fractionBits,
    topExponent,
    lowestExponent: 1 - bias - fractionBits,
    canonicalNan: ((topExponent << 1n) | 1n) << BigInt(fractionBits - 1),
  };
}

export const SINGLE = format(32, 8);
export const DOUBLE = format(64, 11);

/** What an encoding stands for. */
export type Float =
  | { readonly is: 'nan'; readonly signaling: boolean; readonly negative: boolean }
  | { readonly is: 'infinity'; readonly negative: boolean }
  | Finite;

/** Exactly significand × 2^exponent, negated if `negative`; a significand of 0 is a zero, which has a sign too. */
export interface Finite {
  readonly is: 'finite';
  readonly negative: boolean;
  readonly significand: bigint;
  readonly exponent: number;
}

export const finite = (negative: boolean, significand: bigint, exponent: number): Finite => ({
  is: 'finite',
  negative,
  significand,
  exponent,
});

export function unpack({ bits, fractionBits, topExponent, lowestExponent }: Format, encoding: bigint): Float {
  const fraction = BigInt.asUintN(fractionBits, encoding);
  const field = (encoding >> BigInt(fractionBits)) & topExponent;
  const negative = ((encoding >> (bits - 1n)) & 1n) === 1n;
  if (field === topExponent) {
    if (fraction === 0n) return { is: 'infinity', negative };
    return { is: 'nan', signaling: fraction >> BigInt(fractionBits - 1) === 0n, negative };
  }
  if (field === 0n) return finite(negative, fraction, lowestExponent);
  return finite(negative, fraction | (1n << BigInt(fractionBits)), lowestExponent + Number(field) - 1);
}

const signBit = ({ bits }: Format, negative: boolean): bigint => (negative ? 1n << (bits - 1n) : 0n);

/** The encoding of a magnitude's bits with a sign. */
export const withSign = (into: Format, negative: boolean, magnitude: bigint): bigint =>
  signBit(into, negative) | magnitude;

export const infinity = (into: Format, negative: boolean): bigint =>
  withSign(into, negative, into.topExponent << BigInt(into.fractionBits));

export const zero = (into: Format, negative: boolean): bigint => signBit(into, negative);
