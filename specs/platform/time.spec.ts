import fc from 'fast-check';
import { clockConversion } from '../../platform/time';

/** Frequencies of real chips, from a watch crystal to a fast core. */
const FREQUENCIES = [
  32_768, 1_000_000, 3_686_400, 12_000_000, 16_000_000, 72_000_000, 84_000_000, 100_000_000, 168_000_000,
  1_000_000_000,
];
const amounts = fc.integer({ min: 0, max: 2 ** 50 });

test.each(FREQUENCIES)('conversions of a %d Hz clock are exact', (frequency) => {
  const clock = clockConversion(frequency);
  const f = BigInt(frequency);
  const ceil = (a: bigint, b: bigint) => (a + b - 1n) / b;
  const isExact = (expected: bigint, actual: number) => expected > 2n ** 53n || BigInt(actual) === expected;
  fc.assert(
    fc.property(amounts, (amount) => {
      const n = BigInt(amount);
      expect(isExact((n * 1_000_000_000n) / f, clock.cyclesToNanoseconds(amount))).toBe(true);
      expect(isExact(ceil(n * f, 1_000_000_000n), clock.nanosecondsToCycles(amount))).toBe(true);
      expect(isExact((n * 10_000_000n) / f, clock.cyclesToTicks(amount))).toBe(true);
      expect(isExact(ceil(n * f, 10_000_000n), clock.ticksToCycles(amount))).toBe(true);
    }),
  );
});

test('an event at a time falls on the first cycle at which that time has come', () => {
  const clock = clockConversion(72_000_000);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (time) => {
      const due = clock.nanosecondsToCycles(time);
      expect(clock.cyclesToNanoseconds(due)).toBeGreaterThanOrEqual(time);
      expect(clock.cyclesToNanoseconds(due - 1)).toBeLessThan(time);
    }),
  );
});

test('never stays never', () => {
  const clock = clockConversion(100_000_000);
  expect([clock.cyclesToNanoseconds(Infinity), clock.nanosecondsToCycles(Infinity)]).toEqual([
    Infinity,
    Infinity,
  ]);
});

test.each([
  [0, 'A clock of 0 Hz is not a whole number of hertz above zero.'],
  [1.5, 'A clock of 1.5 Hz is not a whole number of hertz above zero.'],
  [
    123_456_789,
    'A clock of 123456789 Hz cannot be converted to nanoseconds exactly: choose a rounder figure.',
  ],
  [20_000_000_000, 'A clock of 20000000000 Hz is above 10 GHz.'],
])('refuses a clock of %d Hz', (frequency, text) => {
  expect(() => clockConversion(frequency)).toThrow(text);
});
