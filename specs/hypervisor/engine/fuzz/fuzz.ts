/** Random guests, with and without page tables, translated and interpreted: what differs between the two, by seeds. */
import {
  EAGER_POLICY,
  HOT_CODE_POLICY,
  type TranslationPolicy,
} from '../../../../hypervisor/engine/translator/policy';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { DEAR_NOT_TAKEN, UNEVEN_COSTS } from '../single-vm';
import type { Taste } from '../translator/random-guest';
import { compareRuns, type Guest } from '../translator/same-run';
import { comparePaged, pagedGuestOf } from './paged';

export const TASTES: readonly (readonly [name: string, taste: Taste])[] = [
  ['memory', { jumps: 15, accesses: 35, odd: 0, wild: 0 }],
  ['long blocks', { jumps: 3, accesses: 60, odd: 0, wild: 0 }],
  ['functions', { jumps: 0, accesses: 30, odd: 0, wild: 0, structured: true }],
  ['functions with traps and devices', { jumps: 0, accesses: 35, odd: 1, wild: 3, structured: true }],
  ['functions that change code', { jumps: 0, accesses: 35, odd: 0, wild: 10, structured: true }],
  ['the ends of memory', { jumps: 0, accesses: 40, odd: 0, wild: 0, ends: 30, structured: true }],
  ['calls, traps and devices', { jumps: 30, accesses: 25, odd: 3, wild: 10 }],
  ['code that changes itself', { jumps: 12, accesses: 40, odd: 1, wild: 40 }],
  ['floating point', { jumps: 0, accesses: 20, odd: 1, wild: 3, floats: 60, structured: true }],
];

/** Translates little at a time, leaves often, and translates again. */
const RESTLESS_POLICY: TranslationPolicy = {
  ...HOT_CODE_POLICY,
  ...{ slice: 7, warmUp: 20, pause: 20, pausePerInstruction: 1, firstBatch: 30, largestBatch: 100 },
  ...{ share: 1000, threshold: 2, longestRun: 100, settled: 1, portion: 20, betweenPortions: 30 },
  virtual: { portion: Infinity },
};

const COSTS = [
  ['even', DEFAULT_COSTS],
  ['uneven', UNEVEN_COSTS],
  ['even', DEFAULT_COSTS],
  ['branchy', DEAR_NOT_TAKEN],
] as const;

const PIECES = 60;

export interface Finding {
  readonly seed: number;
  readonly guest: string;
  /** Where the two runs differ, or what was thrown. */
  readonly difference: string;
}

/** The guest of a seed: XLEN, costs, taste and policy follow from it. */
export function guestOf(seed: number): {
  readonly guest: Guest;
  readonly name: string;
  readonly policy: TranslationPolicy;
} {
  const xlen = seed % 2 === 0 ? 32 : 64;
  const [taste, of] = TASTES[(seed >>> 1) % TASTES.length]!;
  const [costsName, costs] = COSTS[(seed >>> 2) % COSTS.length]!;
  return {
    guest: { xlen, costs, seed, taste: of },
    name: `RV${xlen}, ${taste}, ${costsName} costs`,
    policy: (seed >>> 3) % 2 === 0 ? EAGER_POLICY : RESTLESS_POLICY,
  };
}

/** Every third guest is behind page tables. */
const isPaged = (seed: number): boolean => seed % 3 === 2;

/** Every fifth of the others has code that it shares: it runs in two VMs, elsewhere in memory, of which the first has made it. */
const placesOf = (seed: number): readonly (number | undefined)[] => (seed % 5 === 0 ? [0, 2] : [undefined]);

/** Runs the guest of a seed both ways. @returns undefined if nothing differs */
export function tryGuest(seed: number): Finding | undefined {
  const { guest, name: unpaged, policy } = guestOf(seed);
  const name = isPaged(seed) ? pagedGuestOf(seed).name : unpaged;
  try {
    const runs = isPaged(seed)
      ? [() => comparePaged(seed, policy)]
      : placesOf(seed).map((among) => () => compareRuns(guest, policy, PIECES, among));
    for (const compare of runs) {
      const { difference } = compare();
      if (difference !== undefined) return { seed, guest: name, difference: JSON.stringify(difference) };
    }
    return undefined;
  } catch (error) {
    return { seed, guest: name, difference: String(error) };
  }
}
