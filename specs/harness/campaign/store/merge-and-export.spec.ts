/** Parts of a campaign become one store, which other tools can read. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CampaignHead,
  CampaignStore,
  exportResults,
  type InjectionResult,
  mergeStores,
  summarize,
} from 'testvisor';
import { head, result, results } from '../made-up-results';

const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileNamed = (name: string): string => join(folder, `${name}.duckdb`);

async function stored(name: string, some: readonly InjectionResult[], campaign: CampaignHead = head()) {
  const store = await CampaignStore.open(fileNamed(name), campaign);
  for (const one of some) await store.append(one);
  await store.close();
  return fileNamed(name);
}

const ALL = results({ trap: 3, hang: 4, 'masked-dead': 5 });

test('parts add up to the whole, and what is in several counts once', async () => {
  const parts = [
    await stored(
      'a',
      ALL.filter(({ index }) => index % 3 === 0),
    ),
    await stored(
      'b',
      ALL.filter(({ index }) => index % 3 === 1),
    ),
    await stored(
      'c',
      ALL.filter(({ index }) => index % 3 !== 1),
    ),
  ];
  const into = fileNamed('whole');
  expect(await mergeStores(into, parts)).toEqual({ results: 12, repeated: 4 });
  expect(await mergeStores(into, parts)).toEqual({ results: 12, repeated: 16 });
  const store = await CampaignStore.read(into);
  expect(await store.summary()).toEqual(summarize(head(), ALL));
  await store.close();
});

test('parts of different campaigns are not merged, and nothing is written', async () => {
  const parts = [await stored('seven', []), await stored('eight', [], head({ identity: 'e8', seed: 8 }))];
  await expect(mergeStores(fileNamed('mixed'), parts)).rejects.toMatchObject({
    code: 'other-campaign',
    message: expect.stringContaining('seed 8 instead of 7'),
  });
  await expect(CampaignStore.read(fileNamed('mixed'))).rejects.toMatchObject({ code: 'bad-store' });
});

test('parts that disagree about an injection are noticed: one of them did not depend on the machine alone', async () => {
  const parts = [
    await stored('first', [result(0, 'trap'), result(1, 'trap')]),
    await stored('second', [
      result(1, 'hang', { cause: 'trap in decide() (train.c:42)' }),
      result(2, 'trap'),
    ]),
  ];
  const into = fileNamed('disagreeing');
  await expect(mergeStores(into, parts)).rejects.toMatchObject({
    code: 'other-campaign',
    message: expect.stringContaining('injection 1 has outcome "hang"; in another part it has outcome "trap"'),
  });
  const store = await CampaignStore.read(into);
  expect(store.done.size).toBe(2);
  await store.close();
});

test('no parts are a mistake', async () => {
  await expect(mergeStores(fileNamed('none'), [])).rejects.toMatchObject({ code: 'bad-value' });
});

test('CSV has a heading and a line for each injection; Parquet comes back with its types', async () => {
  const store = await CampaignStore.read(
    await stored('exported', [
      result(1, 'masked-dead'),
      result(0, 'trap', { cause: 'a "cause", with all', weight: 2.5 }),
    ]),
  );
  const csv = join(folder, 'results.csv');
  const parquet = join(folder, "it's.parquet");
  await exportResults(store, csv);
  await exportResults(store, parquet);
  const [heading, first, second, ...rest] = readFileSync(csv, 'utf8').trimEnd().split('\n');
  expect(heading).toMatch(/^injection,outcome,cause,weight,known,faults,model,vm,/);
  expect(first).toMatch(/^0,trap,"a ""cause"", with all",2\.5,ran,/);
  expect(second).toMatch(/^1,masked-dead,/);
  expect(rest).toEqual([]);
  const [row] = await store.run(
    `SELECT count(*) AS number, sum(weight) AS weight, any_value(typeof(address)) AS address
     FROM '${parquet.replaceAll("'", "''")}'`,
  );
  expect(row).toEqual({ number: 2n, weight: 3.5, address: 'BIGINT' });
  await store.close();
});

test.each([
  ['results.xlsx', 'bad-value', /Let it end in \.parquet or \.csv/],
  ['no-such-folder/results.csv', 'store-failed', /could not be written: .*No such file/],
])('an export to %s is a mistake', async (name, code, message) => {
  const store = await CampaignStore.read(await stored(`of ${code}`, ALL));
  await expect(exportResults(store, join(folder, name))).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
  await store.close();
});
