/** Everything that campaigns leave out changes nothing: held against campaigns that leave out nothing. */
import { join } from 'node:path';
import {
  campaign,
  faultSpace,
  type FaultSpace,
  type InjectionResult,
  loadImage,
  type Outcome,
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
