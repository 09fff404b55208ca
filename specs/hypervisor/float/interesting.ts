/** Arbitrary floating-point numbers, as bit patterns, most of them where something happens. */
import fc from 'fast-check';

interface Shape {
  readonly exponentBits: number;
  readonly fractionBits: number;
}

/** Exponents near each other and near the ends, fractions near powers of two, halves and all ones. */
function interesting({ exponentBits, fractionBits }: Shape): fc.Arbitrary<bigint> {
  const top = (1 << exponentBits) - 1;
  const bias = top >> 1;
  const exponent = fc.oneof(
    fc.constantFrom(0, 1, 2, top, top - 1, top - 2, bias),
    fc.integer({ min: bias - 3, max: bias + 3 }),
    fc.integer({ min: bias - fractionBits - 2, max: bias + fractionBits + 2 }),
    fc.integer({ min: 0, max: top }),
  );
  const ones = (1n << BigInt(fractionBits)) - 1n;
  const some = fc.bigInt({ min: 0n, max: ones });
  const fraction = fc.oneof(
    fc.constantFrom(0n, 1n, ones, ones - 1n, 1n << BigInt(fractionBits - 1), (ones >> 1n) + 2n),
    fc.integer({ min: 0, max: fractionBits - 1 }).map((bit) => 1n << BigInt(bit)),
    fc.integer({ min: 0, max: fractionBits - 1 }).map((bit) => ones ^ ((1n << BigInt(bit)) - 1n)),
    some,
    // Few bits: products and sums that are exact, or lie in the middle.
    fc.tuple(some, fc.integer({ min: 0, max: fractionBits })).map(([bits, drop]) => {
      const low = (1n << BigInt(drop)) - 1n;
      return bits & ~low & ones;
    }),
  );
  return fc.tuple(fc.boolean(), exponent, fraction).map(([negative, field, bits]) => {
    const sign = negative ? 1n << BigInt(exponentBits + fractionBits) : 0n;
    return sign | (BigInt(field) << BigInt(fractionBits)) | bits;
  });
}

export const interestingSingle = interesting({ exponentBits: 8, fractionBits: 23 });
export const interestingDouble = interesting({ exponentBits: 11, fractionBits: 52 });

/** A single as an f register holds it. */
export const boxed = (single: fc.Arbitrary<bigint>): fc.Arbitrary<bigint> =>
  single.map((bits) => (0xffffffffn << 32n) | bits);
