/** What one expects of a campaign, and what one reads when it is not so. */
import { type CampaignSummary, ms, type PropertyObservation, summarize, us } from 'testvisor';
import { head, result, results } from '../campaign/made-up-results';
import { failureOf } from './failure-of';

/** A whole space of 200 faults: 4 undetected failures, 6 that were noticed, the rest without effect. */
const whole = summarize(head({ spaceSize: 200, planned: 13 }), [
  ...results({ trap: 4, 'detected-recovered': 2, 'masked-dead': 4 }),
  result(10, 'silent-data-corruption', {
    weight: 3,
    cause: 'silent-data-corruption: brake 2 instead of 3 from decide() (train.c:42)',
    bystanders: [{ vm: 'ui', impact: 'late', lateBy: 1500, missedDeadlines: 0, isReachable: true }],
  }),
  result(11, 'hang', { divergence: null, cause: 'hang of train' }),
  result(12, 'masked-latent', { weight: 186 }),
]);
const sample = (counts: Parameters<typeof results>[0], planned?: number): CampaignSummary => {
  const some = results(counts);
  return summarize(
    head({
      basis: 'sample',
      plan: 'sample of registers of train',
      spaceSize: 1e6,
      planned: planned ?? some.length,
    }),
    some,
  );
};

test('toHaveNo counts injections, of an outcome or of all that a figure counts', () => {
  expect(whole).toHaveNo('isolation-breach');
  expect(whole).not.toHaveNo('trap');
  expect(whole).not.toHaveNo('undetected-failure');
  expect({ summary: whole }).toHaveNo('deadline-miss');
});

test('toHaveRateBelow of a whole space is exact', () => {
  expect(whole).toHaveRateBelow('undetected-failure', 0.0201);
  expect(whole).not.toHaveRateBelow('undetected-failure', 0.02);
  expect(whole).toHaveRateAbove('diagnostic-coverage', 0.59);
  expect(whole).not.toHaveRateAbove('diagnostic-coverage', 0.6);
});

test('toHaveRateBelow of a sample asks what the share may be, not its estimate', () => {
  expect(sample({ 'masked-dead': 299 })).toHaveRateBelow('failure', 0.01);
  expect(sample({ 'masked-dead': 298 })).not.toHaveRateBelow('failure', 0.01);
  expect(sample({ 'masked-dead': 299 })).not.toHaveRateBelow('failure', 0.01, { confidence: 0.99 });
  expect(sample({ trap: 299 })).toHaveRateAbove('diagnostic-coverage', 0.99);
});

test('toHaveFewer compares absolute counts, since a program that takes longer dilutes its failures', () => {
  const hardened = summarize(head({ name: 'hardened', spaceSize: 400, planned: 4 }), [
    ...results({ hang: 3 }),
    result(3, 'masked-dead', { weight: 397 }),
  ]);
  expect(hardened).toHaveFewer('undetected-failure', { than: whole });
  // Half the share, and not one failure less.
  const diluted = summarize(head({ name: 'diluted', spaceSize: 400, planned: 5 }), [
    ...results({ hang: 4 }),
    result(4, 'masked-dead', { weight: 396 }),
  ]);
  expect(diluted).not.toHaveFewer('undetected-failure', { than: { summary: whole } });
  expect(sample({ hang: 30, 'masked-dead': 970 })).toHaveFewer('hang', {
    than: sample({ hang: 70, 'masked-dead': 930 }),
  });
  expect(sample({ hang: 30, 'masked-dead': 970 })).not.toHaveFewer('hang', {
    than: sample({ hang: 40, 'masked-dead': 960 }),
  });
});

test('toRecoverWithin asks for the longest, or a percentile', () => {
  expect(whole).toRecoverWithin(us(200));
  expect(whole).not.toRecoverWithin(us(199.9));
  expect(whole).toRecoverWithin(ms(1), { percentile: 50 });
});

const stated = (property: PropertyObservation['property'], name: string, held: boolean) => ({
  properties: [{ vm: 'train', property, name, held, failed: !held }],
});

