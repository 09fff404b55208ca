/** Results in a file: they come back as they went, survive a kill and a full disk, and mix with no others. */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type CampaignHead, CampaignStore, type InjectionResult, summarize } from 'testvisor';
import { head, result, results } from '../made-up-results';

/** Processes of their own, on a busy host. */
jest.setTimeout(120_000);

const WRITER = join(__dirname, 'writer.ts');
const NODE = [process.execPath, '--import', 'tsx', WRITER];
const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileNamed = (name: string): string => join(folder, name);

const read = async (file: string): Promise<InjectionResult[]> => {
  const store = await CampaignStore.read(file);
  try {
    const all: InjectionResult[] = [];
    for await (const one of store.results()) all.push(one);
    return all;
  } finally {
    await store.close();
  }
};

async function write(file: string, some: readonly InjectionResult[], campaign: CampaignHead = head()) {
  const store = await CampaignStore.open(file, campaign);
  for (const one of some) await store.append(one);
  await store.close();
}

const VARIED: readonly InjectionResult[] = [
  result(0, 'trap', { weight: 2 ** 40 + 0.5 }),
  result(1, 'masked-dead', { known: 'pruned', firedAt: null, symbol: 'st"a\'te', address: 2 ** 52 + 1 }),
  result(2, 'isolation-breach', {
    bystanders: [{ vm: 'ui', impact: 'late', lateBy: 1500.5, missedDeadlines: 1, isReachable: false }],
    properties: [{ vm: 'train', property: 'always', name: 'speed “fits”', held: true, failed: true }],
  }),
  result(3, 'not-activated', { model: 'loseMessage', channel: 'brake', vm: null, register: null, bit: null }),
  result(4, 'hang', { cause: 'several\nlines, "quoted"', divergence: null, function: null }),
];

test('results come back as they went, by their indexes', async () => {
  const file = fileNamed('varied.duckdb');
  await write(file, [...VARIED].reverse());
  expect(await read(file)).toEqual(VARIED);
});

test('a campaign goes on with what is missing, and what it has is not taken twice', async () => {
  const file = fileNamed('resumed.duckdb');
  await write(file, results({ trap: 4 }));
  const store = await CampaignStore.open(file, head());
  expect([...store.done.missing(7)]).toEqual([4, 5, 6]);
  await store.append(result(2, 'hang'));
  await store.append(result(5, 'hang'));
  await store.append(result(5, 'trap'));
  expect(store.done.size).toBe(5);
  expect([...store.done.missing(7)]).toEqual([4, 6]);
  expect(await store.summary()).toEqual(summarize(head(), [...results({ trap: 4 }), result(5, 'hang')]));
  await store.close();
});

/** Kills a writer as soon as it has said so much; what it last said was safe. */
function killedAfter(file: string, atLeast: number): Promise<number> {
  const writer = spawn(NODE[0]!, [...NODE.slice(1), file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  writer.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
    if (lastNumber(said) >= atLeast) writer.kill('SIGKILL');
  });
  return new Promise((done) => writer.on('close', () => done(lastNumber(said))));
}

const lastNumber = (lines: string): number => Number(/(\d+)\n(?!.*\n)/.exec(lines)?.[1] ?? 0);

test('kill -9 at any moment costs nothing that was safe', async () => {
  const file = fileNamed('killed.duckdb');
  let safe = 0;
  for (const more of [100, 700]) {
    const known = await killedAfter(file, safe + more);
    expect(known).toBeGreaterThanOrEqual(safe + more);
    const all = await read(file);
    expect(all.length).toBeGreaterThanOrEqual(known);
    expect(all.map(({ index }) => index)).toEqual(all.map((_, index) => index));
    safe = all.length;
  }
});

test('of an append that was cut anywhere what came before it is left, and the campaign goes on', async () => {
  const file = fileNamed('cut.duckdb');
  await killedAfter(file, 500);
  const [stored, log] = [readFileSync(file), readFileSync(`${file}.wal`)];
  const counts: number[] = [];
  for (const share of [0.001, 0.3, 0.5, 0.75, 0.999]) {
    writeFileSync(file, stored);
    writeFileSync(`${file}.wal`, log.subarray(0, Math.floor(log.length * share)));
    const store = await CampaignStore.open(file, head({ planned: 1e9, spaceSize: 1e9 }));
    const { size } = store.done;
    expect([...store.done.missing(size + 2)]).toEqual([size, size + 1]);
    await store.append(result(size, 'trap'));
    await store.close();
    expect(await read(file)).toHaveLength(size + 1);
    counts.push(size);
  }
  expect(counts[0]).toBe(0);
  expect(counts).toEqual([...new Set(counts)].sort((a, b) => a - b));
});

