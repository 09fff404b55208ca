/** What results come to: rates by weight with intervals, figures, groups by cause, recovery times. */
import {
  campaignJUnit,
  type CampaignSummary,
  clopperPearson,
  type Figure,
  type InjectionResult,
  type Outcome,
  type PropertyObservation,
  summarize,
  Summarizer,
} from 'testvisor';
import { head, result, results } from './made-up-results';

const count = (summary: CampaignSummary, outcome: Outcome) =>
  summary.outcomes.find((one) => one.outcome === outcome)!;
const figure = (summary: CampaignSummary, name: Figure) =>
  summary.figures.find((one) => one.figure === name)!;

test('of a whole space everything is exact, by weight and not by injections', () => {
  const summary = summarize(head({ spaceSize: 100, planned: 3 }), [
    result(0, 'silent-data-corruption', { weight: 5 }),
    result(1, 'masked-dead', { weight: 75, known: 'pruned' }),
    result(2, 'not-activated', { weight: 20 }),
  ]);
  expect(count(summary, 'silent-data-corruption')).toEqual({
    outcome: 'silent-data-corruption',
    injections: 1,
    weight: 5,
    squares: 25,
    rate: { estimate: 5 / 80, low: 5 / 80, high: 5 / 80, confidence: 1, method: 'exact' },
    count: { estimate: 5, low: 5, high: 5 },
  });
  expect(count(summary, 'not-activated').rate!.estimate).toBe(0.2);
  expect(summary.known).toEqual({ ran: 2, converged: 0, pruned: 1 });
  expect(summary.outcomes).toHaveLength(13);
});

test('a space that is half known bounds what may be: no more is claimed', () => {
  const summary = summarize(head({ spaceSize: 100, planned: 4 }), [
    result(0, 'trap', { weight: 10 }),
    result(1, 'masked-dead', { weight: 40 }),
  ]);
  expect(count(summary, 'trap').rate).toEqual({
    estimate: 0.2,
    low: 0.1,
    high: 0.6,
    confidence: 1,
    method: 'bounds',
  });
  expect(count(summary, 'trap').count).toEqual({ estimate: 10, low: 10, high: 60 });
});

test('a harness-error may have been anything', () => {
  const summary = summarize(head({ spaceSize: 10 }), results({ 'masked-dead': 9, 'harness-error': 1 }));
  expect(count(summary, 'trap').rate).toMatchObject({ estimate: 0, low: 0, high: 0.1, method: 'bounds' });
  const sampled = summarize(
    head({ basis: 'sample', spaceSize: 1e6 }),
    results({ 'masked-dead': 9, 'harness-error': 1 }),
  );
  expect(count(sampled, 'trap').rate).toMatchObject({
    low: 0,
    high: clopperPearson({ hits: 1, trials: 10, confidence: 0.95 }).high,
  });
});

test('a sample is extrapolated to the space, with its interval', () => {
  const sampled = results({ hang: 30, 'masked-latent': 950, 'not-activated': 20 });
  const summary = summarize(head({ basis: 'sample', spaceSize: 5_000_000 }), sampled, { confidence: 0.99 });
  const { rate, count: faults } = count(summary, 'hang');
  expect(rate).toEqual({
    estimate: 30 / 980,
    ...clopperPearson({ hits: 30, trials: 980, confidence: 0.99 }),
    confidence: 0.99,
    method: 'clopper-pearson',
  });
  const ofAll = clopperPearson({ hits: 30, trials: 1000, confidence: 0.99 });
  expect(faults).toEqual({
    estimate: 150_000,
    low: expect.closeTo(ofAll.low * 5e6, 4),
    high: expect.closeTo(ofAll.high * 5e6, 4),
  });
});

test('a space without a size has no absolute counts, and uneven weights widen the interval', () => {
  const even = summarize(
    head({ basis: 'sample', spaceSize: null }),
    results({ hang: 50, 'masked-dead': 50 }),
  );
  const uneven = summarize(head({ basis: 'sample', spaceSize: null }), [
    ...results({ hang: 50, 'masked-dead': 49 }),
    result(99, 'masked-dead', { weight: 50 }),
  ]);
  const width = (summary: CampaignSummary): number =>
    count(summary, 'hang').rate!.high - count(summary, 'hang').rate!.low;
  expect(count(even, 'hang').count).toBeNull();
  expect(width(uneven)).toBeGreaterThan(2 * width(even));
});

test('an assessor’s numbers', () => {
  const summary = summarize(
    head({ spaceSize: 200 }),
    results({
      'silent-data-corruption': 2,
      hang: 3,
      trap: 20,
      'fail-stop': 10,
      'detected-recovered': 60,
      'detected-corrected': 5,
      'masked-latent': 40,
      'masked-dead': 50,
      'not-activated': 10,
    }),
  );
  const share = (name: Figure): number => figure(summary, name).rate!.estimate;
  expect(share('activation')).toBe(190 / 200);
  expect(share('failure')).toBe(35 / 190);
  expect(share('undetected-failure')).toBe(5 / 190);
  expect(share('diagnostic-coverage')).toBe(95 / 100);
  expect(share('recovery')).toBe(65 / 95);
  expect(share('masking')).toBe(90 / 190);
  expect(figure(summary, 'failure').count).toEqual({ estimate: 35, low: 35, high: 35 });
});

