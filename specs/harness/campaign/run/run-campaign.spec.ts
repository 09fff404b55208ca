/** A campaign on all cores: the same results whatever the number of workers, whoever of them crashes, and however often it is stopped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  campaign,
  type CampaignDefinition,
  CampaignStore,
  type InjectionResult,
  mergeStores,
  openCampaign,
  runCampaign,
  type RunOptions,
} from 'testvisor';
import { deadly, few, sampled, saved, unsteady } from './campaigns';

/** Each worker is a thread that loads everything anew. */
jest.setTimeout(120_000);

const FILE = relative(process.cwd(), join(__dirname, 'campaigns.ts'));
const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
afterAll(() => rmSync(folder, { recursive: true }));

const from = (definition: object): Pick<RunOptions, 'file' | 'definition'> => ({
  file: FILE,
  definition: definition as CampaignDefinition,
});

/** Whatever it is told to carry out, in this thread: for what does not depend on who does it. */
const here: Pick<RunOptions, 'executor'> = {
  executor: async ({ name }) => {
    const open = await openCampaign([saved, sampled].find((one) => one.name === name)!);
    return {
      width: 1,
      run: async ({ missing }) => missing.map((index) => open.run(index)),
      close: async () => open.close(),
    };
  },
};

async function resultsOf(options: RunOptions): Promise<InjectionResult[]> {
  const results: InjectionResult[] = [];
  await runCampaign({ ...options, onResult: (result) => results.push(result) });
  return results;
}

test('several workers find what one process finds, in the same order', async () => {
  const alone = await campaign(saved);
  expect(alone.done).toBeGreaterThan(50);
  expect(await resultsOf({ ...from(saved), workers: 2 })).toEqual(alone.results);
});

test('a sample stops at the same injection whatever the number of workers, and is complete', async () => {
  const alone = await campaign(sampled);
  const { summary, isDone } = await runCampaign({ ...from(sampled), ...here });
  expect(isDone).toBe(true);
  expect(summary).toMatchObject({ done: alone.done, planned: alone.done, outcomes: alone.outcomes });
  expect(summary).toBeComplete();
});

test('a worker that ends takes only its injection with it: harness-error, with its fault', async () => {
  const alone = await campaign(few);
  const results = await resultsOf({ ...from(deadly), workers: 1 });
  const lost = results.filter(({ outcome }) => outcome === 'harness-error');
  expect(lost).toEqual([
    expect.objectContaining({
      cause: expect.stringContaining('a worker ended'),
      faults: [expect.objectContaining({ model: 'bitFlip', vm: 'sorter', bit: 2 })],
      register: 's0',
    }),
  ]);
  // All others are as they are without it.
  const isLost = ({ index }: InjectionResult): boolean => index === lost[0]!.index;
  expect(results.filter((one) => !isLost(one))).toEqual(alone.results.filter((one) => !isLost(one)));
});

test('a worker that gets another campaign is noticed', async () => {
  await expect(runCampaign({ ...from(unsteady), workers: 1 })).rejects.toMatchObject({
    code: 'other-campaign',
    message: expect.stringContaining('a worker gets another campaign from it'),
  });
});

test('a campaign that was stopped goes on where it was', async () => {
  const store = join(folder, 'stopped.duckdb');
  const whole = await campaign(saved);
  const stop = 60;
  await expect(
    runCampaign({
      ...from(saved),
      store,
      ...here,
      onResult: (_, { done }) => {
        if (done === stop) throw new Error('stopped');
      },
    }),
  ).rejects.toThrow('stopped');
  const seen: number[] = [];
  const { summary } = await runCampaign({
    ...from(saved),
    store,
    ...here,
    onResult: ({ index }, { resumed }) => {
      seen.push(index);
      expect(resumed).toBe(stop);
    },
  });
  expect(seen).toEqual(whole.results.map(({ index }) => index));
  expect(summary.outcomes).toEqual(whole.outcomes);
});

test('shards are parts that merge to the whole', async () => {
  const whole = await campaign(saved);
  const stores: string[] = [];
  for (const number of [1, 2]) {
    const store = join(folder, `shard${number}.duckdb`);
    stores.push(store);
    const { isDone } = await runCampaign({ ...from(saved), store, ...here, shard: { number, count: 2 } });
    expect(isDone).toBe(true);
  }
  const into = join(folder, 'merged.duckdb');
  expect(await mergeStores(into, stores)).toEqual({ results: whole.done, repeated: 0 });
  const merged = await CampaignStore.read(into);
  const { file: _, ...summary } = await merged.summary();
  await merged.close();
  const { results: __, ...expected } = whole;
  expect(summary).toEqual(expected);
});

test.each<[string, Partial<RunOptions>, string]>([
  ['no workers', { workers: 0 }, 'bad-amount'],
  ['a shard that is none', { shard: { number: 4, count: 3 } }, 'bad-amount'],
  ['a folder that is not there', { store: join(folder, 'no', 'a.duckdb') }, 'bad-store'],
])('%s is a mistake', async (_, options, code) => {
  await expect(runCampaign({ ...from(saved), ...options })).rejects.toMatchObject({ code });
});
