import fc from 'fast-check';
import { FloatEnvironment, FloatFlag, Rounding } from '../../../hypervisor/float/environment';
import { softFloat } from '../../../hypervisor/float/soft-float';
import {
  FLOAT_OPERATION_NAMES,
  FLOAT_OPERATIONS,
  type FloatOperation,
} from '../../../hypervisor/isa/float-operations';
import { interestingDouble, interestingSingle } from '../float/interesting';
import { FloatFunctions, type How } from './float-functions';

const functions = new FloatFunctions();
const FAST: How = { fast: true, mode: Rounding.nearestEven };

/** The modes that an operation's fast path can round in. */
const fastModes = (operation: FloatOperation): readonly Rounding[] =>
  FLOAT_OPERATIONS[operation].rounds === 'whole' ? Object.values(Rounding) : [Rounding.nearestEven];

/** What the host makes of operands, fast or not, must be what soft float makes of them. */
function agree(operation: FloatOperation, operands: readonly bigint[], how: How = FAST): void {
  const environment = new FloatEnvironment(how.mode as Rounding);
  const [a = 0n, b, c] = operands;
  const result = softFloat(operation, environment, a, b, c);
  const already = how.fast ? (how.raised ?? FloatFlag.inexact) : 0;
  const found = functions.compute(operation, how, operands);
  expect([operands, found, functions.flags]).toEqual([operands, result, environment.flags | already]);
}

const integers = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc
    .tuple(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.bigInt({ min: 0n, max: 63n }))
    .map(([wide, drop]) => wide >> drop),
);

function operandsOf(operation: FloatOperation): fc.Arbitrary<bigint[]> {
  const { takes } = FLOAT_OPERATIONS[operation];
  return fc.tuple(
    ...takes.map((type) => {
      if (operation.startsWith('from'))
        return integers.map((bits) => BigInt.asUintN(type === 'w' ? 32 : 64, bits));
      return type === 'w' ? interestingSingle : interestingDouble;
    }),
  );
}

describe.each(FLOAT_OPERATION_NAMES)('%s', (operation) => {
  it('is what soft float says', () => {
    const how = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          fast: fc.constant(true),
          mode: fc.constantFrom(...fastModes(operation)),
          raised: fc.constantFrom(0, 0, 1, FloatFlag.underflow, FloatFlag.underflow | FloatFlag.inexact),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...Object.values(Rounding)).map((mode) => ({ fast: false, mode })),
      },
    );
    fc.assert(
      fc.property(operandsOf(operation), how, (operands, chosen) => agree(operation, operands, chosen)),
      { numRuns: 1000 },
    );
  });
});

const single = (value: number) => BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]!);
const double = (value: number) => new BigUint64Array(new Float64Array([value]).buffer)[0]!;

describe('the host computes', () => {
  it.each(FLOAT_OPERATION_NAMES)('%s of plain numbers', (operation) => {
    const { takes } = FLOAT_OPERATIONS[operation];
    functions.slowCalls = 0;
    for (const values of [
      [3.7, 2.5, -1.1],
      [0, 4, 0],
      [1e10, 3, 7],
    ]) {
      const operands = takes.map((type, at) => {
        if (operation.startsWith('from')) return BigInt(Math.round(Math.abs(values[at]!)));
        const value = operation.startsWith('to') ? Math.min(values[at]!, 1e9) : values[at]!;
        return type === 'w' ? single(value) : double(value);
      });
      for (const mode of fastModes(operation)) agree(operation, operands, { fast: true, mode });
    }
    expect(functions.slowCalls).toBe(0);
  });
});

it.each([
  ['add', [3, 0.25]],
  ['sub', [3, 1024]],
  ['mul', [3, -1.5]],
  ['mul', [0, 7]],
  ['div', [7, -4]],
  ['div', [0, 7]],
  ['sqrt', [6.25]],
  ['fma', [3, 5, 0.5]],
  ['fma', [0, 5, 7]],
  ['toInt32', [-7]],
  ['toUint64', [7]],
] as const)('%s of %p is exact, as the host finds out where inexact is not raised', (name, values) => {
  functions.slowCalls = 0;
  const how = { ...FAST, raised: 0 };
  agree(`${name}.s` as FloatOperation, values.map(single), how);
  agree(`${name}.d` as FloatOperation, values.map(double), how);
  expect([functions.slowCalls, functions.flags]).toEqual([0, 0]);
});

