/** Random plans, and what of a failure's faults is left when nothing more can be left out. */
import { campaign, faults, faultSpace, minimize, openCampaign, random, type OpenCampaign } from 'testvisor';
import { sorterCampaign } from './sorter';

jest.setTimeout(60_000);

const space = faultSpace.registers({ vm: 'sorter', registers: ['a4', 'a5', 's0', 'sp'] });
const COUNT = 60;

async function withOpen(
  plan: Parameters<typeof random>[0],
  use: (open: OpenCampaign) => Promise<void>,
  seed = 1,
): Promise<void> {
  const open = await openCampaign(sorterCampaign({ space, seed, plan: random(plan) }));
  try {
    await use(open);
  } finally {
    open.close();
  }
}

test('combinations of faults are drawn, the same for the same seed, and make up no space', async () => {
  const [first, again, other] = await Promise.all(
    [1, 1, 2].map((seed) => campaign(sorterCampaign({ space, seed, plan: random({ count: COUNT }) }))),
  );
  expect(first!.results).toEqual(again!.results);
  expect(first!.results.map((result) => result.faults)).not.toEqual(
    other!.results.map((result) => result.faults),
  );
  expect(first!.spaceSize).toBeNull();
  expect(new Set(first!.results.map((result) => result.faults.length))).toEqual(new Set([1, 2, 3]));
  expect(first!.outcomes.filter(({ injections }) => injections > 0).length).toBeGreaterThan(2);
  expect(first!.results.filter(({ outcome }) => outcome === 'harness-error')).toEqual([]);
});

test('one of them is replayed by seed and path', async () => {
  await withOpen({ count: COUNT }, async (all) => {
    const expected = all.run(17);
    await withOpen({ count: COUNT, path: '17' }, async (one) => {
      expect(one.head.planned).toBe(1);
      expect(one.run(0)).toEqual({ ...expected, index: 0 });
    });
  });
});

test('a failure comes down to the faults that it needs, and is printed as a test', async () => {
  await withOpen({ count: COUNT }, async (open) => {
    const failures = Array.from({ length: COUNT }, (_, index) => open.run(index)).filter(
      (result) => result.outcome === 'silent-data-corruption' && result.faults.length === 3,
    );
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) {
      const { result, spec, isCutShort } = minimize(open, failure);
      expect(isCutShort).toBe(false);
      expect(result.outcome).toBe(failure.outcome);
      expect(failure.faults).toEqual(expect.arrayContaining([...result.faults]));
      // None of those left can be left out.
      for (const fault of result.faults) {
        const others = result.faults.filter((each) => each !== fault);
        if (others.length > 0) expect(open.replay(others).outcome).not.toBe(failure.outcome);
      }
      for (const { vm } of result.faults as readonly { readonly vm: string }[])
        expect(spec).toContain(`machine.inject(faults.bitFlip({ vm: '${vm}'`);
      expect(spec.match(/machine\.inject/g)).toHaveLength(result.faults.length);
    }
    expect(failures.some((failure) => minimize(open, failure).result.faults.length < 3)).toBe(true);
  });
});

test('of a fault in several bits those are left that it needs', async () => {
  await withOpen({ count: 1 }, async (open) => {
    const flip = (bits: readonly number[]) =>
      faults.bitFlip({ vm: 'sorter', register: 'sp', bits: [...bits], afterInstructions: 300 });
    const failure = open.replay([flip([0, 1, 2, 31])]);
    const { result, runs, spec } = minimize(open, failure);
    expect((result.faults[0] as { readonly bits: readonly number[] }).bits).toHaveLength(1);
    expect(runs).toBeLessThan(10);
    expect(spec.split('\n')[0]).toContain(`sorter: ${failure.outcome}`);
    expect(minimize(open, failure, { runs: 1, isSame: () => false })).toMatchObject({
      runs: 1,
      isCutShort: true,
      result: { faults: failure.faults },
    });
  });
});

test.each<[string, () => unknown, string, string]>([
  ['no injections', () => random({ count: 0 }), 'bad-amount', 'random({ count })'],
  ['a path that the plan does not have', () => random({ count: 5, path: '5' }), 'bad-campaign', '“5”'],
  ['a path that is none', () => random({ count: 5, path: '1:x' }), 'bad-campaign', '“1:x”'],
])('%s is a mistake', (_, call, code, text) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) }));
});
