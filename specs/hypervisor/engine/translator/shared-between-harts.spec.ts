/** Code that several harts of a machine run is made once, and is right for each of them, wherever its memory is. */
import { boot, defineSystem, kib, ms } from 'testvisor';
import { compiledCount } from '../../../../hypervisor';
import {
  EAGER_POLICY,
  HOT_CODE_POLICY,
  setDefaultPolicy,
} from '../../../../hypervisor/engine/translator/policy';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { UNEVEN_COSTS } from '../single-vm';
import type { Taste } from './random-guest';
import { compareRuns } from './same-run';

const TASTES: readonly (readonly [string, Taste])[] = [
  ['the ends of memory', { jumps: 12, accesses: 40, odd: 0, wild: 0, ends: 30 }],
  ['functions with traps and devices', { jumps: 0, accesses: 35, odd: 1, wild: 3, structured: true }],
  ['functions that change code', { jumps: 0, accesses: 35, odd: 0, wild: 10, structured: true }],
  [
    'functions with floating point',
    { jumps: 0, accesses: 20, odd: 1, wild: 3, floats: 60, structured: true },
  ],
  ['code that changes itself', { jumps: 12, accesses: 40, odd: 1, wild: 40 }],
];
const PROGRAMS = 4;
const PIECES = 40;

const compiledBy = <T>(work: () => T): { readonly result: T; readonly compiled: number } => {
  const before = compiledCount();
  const result = work();
  return { result, compiled: compiledCount() - before };
};

describe.each([
  [32, DEFAULT_COSTS],
  [64, UNEVEN_COSTS],
] as const)('RV%i', (xlen, costs) => {
  it.each(TASTES)('is the same for each as interpreted: %s', (_taste, taste) => {
    const [first, others] = [[], []] as [number[], number[]];
    for (let program = 0; program < PROGRAMS; program++) {
      const guest = {
        xlen,
        costs,
        seed: 1000 + program * 8 + TASTES.findIndex(([, other]) => other === taste),
        taste,
      };
      for (const among of [0, 3, 1]) {
        const { result, compiled } = compiledBy(() => compareRuns(guest, EAGER_POLICY, PIECES, among));
        expect({ among, difference: result.difference }).toEqual({ among, difference: undefined });
        expect(result.translated).toBeGreaterThan(0);
        (among === 0 ? first : others).push(compiled);
      }
    }
    const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
    expect(sum(first)).toBeGreaterThan(PROGRAMS);
    // Of two each.
    expect(sum(others) / 2).toBeLessThan(sum(first) * 0.7);
  });
});

describe('a machine', () => {
  const image = '../../../../fixtures/sorter/sorter.elf';
  const system = (count: number) =>
    defineSystem({
      vms: Object.fromEntries(
        Array.from({ length: count }, (_, number) => [`vm${number}`, { image, ram: kib(64) }] as const),
      ),
    });

  afterEach(() => setDefaultPolicy('never'));

  const run = async (count: number): Promise<{ readonly digest: string; readonly compiled: number }> => {
    const machine = await boot(system(count), { seed: 1 });
    const before = compiledCount();
    await machine.runTo(ms(20 * count));
    const { digest } = machine;
    machine.dispose();
    return { digest, compiled: compiledCount() - before };
  };

  it('of VMs with one image compiles hardly more than one VM', async () => {
    const interpreted = await run(6);
    setDefaultPolicy({ ...HOT_CODE_POLICY, slice: 50, warmUp: 200, pause: 200, betweenPortions: 100 });
    const one = await run(1);
    const six = await run(6);
    expect(six.digest).toBe(interpreted.digest);
    expect(one.compiled).toBeGreaterThan(0);
    expect(six.compiled).toBeLessThan(3 * one.compiled);
  });
});