/** Sums that lie in the middle between two numbers, or next to it, are where fused arithmetic goes wrong. */
describe.each([
  ['fma.s', 23, 127, interestingSingle],
  ['fma.d', 52, 1023, interestingDouble],
] as const)('%s near a middle', (operation, fractionBits, bias, number) => {
  const one = BigInt(bias) << BigInt(fractionBits);
  const fractions = (1n << BigInt(fractionBits)) - 1n;
  const sign = one << 1n;
  /** Numbers of magnitudes around 1. */
  const plain = number.map((bits) => (bits & fractions) | one);
  const nudge = fc.bigInt({ min: -2n, max: 2n });

  it('is what soft float says', () => {
    const scale = fc.integer({ min: -2 * fractionBits - 4, max: 2 * fractionBits + 4 });
    const cases = fc.tuple(plain, plain, plain, scale, nudge, fc.boolean());
    fc.assert(
      fc.property(cases, ([a, b, c, exponent, by, negative]) => {
        const addend = c + (BigInt(exponent) << BigInt(fractionBits)) + by;
        agree(operation, [a, b, negative ? addend | sign : addend]);
      }),
      { numRuns: 3000 },
    );
  });

  it('is what soft float says of what is left of a cancelled product', () => {
    fc.assert(
      fc.property(plain, plain, nudge, (a, b, by) => {
        const product = softFloat(
          operation.replace('fma', 'mul') as FloatOperation,
          new FloatEnvironment(),
          a,
          b,
        );
        agree(operation, [a, b, (product + by) ^ sign]);
      }),
      { numRuns: 3000 },
    );
  });

  it('is what soft float says of a product that is a middle, and a speck', () => {
    const odd = fc.bigInt({ min: 0n, max: fractions >> 2n }).map((bits) => bits | 1n);
    fc.assert(
      fc.property(
        odd,
        fc.integer({ min: -bias + 2, max: -2 * fractionBits }),
        fc.boolean(),
        (bits, exponent, negative) => {
          // 1.5 times an odd significand of all bits has one bit too many.
          const a = one | (bits << 1n) | 1n;
          const b = one | (1n << BigInt(fractionBits - 1));
          const speck = one + (BigInt(exponent) << BigInt(fractionBits));
          agree(operation, [a, b, negative ? speck | sign : speck]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('what is tiny', () => {
  const tiny = fc.tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 0xff_ffffn }),
    fc.integer({ min: 0, max: 2 }),
  );
  const single = tiny.map(
    ([negative, bits, more]) => (negative ? 0x8000_0000n : 0n) | (bits + (BigInt(more) << 23n)),
  );
  /** Around 1, so that products stay tiny. */
  const factor = fc.bigInt({ min: 0x3e00_0000n, max: 0x4080_0000n });

  it('is computed by the host where underflow has been raised', () => {
    functions.slowCalls = 0;
    fc.assert(
      fc.property(factor, single, single, (a, b, c) => {
        const how = { ...FAST, raised: FloatFlag.underflow | FloatFlag.inexact };
        agree('mul.s', [b, a], how);
        agree('div.s', [b, a], how);
        agree('fma.s', [a, b, c], how);
        agree('fma.s', [a, b, 0n], how);
        const double = softFloat('toDouble.s', new FloatEnvironment(), b) + (a & 0xfff_ffffn);
        agree('toSingle.d', [double], how);
      }),
      { numRuns: 2000 },
    );
    expect(functions.slowCalls).toBe(0);
  });

  it.each([0x0040_0001n, 0x0040_0002n, 0x8040_0001n, 0x0000_0001n])(
    'is rounded once where %p and nearly half of the lowest bit are added',
    (c) => {
      // (1 + 2^-23) × (1 - 2^-23) × 2^-150, a speck less than the half; and a speck more.
      const [above, below] = [0x1a00_0001n, 0x19ff_fffen];
      const half = 0x1a00_0000n;
      const how = { ...FAST, raised: FloatFlag.underflow | FloatFlag.inexact };
      agree('fma.s', [above, below, c], how);
      agree('fma.s', [above, half, c], how);
      agree('fma.s', [half, half, c], how);
    },
  );
});

/** A result that is the smallest normal number may have been rounded up to it from below, and underflow. */
it.each([
  ['mul.s', 0x3f7f_ffffn, 0x0080_0000n],
  ['div.s', 0x0080_0000n, 0x3f80_0001n],
  ['mul.d', 0x3fef_ffff_ffff_ffffn, 0x0010_0000_0000_0000n],
  ['div.d', 0x0010_0000_0000_0000n, 0x3ff0_0000_0000_0001n],
  ['toSingle.d', 0x380f_ffff_e000_0000n, 0n],
] as const)('%s at the edge of underflow', (operation, a, b) => {
  agree(operation, [a, b].slice(0, FLOAT_OPERATIONS[operation].takes.length));
  expect(functions.flags & FloatFlag.underflow).toBe(FloatFlag.underflow);
});
