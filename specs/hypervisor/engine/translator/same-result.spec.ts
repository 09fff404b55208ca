import { HOT_CODE_POLICY, EAGER_POLICY } from '../../../../hypervisor/engine/translator/policy';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { DEAR_NOT_TAKEN, UNEVEN_COSTS } from '../single-vm';
import type { Taste } from './random-guest';
import { compareRuns } from './same-run';

const PROGRAMS = 8;
const PIECES = 60;

const TASTES: readonly (readonly [string, Taste])[] = [
  ['the ends of memory', { jumps: 12, accesses: 40, odd: 0, wild: 0, ends: 30 }],
  [
    'functions at the ends of memory',
    { jumps: 0, accesses: 40, odd: 0, wild: 0, ends: 30, structured: true },
  ],
  ['arithmetic and branches', { jumps: 20, accesses: 0, odd: 0, wild: 0 }],
  ['memory and branches', { jumps: 15, accesses: 35, odd: 0, wild: 0 }],
  ['calls, traps and devices', { jumps: 30, accesses: 25, odd: 3, wild: 10 }],
  ['functions', { jumps: 0, accesses: 30, odd: 0, wild: 0, structured: true }],
  ['functions with traps and devices', { jumps: 0, accesses: 35, odd: 1, wild: 3, structured: true }],
  ['functions that change code', { jumps: 0, accesses: 35, odd: 0, wild: 10, structured: true }],
  ['floating point', { jumps: 12, accesses: 15, odd: 0, wild: 0, floats: 60 }],
  [
    'functions with floating point',
    { jumps: 0, accesses: 20, odd: 1, wild: 3, floats: 60, structured: true },
  ],
  ['code that changes itself', { jumps: 12, accesses: 40, odd: 1, wild: 40 }],
];
const POLICIES = [
  EAGER_POLICY,
  {
    ...HOT_CODE_POLICY,
    ...{ slice: 7, warmUp: 20, pause: 20, pausePerInstruction: 1, firstBatch: 30, largestBatch: 100 },
    ...{ share: 1000, threshold: 2, longestRun: 100, settled: 1, portion: 20, betweenPortions: 30 },
  },
];

describe.each([32, 64] as const)('RV%i', (xlen) => {
  describe.each([
    ['even', [DEFAULT_COSTS]],
    ['uneven', [UNEVEN_COSTS, DEAR_NOT_TAKEN]],
  ] as const)('%s costs', (_costs, models) => {
    it.each(TASTES)('is the same translated and interpreted: %s', (_taste, taste) => {
      let ran = 0;
      let ranTranslated = 0;
      for (let program = 0; program < PROGRAMS; program++) {
        const seed = program * 8 + TASTES.findIndex(([, other]) => other === taste);
        const costs = models[(program >> 1) % models.length]!;
        const guest = { xlen, costs, seed, taste };
        const { difference, instructions, translated } = compareRuns(guest, POLICIES[program % 2]!, PIECES);
        expect({ seed, difference }).toEqual({ seed, difference: undefined });
        ran += instructions;
        ranTranslated += translated;
      }
      expect(ranTranslated).toBeGreaterThan(ran / 10);
    });
  });
});