test('toHaveFulfilledProperties: always never failed, sometimes was so once', () => {
  const once = result(1, 'masked-dead', stated('sometimes', 'brakes hard', true));
  const never = result(0, 'masked-dead', stated('sometimes', 'brakes hard', false));
  expect(summarize(head({ planned: 2, spaceSize: 2 }), [never, once])).toHaveFulfilledProperties();
  expect(
    failureOf(() =>
      expect(summarize(head({ planned: 1, spaceSize: 1 }), [never])).toHaveFulfilledProperties(),
    ),
  ).toContain('✗ train: sometimes “brakes hard”   held in 0, failed in 1 of 1 runs');
});

test('toBeComplete', () => {
  expect(whole).toBeComplete();
  expect(sample({ trap: 3 }, 4)).not.toBeComplete();
  expect(sample({ trap: 3, 'harness-error': 1 })).not.toBeComplete();
});

test('a failure names causes, where they first diverged, and the commands that replay them', () => {
  expect(failureOf(() => expect(whole).toHaveNo('failure'))).toMatchSnapshot();
});

test('a failure of a sample says what more injections could do', () => {
  expect(
    failureOf(() => expect(sample({ hang: 1, 'masked-dead': 199 })).toHaveRateBelow('hang', 0.02)),
  ).toMatchSnapshot();
});

test('many causes are cut', () => {
  const many = Array.from({ length: 20 }, (_, index) => result(index, 'trap', { cause: `trap at ${index}` }));
  expect(failureOf(() => expect(summarize(head(), many)).toHaveNo('trap'))).toContain(
    '… and 12 more causes, of 12 injections',
  );
});

test.each<[string, CampaignSummary, RegExp]>([
  ['a campaign that is not done', sample({ 'masked-dead': 9 }, 10), /is not done: 9 of 10 injections/],
  [
    'a campaign with harness-errors',
    sample({ 'masked-dead': 9, 'harness-error': 1 }),
    /1 injection that ended in harness-error: of them nothing is known/,
  ],
  ['a campaign in which nothing fired', sample({ 'not-activated': 5 }), /nothing was tested/],
])('%s tells nothing, one way or the other', (_, summary, why) => {
  expect(failureOf(() => expect(summary).toHaveNo('trap'))).toMatch(why);
  expect(failureOf(() => expect(summary).not.toHaveNo('trap'))).toMatch(why);
  expect(failureOf(() => expect(summary).toHaveRateBelow('trap', 1))).toMatch(why);
});

test('where more properties were stated than are kept, nobody knows whether all were fulfilled', () => {
  const many = Array.from({ length: 1100 }, (_, index) =>
    result(index, 'masked-dead', stated('always', `name ${index}`, true)),
  );
  const summary = summarize(head({ planned: 1100, spaceSize: 1100 }), many);
  const unknown = 'Runs stated other properties 100 times, of which nothing is known';
  expect(failureOf(() => expect(summary).toHaveFulfilledProperties())).toContain(unknown);
  expect(failureOf(() => expect(summary).not.toHaveFulfilledProperties())).toContain(unknown);
});

test('without properties, and without recoveries, nothing was tested', () => {
  const summary = sample({ 'masked-dead': 3 });
  expect(failureOf(() => expect(summary).toHaveFulfilledProperties())).toContain('No guest stated any');
  expect(failureOf(() => expect(summary).not.toRecoverWithin(ms(1)))).toContain('nothing recovered');
});

test.each<[string, () => void, string]>([
  ['no campaign', () => expect(5).toHaveNo('trap'), 'it is about a campaign, not about 5.'],
  ['an outcome that is none', () => expect(whole).toHaveNo('hangs' as never), 'Did you mean “hang”?'],
  ['a bound in per cent', () => expect(whole).toHaveRateBelow('hang', 5), 'Write 0.01 for one per cent.'],
  [
    'a confidence in per cent',
    () => expect(whole).toHaveRateBelow('hang', 0.5, { confidence: 95 }),
    'Give a share such as 0.95',
  ],
  [
    'a space that cannot be counted',
    () => expect(whole).toHaveFewer('hang', { than: summarize(head({ spaceSize: null }), []) }),
    'Compare campaigns over spaces that can be counted.',
  ],
  [
    'a percentile that is not known',
    () => expect(whole).toRecoverWithin(1, { percentile: 95 as never }),
    'Ask for 50',
  ],
])('%s is a mistake', (_, expectation, text) => {
  expect(failureOf(expectation)).toContain(text);
});
