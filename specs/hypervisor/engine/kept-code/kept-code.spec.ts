/** What one process has translated, the next finds on disk: it translates nothing, and nothing else is different. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachePath } from '../../../../harness/cache/cache-folder';
import { CodeFolder } from '../../../../harness/cache/code-folder';
import { inNewProcess, type Run } from './in-new-process';

/** Each run loads everything anew. */
jest.setTimeout(60_000);

let folder: string;
/** Without anything kept, and what a first run with a folder has left there. */
let alone: Run;
let first: Run;
let filled: string;

const files = (of = folder): readonly string[] => readdirSync(of).map((name) => join(of, name));

/** Every file of the folder, by a change to its bytes. */
const damage = (change: (bytes: Buffer) => Uint8Array): void => {
  for (const file of files()) writeFileSync(file, change(readFileSync(file)));
};

beforeAll(async () => {
  filled = join(mkdtempSync(join(tmpdir(), 'testvisor-')), 'code');
  alone = await inNewProcess();
  first = await inNewProcess({ folder: filled });
  // What is there from the beginning runs other code into the interpreter's hands: that is translated by now.
  await inNewProcess({ folder: filled });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
  for (const file of files(filled)) copyFileSync(file, join(folder, file.slice(filled.length)));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => rmSync(join(filled, '..'), { recursive: true, force: true }));

test('the first process generates the interpreter, the dispatcher and code of the guest, and keeps them', () => {
  expect(first).toEqual(alone);
  expect([...new Set(first.made)].sort()).toEqual(['dispatcher', 'interpreter', 'physical']);
  expect(files(filled)).toHaveLength(3);
});

test('later ones generate nothing, and the run is the same', async () => {
  expect(await inNewProcess({ folder })).toEqual({ digest: alone.digest, made: [] });
});

test('code of the guest that is another is translated again, beside what was there; what has none is not', async () => {
  const changed = await inNewProcess({ isChanged: true });
  expect(changed.digest).not.toBe(alone.digest);
  const next = await inNewProcess({ isChanged: true, folder });
  expect(next.digest).toBe(changed.digest);
  expect(next.made).toContain('physical');
  await inNewProcess({ isChanged: true, folder });
  expect((await inNewProcess({ isChanged: true, folder })).made).toEqual([]);
  expect(await inNewProcess({ folder })).toEqual({ digest: alone.digest, made: [] });
});

test.each([
  ['another size of RAM, which is a constant in the code', { ram: 128 }],
  ['another version of what generates code', { version: 'next' }],
])('nothing of it is used for %s', async (_, start) => {
  const without = await inNewProcess(start);
  const { digest, made } = await inNewProcess({ ...start, folder });
  expect(digest).toBe(without.digest);
  expect(made).toContain('physical');
});

test.each<[string, (bytes: Buffer) => Uint8Array]>([
  ['cut off', (bytes) => bytes.subarray(0, bytes.length - 1)],
  ['changed in one bit in its middle', (bytes) => flip(bytes, bytes.length >>> 1)],
  ['changed in one bit of its checksum', (bytes) => flip(bytes, 0)],
  ['something else', () => Buffer.from('hello')],
])('files that are %s are as good as none, and are written anew', async (_, change) => {
  damage(change);
  expect(await inNewProcess({ folder })).toEqual(first);
  expect((await inNewProcess({ folder })).made.length).toBeLessThan(first.made.length);
});

function flip(bytes: Buffer, at: number): Uint8Array {
  bytes[at]! ^= 1;
  return bytes;
}

test('a file that has another one’s name is none', async () => {
  const [one, other, third] = files();
  renameSync(one!, `${folder}/moved`);
  renameSync(other!, one!);
  renameSync(third!, other!);
  renameSync(`${folder}/moved`, third!);
  expect(await inNewProcess({ folder })).toEqual(first);
});

describe('what others may have written is not read', () => {
  const cases: [string, () => void][] = [
    ['a file that others may write to', () => files().forEach((file) => chmodSync(file, 0o666))],
    ['a folder that others may write to', () => chmodSync(folder, 0o770)],
    [
      'a link to a file',
      () => {
        const elsewhere = `${folder}-elsewhere`;
        renameSync(folder, elsewhere);
        mkdirSync(folder, { mode: 0o700 });
        for (const file of files(elsewhere)) symlinkSync(file, join(folder, file.slice(elsewhere.length)));
      },
    ],
  ];
  test.each(cases)('%s', async (_, open) => {
    open();
    expect(await inNewProcess({ folder })).toEqual(first);
    rmSync(`${folder}-elsewhere`, { recursive: true, force: true });
  });
});

test('a folder that is missing is made, for the user alone', () => {
  expect(statSync(filled).mode & 0o777).toBe(0o700);
  for (const file of files(filled)) expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('where nothing can be written, the run is the same and says nothing', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(await inNewProcess({ folder: join(file, 'code') })).toEqual(first);
  const lost = join(folder, 'lost');
  const meanwhile = (): void => rmSync(lost, { recursive: true });
  expect(await inNewProcess({ folder: lost, meanwhile })).toEqual(first);
});

describe('the folder itself', () => {
  const open = (options: { readonly atMost?: number; readonly atMostEach?: number } = {}): CodeFolder =>
    new CodeFolder({ folder, version: 'this', ...options });
  const valuesOf = (name: string): unknown[] =>
    open()
      .load(name)
      .map(({ value }) => value);

  test('two processes that keep code of one name at the same time both have kept it', () => {
    const [one, other] = [open(), open()];
    for (const process of [one, other]) process.load('a');
    one.keep('a', 1);
    other.keep('a', 2);
    one.flush();
    other.flush();
    expect(valuesOf('a')).toEqual([1, 2]);
    expect(files().filter((file) => !file.endsWith('.code'))).toEqual([]);
  });

  test('what is kept twice is there once; what is replaced, no more', () => {
    const [one, other] = [open(), open()];
    const id = one.keep('a', [1]);
    expect(other.keep('a', [1])).toBe(id);
    for (const process of [one, other]) process.flush();
    expect(valuesOf('a')).toEqual([[1]]);
    one.keep('a', [2], [id]);
    one.flush();
    expect(valuesOf('a')).toEqual([[2]]);
  });

  test('what is small beside a large file waits, so that a thousand tests do not write it a thousand times', () => {
    const process = open();
    process.keep('a', new Uint8Array(300_000));
    process.keep('b', 1);
    process.flushInProportion();
    process.keep('a', 1);
    process.keep('b', 2);
    process.flushInProportion();
    expect(valuesOf('a')).toHaveLength(1);
    expect(valuesOf('b')).toEqual([1, 2]);
    process.keep('a', new Uint8Array(40_000));
    process.flushInProportion();
    expect(valuesOf('a')).toHaveLength(3);
    process.keep('a', 2);
    process.flush();
    expect(valuesOf('a')).toHaveLength(4);
  });

  test('a file has a largest size: what was not of use for longest goes', () => {
    const values = [1, 2, 3, 4].map((value) => new Uint8Array(1000).fill(value));
    const process = open({ atMostEach: 3500 });
    const ids = values.slice(0, 3).map((value) => process.keep('a', value));
    process.flush();
    process.noteUse(ids[0]!);
    process.keep('a', values[3]);
    process.flush();
    expect(valuesOf('a')).toEqual([values[3], values[0]]);
  });

  test('all files together have a largest size: what was not used for longest goes, and what was left unfinished', () => {
    const process = open();
    for (const name of ['a', 'b', 'c']) process.keep(name, new Uint8Array(1000));
    process.flush();
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const file of files()) utimesSync(file, old, old);
    const [unfinished, foreign] = [`${files()[0]!}.1-0-0`, join(folder, 'foreign')];
    for (const file of [unfinished, foreign]) {
      writeFileSync(file, '');
      utimesSync(file, old, old);
    }
    expect(open().load('b')).toHaveLength(1);
    const last = open({ atMost: 2500 });
    last.keep('d', new Uint8Array(1000));
    last.flush();
    expect(['a', 'b', 'c', 'd'].filter((name) => valuesOf(name).length > 0)).toEqual(['b', 'd']);
    expect(files()).not.toContain(unfinished);
    expect(files()).toContain(foreign);
  });
});

test('the environment says where code is kept, or that it is not', () => {
  expect(cachePath({ TESTVISOR_CACHE: 'off', XDG_CACHE_HOME: '/caches' })).toBeUndefined();
  expect(cachePath({ TESTVISOR_CACHE: '/var/cache/ci' })).toBe('/var/cache/ci');
  expect(cachePath({ TESTVISOR_CACHE: '', XDG_CACHE_HOME: '/caches' })).toBe('/caches/testvisor');
  expect(cachePath({ XDG_CACHE_HOME: 'caches' })).toMatch(/^\/.*testvisor$/);
});
