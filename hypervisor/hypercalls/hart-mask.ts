/** Lists of harts as the SBI passes them (SBI 2.0, section 3.2). */
import type { Call } from './call';

const ALL_ONES = 0xffff_ffff;
const HALF = 32;
const TWO_TO_32 = 2 ** 32;

/**
 * The harts that `hartMask` and `hartMaskBase` name: bit n is hart base + n, and a base of all ones names them all.
 * @returns `undefined` when one of them does not exist.
 */
export function namedHarts(call: Call): readonly number[] | undefined {
  const { hart, harts } = call.context;
  const base = call.halves('hartMaskBase');
  if (base.low === ALL_ONES && (hart.xlen === 32 || base.high === ALL_ONES)) return [...harts.keys()];
  const { low, high } = call.halves('hartMask');
  const first = base.low + base.high * TWO_TO_32;
  const named = [...bitsOf(low, 0), ...bitsOf(high, HALF)].map((bit) => first + bit);
  return named.every((number) => number < harts.length) ? named : undefined;
}

const bitsOf = (word: number, first: number): readonly number[] =>
  Array.from({ length: HALF }, (_, bit) => bit)
    .filter((bit) => (word & (1 << bit)) !== 0)
    .map((bit) => first + bit);