test('without anything that fired there are no shares, rather than good ones', () => {
  const summary = summarize(head({ spaceSize: 3 }), results({ 'not-activated': 3 }));
  expect(figure(summary, 'failure').rate).toBeNull();
  expect(count(summary, 'trap').rate).toBeNull();
  expect(count(summary, 'not-activated').rate!.estimate).toBe(1);
});

test('failures are grouped by cause: the worst outcome first, then the heaviest, each with its first injection', () => {
  const far: Partial<InjectionResult> = { cause: 'trap: load access fault in brake() (train.c:7)' };
  const summary = summarize(head(), [
    result(4, 'trap', far),
    result(1, 'trap', { weight: 2 }),
    result(2, 'trap', { weight: 3, ...far }),
    result(9, 'hang'),
    result(3, 'masked-dead'),
    result(5, 'detected-recovered'),
    result(6, 'harness-error', { cause: 'oracle threw: x is undefined' }),
  ]);
  expect(
    summary.groups.map(({ outcome, injections, weight, example }) => [
      outcome,
      injections,
      weight,
      example.index,
    ]),
  ).toEqual([
    ['harness-error', 1, 1, 6],
    ['hang', 1, 1, 9],
    ['trap', 2, 4, 2],
    ['trap', 1, 2, 1],
  ]);
});

test('recovery times by weight: median, 99th percentile, longest', () => {
  const recovered = (index: number, recoveryTime: number, weight = 1) =>
    result(index, 'detected-recovered', { recoveryTime, weight });
  const summary = summarize(head(), [
    recovered(0, 900),
    recovered(1, 100, 97),
    recovered(2, 500),
    recovered(3, 300),
    result(4, 'trap'),
  ]);
  expect(summary.recovery).toEqual({ injections: 4, median: 100, percentile99: 500, longest: 900 });
  expect(summarize(head(), [result(0, 'trap')]).recovery).toBeNull();
});

test('causes, origins, properties and recovery times without number take bounded room, and nothing is lost from the counts', () => {
  const many = 30_000;
  const divergence = result(0, 'trap').divergence!;
  const summarizer = new Summarizer(head({ planned: many }));
  for (let index = 0; index < many; index++) {
    const isTrap = index % 2 === 0;
    summarizer.add(
      result(index, isTrap ? 'trap' : 'detected-recovered', {
        ...(isTrap
          ? { cause: index < many / 2 ? 'trap' : `trap at ${index}` }
          : { recoveryTime: 1_000_000 + 7 * index }),
        ...(isTrap && { divergence: { ...divergence, line: index } }),
        properties: [{ vm: 'train', property: 'always', name: `name ${index}`, held: true, failed: false }],
      }),
    );
  }
  const summary = summarizer.summary();
  const { groups, properties, otherProperties, recovery, outcomes } = summary;
  expect(groups.length).toBeLessThan(1000);
  expect(properties.length).toBeLessThan(2000);
  expect(otherProperties).toBe(many - properties.length);
  const { origins, elsewhere } = groups.find(({ cause }) => cause === 'trap')!;
  expect(origins.length).toBeLessThan(100);
  expect(origins.reduce((sum, origin) => sum + origin.injections, elsewhere)).toBe(many / 4);
  expect(campaignJUnit(summary)).toContain('of 7,500 looked at instruction by instruction');
  expect(campaignJUnit(summary)).toContain('others were stated 29,000 times');
  expect(groups.reduce((sum, { injections }) => sum + injections, 0)).toBe(many / 2);
  expect(groups.find(({ cause }) => cause === 'other causes')!.injections).toBeGreaterThan(many / 5);
  expect(outcomes.find(({ outcome }) => outcome === 'trap')!.injections).toBe(many / 2);
  const longest = 1_000_000 + 7 * (many - 1);
  expect(recovery!.injections).toBe(many / 2);
  expect(recovery!.longest).toBeGreaterThanOrEqual(longest);
  expect(recovery!.longest).toBeLessThan(longest * 1.01);
});

test('the order in which results come changes nothing', () => {
  const some = results({ trap: 5, hang: 3, 'masked-dead': 7, 'detected-recovered': 2 });
  const backwards = new Summarizer(head());
  for (const one of [...some].reverse()) backwards.add(one);
  expect(backwards.summary()).toEqual(summarize(head(), some));
});

test('what guests state is collected over all runs, the golden one included', () => {
  const stated = (property: PropertyObservation['property'], held: boolean, failed = false) => ({
    vm: 'train',
    property,
    name: `${property} fine`,
    held,
    failed,
  });
  const golden = {
    ...head().golden,
    properties: [stated('sometimes', false, true), stated('always', true), stated('unreachable', false)],
  };
  const summary = summarize(head({ golden }), [
    result(0, 'masked-dead', { properties: [stated('sometimes', true), stated('always', true, true)] }),
    result(1, 'masked-dead', { properties: [stated('reachable', false)] }),
  ]);
  expect(
    summary.properties.map(({ property, runs, held, failed, isFulfilled }) => [
      property,
      runs,
      held,
      failed,
      isFulfilled,
    ]),
  ).toEqual([
    ['always', 2, 2, 1, false],
    ['reachable', 1, 0, 0, false],
    ['sometimes', 2, 1, 1, true],
    ['unreachable', 1, 0, 0, true],
  ]);
});
