import fc from 'fast-check';
import { FloatEnvironment, FloatFlag, Rounding } from '../../../hypervisor/float/environment';
import { softFloat } from '../../../hypervisor/float/soft-float';
import type { FloatOperation } from '../../../hypervisor/isa/float-operations';
import { interestingDouble, interestingSingle } from './interesting';
import {
  compare,
  infinityOf,
  negated,
  over,
  plus,
  rational,
  rounded,
  SHAPES,
  times,
  valueOf,
  type Rational,
  type Rounded,
} from './rounded';

const MODES = Object.values(Rounding);
const mode = fc.constantFrom(...MODES);
const NUMBERS = { s: interestingSingle, d: interestingDouble } as const;
const RUNS = { numRuns: 300 };

function compute(operation: FloatOperation, rounding: Rounding, ...operands: bigint[]): Rounded {
  const environment = new FloatEnvironment(rounding);
  const bits = softFloat(operation, environment, operands[0]!, operands[1], operands[2]);
  return { bits, flags: environment.flags };
}

describe.each(['s', 'd'] as const)('soft float, in format %s,', (format) => {
  const shape = SHAPES[format];
  const number = NUMBERS[format];
  const infinity = infinityOf(shape);
  const sign = 1n << BigInt(shape.bits - 1);
  const nan = infinity | (1n << BigInt(shape.fractionBits - 1));
  const signaling = infinity | 1n;
  const one = BigInt(2 ** (shape.bits - shape.fractionBits - 2) - 1) << BigInt(shape.fractionBits);
  const isFinite = (bits: bigint) => (bits & ~sign) < infinity;
  const value = (bits: bigint) => valueOf(shape, bits);
  const named = (name: string) => `${name}.${format}` as FloatOperation;
  const roundedValue = (exact: Rational, rounding: Rounding) => {
    const negative = exact.numerator < 0n;
    const magnitude = negative ? negated(exact) : exact;
    return rounded(shape, negative, (other) => compare(other, magnitude), rounding);
  };

  const EXACTLY: Readonly<Record<string, (a: Rational, b: Rational, c: Rational) => Rational>> = {
    add: (a, b) => plus(a, b),
    sub: (a, b) => plus(a, negated(b)),
    mul: (a, b) => times(a, b),
    div: (a, b) => over(a, b),
    fma: (a, b, c) => plus(times(a, b), c),
  };

  it.each(Object.keys(EXACTLY))('rounds the exact result of %s', (name) => {
    fc.assert(
      fc.property(number, number, number, mode, (a, b, c, rounding) => {
        fc.pre([a, b, c].every(isFinite) && (name !== 'div' || (b & ~sign) !== 0n));
        const exact = EXACTLY[name]!(value(a), value(b), value(c));
        fc.pre(exact.numerator !== 0n);
        expect(compute(named(name), rounding, a, b, c)).toEqual(roundedValue(exact, rounding));
      }),
      RUNS,
    );
  });

  it('rounds the exact square root', () => {
    fc.assert(
      fc.property(number, mode, (bits, rounding) => {
        const a = bits & ~sign;
        fc.pre(isFinite(a) && a !== 0n);
        const root = (other: Rational) => compare(times(other, other), value(a));
        expect(compute(named('sqrt'), rounding, a)).toEqual(rounded(shape, false, root, rounding));
      }),
      RUNS,
    );
  });

  it.each([
    ['Int32', 32, true],
    ['Uint32', 32, false],
    ['Int64', 64, true],
    ['Uint64', 64, false],
  ] as const)('rounds %s to a number, and a number to it', (name, bits, isSigned) => {
    const read = (integer: bigint) => (isSigned ? BigInt.asIntN(bits, integer) : integer);
    const integer = fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
    fc.assert(
      fc.property(integer, fc.integer({ min: 0, max: bits - 1 }), mode, (wide, drop, rounding) => {
        const a = BigInt.asUintN(bits, read(wide) >> BigInt(drop));
        fc.pre(a !== 0n);
        const exact = roundedValue(rational(read(a)), rounding);
        expect(compute(named(`from${name}`), rounding, a)).toEqual(exact);
      }),
      RUNS,
    );
    fc.assert(
      fc.property(number, mode, (a, rounding) => {
        const least = isSigned ? -(1n << BigInt(bits - 1)) : 0n;
        const most = (1n << BigInt(isSigned ? bits - 1 : bits)) - 1n;
        const found = compute(named(`to${name}`), rounding, a);
        if (!isFinite(a)) {
          const isNegative = (a & ~sign) === infinity && a !== infinity;
          expect(found).toEqual({ bits: BigInt.asUintN(bits, isNegative ? least : most), flags: 16 });
          return;
        }
        const whole = wholeNumber(value(a), rounding);
        const fits = whole >= least && whole <= most;
        const isExact = compare(rational(whole), value(a)) === 0;
        expect(found).toEqual({
          bits: BigInt.asUintN(bits, fits ? whole : whole < 0n ? least : most),
          flags: fits ? (isExact ? 0 : FloatFlag.inexact) : FloatFlag.invalid,
        });
      }),
      RUNS,
    );
  });

  it('gives exact zeros the sign that IEEE 754 says', () => {
    for (const rounding of MODES) {
      const zero = rounding === Rounding.down ? sign : 0n;
      const add = (a: bigint, b: bigint) => compute(named('add'), rounding, a, b).bits;
      expect([add(one, one | sign), add(0n, sign), add(sign, sign), add(0n, 0n)]).toEqual([
        ...[zero, zero, sign, 0n],
      ]);
      expect(compute(named('fma'), rounding, one, sign, 0n)).toEqual({ bits: zero, flags: 0 });
      expect(compute(named('mul'), rounding, 0n, one | sign)).toEqual({ bits: sign, flags: 0 });
      expect(compute(named('sqrt'), rounding, sign)).toEqual({ bits: sign, flags: 0 });
    }
  });

  const INVALID = FloatFlag.invalid;
  it.each([
    ['infinity less infinity', 'sub', [infinity, infinity], nan, INVALID],
    ['infinity plus one', 'add', [infinity, one], infinity, 0],
    ['infinity times zero', 'mul', [infinity, 0n], nan, INVALID],
    ['infinity times zero plus a quiet NaN', 'fma', [infinity, 0n, nan], nan, INVALID],
    ['one times one plus a signalling NaN', 'fma', [one, one, signaling], nan, INVALID],
    ['infinity times one less infinity', 'fma', [infinity, one, infinity | sign], nan, INVALID],
    ['zero by zero', 'div', [0n, 0n], nan, INVALID],
    ['infinity by infinity', 'div', [infinity, infinity], nan, INVALID],
    ['minus one by zero', 'div', [one | sign, 0n], infinity | sign, FloatFlag.divideByZero],
    ['one by minus infinity', 'div', [one, infinity | sign], sign, 0],
    ['the root of minus one', 'sqrt', [one | sign], nan, INVALID],
    ['a quiet NaN with a payload', 'add', [nan | sign | 5n, one], nan, 0],
    ['a signalling NaN', 'mul', [signaling, one], nan, INVALID],
    ['the lesser of zeros', 'min', [0n, sign], sign, 0],
    ['the greater of zeros', 'max', [sign, 0n], 0n, 0],
    ['the lesser of a number and a NaN', 'min', [nan, one], one, 0],
    ['the lesser of a number and a signalling NaN', 'min', [one, signaling], one, INVALID],
    ['the greater of two NaNs', 'max', [nan | 1n, nan | 2n], nan, 0],
    ['equality of zeros', 'eq', [0n, sign], 1n, 0],
    ['equality with a quiet NaN', 'eq', [nan, nan], 0n, 0],
    ['equality with a signalling NaN', 'eq', [one, signaling], 0n, INVALID],
    ['order with a quiet NaN', 'lt', [nan, one], 0n, INVALID],
    ['order of infinities', 'le', [infinity | sign, infinity], 1n, 0],
    ['order of negatives', 'lt', [one | sign, (one | sign) + 1n], 0n, 0],
  ] as const)('%s', (_, name, operands, bits, flags) => {
    expect(compute(named(name), Rounding.nearestEven, ...operands)).toEqual({ bits, flags });
  });

  it('knows ten classes', () => {
    const classes = [
      ...[infinity | sign, one | sign, sign | 1n, sign, 0n, 1n, one, infinity, signaling, nan],
    ].map((bits) => compute(named('classify'), 0, bits).bits);
    expect(classes).toEqual(Array.from({ length: 10 }, (_, at) => 1n << BigInt(at)));
  });
});