/** A file may have so many KiB: the same error as a disk without room, but everybody may ask for it. */
const limitedTo = (size: number, ...given: readonly string[]) =>
  spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f ${size}; exec "$@"`, 'bash', ...NODE, ...given], {
    encoding: 'utf8',
  });

test('a disk without room for a new store is said clearly, and nothing is in the way of the next', async () => {
  const file = fileNamed('new.duckdb');
  for (const size of [2, 100]) {
    const limited = limitedTo(size, file, '50');
    expect(limited.stderr).toMatch(/^store-failed: store .*new\.duckdb: it could not be written/);
    expect(readdirSync(folder).filter((name) => name.startsWith('new'))).toEqual([]);
  }
  await write(file, results({ trap: 3 }));
  expect(await read(file)).toHaveLength(3);
});

test('a disk that is full is said clearly; with room again the campaign goes on', async () => {
  const file = fileNamed('full.duckdb');
  const limited = limitedTo(600, file, '20000');
  expect(limited.stderr).toMatch(/^store-failed: store .*full\.duckdb.*: it could not be written/);
  expect(limited.stderr).toContain('Make room and run the campaign again');
  expect(limited.status).toBe(1);
  const safe = lastNumber(limited.stdout);
  expect(safe).toBeGreaterThan(0);
  const resumed = spawnSync(NODE[0]!, [...NODE.slice(1), file, String(safe + 2000)], { encoding: 'utf8' });
  expect(resumed).toMatchObject({ status: 0, stderr: '' });
  expect((await read(file)).map(({ index }) => index)).toEqual(
    Array.from({ length: safe + 2000 }, (_, index) => index),
  );
});

test('a store that is in use is left to its user', async () => {
  const file = fileNamed('used.duckdb');
  const store = await CampaignStore.open(file, head());
  await expect(CampaignStore.open(file, head())).rejects.toMatchObject({ code: 'store-in-use' });
  const other = spawnSync(NODE[0]!, [...NODE.slice(1), file, '1'], { encoding: 'utf8' });
  expect(other.stderr).toContain(`store-in-use: store ${file}: process ${process.pid} has it open.`);
  await store.close();
});

test('results of another campaign are not mixed in, and stay', async () => {
  const file = fileNamed('other.duckdb');
  await write(file, results({ trap: 1 }));
  await expect(
    CampaignStore.open(file, head({ identity: 'f0', seed: 8, spaceSize: 5 })),
  ).rejects.toMatchObject({
    code: 'other-campaign',
    message: expect.stringContaining('seed 7 instead of 8, spaceSize 100 instead of 5.'),
  });
  expect(await read(file)).toHaveLength(1);
});

test.each<[string, string | Buffer]>([
  ['nothing', ''],
  ['a text', 'outcome,cause\n'.repeat(500)],
  ['zeros', Buffer.alloc(100_000)],
])('a file that holds %s is no store, and stays', async (name, content) => {
  const file = fileNamed(`foreign ${name}`);
  writeFileSync(file, content);
  await expect(CampaignStore.open(file, head())).rejects.toMatchObject({
    code: 'bad-store',
    message: expect.stringContaining('no store at all'),
  });
  expect(readFileSync(file)).toEqual(Buffer.from(content));
});

test('a database of something else, and a store of a later version, are refused', async () => {
  const file = fileNamed('database.duckdb');
  const run = async (sql: string): Promise<void> => {
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run(sql);
    connection.closeSync();
    instance.closeSync();
  };
  await run('CREATE TABLE invoices (amount INTEGER)');
  await expect(CampaignStore.open(file, head())).rejects.toMatchObject({
    code: 'bad-store',
    message: expect.stringContaining('a database of something else'),
  });
  rmSync(file);
  await write(file, []);
  await run('UPDATE campaign SET format = 99');
  await expect(CampaignStore.open(file, head())).rejects.toMatchObject({
    code: 'bad-store',
    message: expect.stringContaining('format 99; this version of Testvisor reads 2'),
  });
});

test('a damaged store says so, wherever it is damaged', async () => {
  const file = fileNamed('damaged.duckdb');
  await write(file, results({ trap: 3000 }));
  const good = readFileSync(file);
  let noticed = 0;
  for (let at = 5000; at < good.length; at += Math.floor(good.length / 12)) {
    writeFileSync(file, good);
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(200, 0xa5), 0, 200, at);
    closeSync(handle);
    try {
      // Where the damage hit no data, all of it is there.
      expect(await read(file)).toEqual(results({ trap: 3000 }));
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad-store' });
      noticed += 1;
    }
  }
  expect(noticed).toBeGreaterThan(3);
});

test.each([
  ['no-such-folder/a.duckdb', 'its folder does not exist'],
  ['.', 'no store at all'],
])('%s is a mistake', async (name, text) => {
  await expect(CampaignStore.open(fileNamed(name), head())).rejects.toMatchObject({
    code: 'bad-store',
    message: expect.stringContaining(text),
  });
});

test('a store that does not exist cannot be read', async () => {
  await expect(CampaignStore.read(fileNamed('none.duckdb'))).rejects.toMatchObject({ code: 'bad-store' });
  expect(() => statSync(fileNamed('none.duckdb'))).toThrow('ENOENT');
});
