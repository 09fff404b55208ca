/** An interchange format of IEEE 754 (2019, table 3.5). */
export interface Format {
  /** Bits of the fraction field, which is the lowest. */
  readonly fractionBits: number;
  /** The same, to shift by. */
  readonly fractionShift: bigint;
  /** The bit above the fraction, which normal numbers have and encodings leave out. */
  readonly impliedBit: bigint;
  /** The highest bit of the fraction: NaNs with it are quiet. */
  readonly quietBit: bigint;
  /** The exponent field of infinities and NaNs: all ones. */
  readonly topExponent: number;
  /** Exponent of the lowest bit of the smallest numbers. */
  readonly lowestExponent: number;
  readonly signBit: bigint;
  readonly infinity: bigint;
  /** The NaN that operations return (unprivileged architecture, F: "NaN Generation and Propagation"). */
  readonly canonicalNan: bigint;
}

function format(bits: number, exponentBits: number): Format {
  const fractionBits = bits - exponentBits - 1;
  const fractionShift = BigInt(fractionBits);
  const topExponent = 2 ** exponentBits - 1;
  const bias = 2 ** (exponentBits - 1) - 1;
  const quietBit = 1n << (fractionShift - 1n);
  const infinity = BigInt(topExponent) << fractionShift;
  return {
    fractionBits,
    fractionShift,
    impliedBit: 1n << fractionShift,
    quietBit,
    topExponent,
    lowestExponent: 1 - bias - fractionBits,
    signBit: 1n << BigInt(bits - 1),
    infinity,
    canonicalNan: infinity | quietBit,
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

export function unpack(format: Format, encoding: bigint): Float {
  const { fractionBits, fractionShift, topExponent, lowestExponent } = format;
  const fraction = BigInt.asUintN(fractionBits, encoding);
  const signAndExponent = Number(encoding >> fractionShift);
  const negative = signAndExponent > topExponent;
  const field = signAndExponent & topExponent;
  if (field === topExponent) {
    if (fraction === 0n) return { is: 'infinity', negative };
    return { is: 'nan', signaling: (fraction & format.quietBit) === 0n, negative };
  }
  if (field === 0) return finite(negative, fraction, lowestExponent);
  return finite(negative, fraction | format.impliedBit, lowestExponent + field - 1);
}

/** The encoding of a magnitude's bits with a sign. */
export const withSign = ({ signBit }: Format, negative: boolean, magnitude: bigint): bigint =>
  negative ? signBit | magnitude : magnitude;

export const infinity = (into: Format, negative: boolean): bigint => withSign(into, negative, into.infinity);

export const zero = (into: Format, negative: boolean): bigint => withSign(into, negative, 0n);