describe('conversions between formats', () => {
  it('to double are exact, back they round', () => {
    fc.assert(
      fc.property(interestingSingle, interestingDouble, mode, (single, double, rounding) => {
        const widened = compute('toDouble.s', rounding, single);
        if ((single & 0x7fff_ffffn) < infinityOf(SHAPES.s)) {
          expect(compare(valueOf(SHAPES.d, widened.bits), valueOf(SHAPES.s, single))).toBe(0);
          expect(compute('toSingle.d', rounding, widened.bits)).toEqual({ bits: single, flags: 0 });
        }
        const exact = (double & ~(1n << 63n)) < infinityOf(SHAPES.d) ? valueOf(SHAPES.d, double) : undefined;
        if (exact === undefined || exact.numerator === 0n) return;
        const isNegative = exact.numerator < 0n;
        const magnitude = isNegative ? negated(exact) : exact;
        expect(compute('toSingle.d', rounding, double)).toEqual(
          rounded(SHAPES.s, isNegative, (other) => compare(other, magnitude), rounding),
        );
      }),
      RUNS,
    );
  });

  it('make NaNs canonical', () => {
    expect(compute('toDouble.s', 0, 0xffc0_0001n)).toEqual({ bits: 0x7ff8_0000_0000_0000n, flags: 0 });
    expect(compute('toSingle.d', 0, 0x7ff0_0000_0000_0001n)).toEqual({ bits: 0x7fc0_0000n, flags: 16 });
  });
});

/** A fraction rounded to a whole number. */
function wholeNumber({ numerator, denominator }: Rational, rounding: Rounding): bigint {
  const isNegative = numerator < 0n;
  const magnitude = isNegative ? -numerator : numerator;
  const low = magnitude / denominator;
  const twice = 2n * (magnitude - low * denominator);
  const isUp = {
    [Rounding.nearestEven]: twice > denominator || (twice === denominator && low % 2n === 1n),
    [Rounding.nearestAway]: twice >= denominator,
    [Rounding.towardsZero]: false,
    [Rounding.down]: isNegative && twice > 0n,
    [Rounding.up]: !isNegative && twice > 0n,
  }[rounding];
  const whole = low + (isUp ? 1n : 0n);
  return isNegative ? -whole : whole;
}
