/** Intervals are those of the literature, to the digits printed there. */
import { clopperPearson, effectiveTrials, trialsFor, upperBound, wilson } from 'testvisor';

const confidence = 0.95;

/** R. G. Newcombe, Statistics in Medicine 17 (1998), table I: methods 5 (exact) and 3 (Wilson’s score). */
const NEWCOMBE = [
  { hits: 81, trials: 263, exact: [0.2527, 0.3676], score: [0.2553, 0.3662] },
  { hits: 15, trials: 148, exact: [0.0578, 0.1617], score: [0.0624, 0.1605] },
  { hits: 0, trials: 20, exact: [0, 0.1684], score: [0, 0.1611] },
  { hits: 1, trials: 29, exact: [0.0009, 0.1776], score: [0.0061, 0.1718] },
] as const;

test.each(NEWCOMBE)('$hits of $trials, as Newcombe has it', ({ hits, trials, exact, score }) => {
  const { low, high } = clopperPearson({ hits, trials, confidence });
  expect([low, high].map((end) => Number(end.toFixed(4)))).toEqual(exact);
  const byScore = wilson({ hits, trials, confidence });
  expect([byScore.low, byScore.high].map((end) => Number(end.toFixed(4)))).toEqual(score);
});

test('682 of 925, as Conover (Practical Nonparametric Statistics, 1971) has it', () => {
  const { low, high } = clopperPearson({ hits: 682, trials: 925, confidence });
  expect(low).toBeCloseTo(0.7076683, 7);
  expect(high).toBeCloseTo(0.7654066, 7);
});

test.each([clopperPearson, wilson])('all hits mirror none: %p', (interval) => {
  const none = interval({ hits: 0, trials: 40, confidence });
  const all = interval({ hits: 40, trials: 40, confidence });
  expect(none.low).toBe(0);
  expect(all.high).toBe(1);
  expect(all.low).toBeCloseTo(1 - none.high, 12);
});

test.each([clopperPearson, wilson])('without trials nothing is known: %p', (interval) => {
  expect(interval({ hits: 0, trials: 0, confidence })).toEqual({ low: 0, high: 1 });
});

test('Clopper and Pearson’s interval holds the share as often as it says, whatever the share', () => {
  const trials = 25;
  for (const share of [0.001, 0.03, 0.1, 0.37, 0.5, 0.9]) {
    let covered = 0;
    let probability = (1 - share) ** trials;
    for (let hits = 0; hits <= trials; hits++) {
      const { low, high } = clopperPearson({ hits, trials, confidence });
      if (low <= share && share <= high) covered += probability;
      probability *= ((trials - hits) / (hits + 1)) * (share / (1 - share));
    }
    expect(covered).toBeGreaterThanOrEqual(confidence);
  }
});

test('with no hits the bound is the rule of three, exactly', () => {
  expect(upperBound({ hits: 0, trials: 300, confidence })).toBeCloseTo(1 - 0.05 ** (1 / 300), 10);
  expect(upperBound({ hits: 0, trials: 1e6, confidence })).toBeCloseTo(2.9957e-6, 9);
  expect(upperBound({ hits: 7, trials: 7, confidence })).toBe(1);
});

test('weights that are equal change nothing, uneven ones count for less', () => {
  expect(effectiveTrials(3 * 100, 3 ** 2 * 100)).toBe(100);
  // One fault of 99 and 99 of one: little more than one fault is known.
  expect(effectiveTrials(99 + 99, 99 ** 2 + 99)).toBeCloseTo(3.96, 2);
  expect(effectiveTrials(0, 0)).toBe(0);
});

test.each([
  [{ margin: 0.01, confidence: 0.95 }, 9604],
  [{ margin: 0.05, confidence: 0.95 }, 385],
  [{ margin: 0.01, confidence: 0.99 }, 16588],
  [{ margin: 0.01, confidence: 0.95, spaceSize: 10_000 }, 4900],
  [{ margin: 0.01, confidence: 0.95, spaceSize: 12 }, 12],
])('a margin of %p needs %p faults, by Leveugle’s formula', (wanted, needed) => {
  expect(trialsFor(wanted)).toBe(needed);
});

test.each<[string, () => unknown, string]>([
  ['a confidence in per cent', () => wilson({ hits: 1, trials: 2, confidence: 95 }), '95 is not possible'],
  [
    'more hits than trials',
    () => clopperPearson({ hits: 3, trials: 2, confidence }),
    'from 0 to the 2 trials',
  ],
  ['trials below 0', () => upperBound({ hits: 0, trials: -1, confidence }), '-1 is not possible'],
  ['hits that are no number', () => wilson({ hits: NaN, trials: 2, confidence }), 'NaN is not possible'],
  ['a margin in per cent', () => trialsFor({ margin: 5, confidence }), 'a share such as 0.01'],
])('%s is a mistake', (_, call, text) => {
  expect(call).toThrow(
    expect.objectContaining({ code: 'bad-value', message: expect.stringContaining(text) }),
  );
});
