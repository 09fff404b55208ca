/** Everything that campaigns leave out changes nothing: held against campaigns that leave out nothing. */
import { join } from 'node:path';
import {
  campaign,
  type FaultPlan,
  faults,
  faultSpace,
  type FaultSpace,
  type InjectionResult,
  loadImage,
  ns,
  type Outcome,
  us,
} from 'testvisor';
import { sorterCampaign } from './sorter';

const VALUES = loadImage(join(__dirname, '../../../fixtures/sorter/sorter.elf')).symbols.get(
  'values',
).address;

jest.setTimeout(120_000);

const NOTHING_LEFT_OUT = { pruning: false, earlyStop: false, checkpoints: 1 };

const placeOf = ({ register, address, bit }: InjectionResult): string =>
  JSON.stringify([register, address, bit]);

/** The outcome of every single fault, by place and moment, as a pruned campaign says. */
function outcomesOf(results: readonly InjectionResult[]): (result: InjectionResult) => Outcome | undefined {
  const byPlace = new Map<string, InjectionResult[]>();
  for (const result of results) {
    const list = byPlace.get(placeOf(result)) ?? [];
    byPlace.set(placeOf(result), list);
    list.push(result);
  }
  for (const list of byPlace.values()) list.sort((a, b) => a.instructions! - b.instructions!);
  return (result) =>
    byPlace.get(placeOf(result))!.find(({ instructions }) => instructions! >= result.instructions!)?.outcome;
}

const SPACES: readonly (readonly [string, FaultSpace])[] = [
  ['a loop variable', faultSpace.registers({ vm: 'sorter', registers: ['a5'], bits: [1] })],
  ['a saved register', faultSpace.registers({ vm: 'sorter', registers: ['s0'], bits: [3] })],
  ['the stack pointer', faultSpace.registers({ vm: 'sorter', registers: ['sp'], bits: [2] })],
  ['the data', faultSpace.ram({ vm: 'sorter', address: VALUES + 7, size: 3, bits: [5] })],
];

describe('a pruned campaign with early stops', () => {
  test.each(SPACES)('has for each fault in %s the outcome of brute force', async (_, space) => {
    const quick = await campaign(sorterCampaign({ space }));
    const whole = await campaign(sorterCampaign({ space, shortcuts: NOTHING_LEFT_OUT }));
    expect(whole.done).toBe(quick.spaceSize);
    expect(quick.done).toBeLessThan(whole.done / 2);
    const outcomeOf = outcomesOf(quick.results);
    const differing = whole.results
      .filter((result) => outcomeOf(result) !== result.outcome)
      .map((result) => ({ instructions: result.instructions, is: result.outcome, was: outcomeOf(result) }));
    expect(differing).toEqual([]);
    const weights = ({ outcomes }: typeof whole): unknown =>
      Object.fromEntries(outcomes.map(({ outcome, weight }) => [outcome, weight]));
    expect(weights(quick)).toEqual(weights(whole));
    expect(quick.outcomes.filter(({ weight }) => weight > 0).length).toBeGreaterThan(2);
  });
});

describe('an early stop waits for all that a fault still does', () => {
  const moments = (...plans: readonly FaultPlan[]): FaultSpace =>
    faultSpace.moments({ every: ns(700), faults: plans });

  test.each<[string, FaultSpace]>([
    [
      'bits that are stuck for a while, also where they happen to be so for now',
      moments(
        faults.stuckAt({ vm: 'sorter', register: 's0', bit: 3, level: 0, during: us(9) }),
        faults.stuckAt({ vm: 'sorter', register: 'a5', bit: 1, level: 1, during: us(2) }),
      ),
    ],
    [
      'bits that are stuck again and again',
      moments(
        faults.intermittent({ vm: 'sorter', register: 'a4', bit: 2, level: 1, during: ns(50), every: us(3) }),
      ),
    ],
    [
      'flips that come back',
      moments(faults.bitFlip({ vm: 'sorter', register: 'a5', bit: 1, every: us(4), times: 2 })),
    ],
  ])('%s', async (_, space) => {
    const quick = await campaign(sorterCampaign({ space }));
    const whole = await campaign(sorterCampaign({ space, shortcuts: NOTHING_LEFT_OUT }));
    const outcomes = ({ results }: typeof whole) =>
      results.map(({ faults: [fault], outcome }) => ({ fault, outcome }));
    expect(outcomes(quick)).toEqual(outcomes(whole));
    expect(whole.outcomes.filter(({ weight }) => weight > 0).length).toBeGreaterThan(1);
  });
});
