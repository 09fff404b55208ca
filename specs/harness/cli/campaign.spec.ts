/** `testvisor campaign`, `replay` and `merge`, as one types them. */
import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

/** A process for each test; a busy host needs some seconds for one. */
jest.setTimeout(120_000);

const ROOT = resolve(__dirname, '../../..');
const FILE = relative(ROOT, join(__dirname, '../campaign/run/campaigns.ts'));
const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
afterAll(() => rmSync(folder, { recursive: true }));

const testvisor = (...args: readonly string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'harness/cli/main.ts', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });

test('a campaign in shards, merged: what is printed replays', () => {
  const stores = [1, 2].map((number) => join(folder, `${number}.duckdb`));
  for (const [index, store] of stores.entries()) {
    const shard = testvisor(
      ...['campaign', FILE, '--name', 'few', '--workers', '1', '--store', store, '--shard', `${index + 1}/2`],
    );
    expect(shard.status).toBe(0);
    expect(shard.stderr).toMatch(/12 of 12 injections, .*per second/);
  }
  const files = ['report.html', 'junit.xml', 'results.csv'].map((name) => join(folder, name));
  const merged = testvisor(
    ...['merge', join(folder, 'whole.duckdb'), ...stores, '--fail-on', 'undetected-failure'],
    ...['--report', files[0]!, '--junit', files[1]!, '--export', files[2]!],
  );
  expect(merged.stdout).toContain('24 injections, of a space of');
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  expect(texts[0]).toContain('<title>few: campaign report</title>');
  expect(texts[1]).toContain('<testsuite name="few"');
  expect(texts[2]!.trimEnd().split('\n')).toHaveLength(25);

  const [, json] = /replay .*?'(\[.*?\])'/.exec(merged.stdout)!;
  const replayed = testvisor('replay', FILE, json!, '--name', 'few');
  const [, outcome] = /^(trap|silent-data-corruption)/m.exec(merged.stdout.split('\n\n').at(-1)!)!;
  expect(replayed.stdout).toContain(`\n${outcome}: `);
  expect(replayed.status).toBe(0);
});

test('a report for which there is no room is named, and the one of before is kept', () => {
  const report = join(folder, 'kept.html');
  writeFileSync(report, 'the one of before');
  const command = ['--import', 'tsx', 'harness/cli/main.ts', 'campaign', FILE, '--name', 'few'];
  // No file may have more than 20 KiB.
  const { status, stderr } = spawnSync(
    'bash',
    [
      ...['-c', `trap '' XFSZ; ulimit -f 20; exec "$@"`, 'bash'],
      ...[process.execPath, ...command, '--workers', '1', '--report', report],
    ],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(stderr).toContain(`testvisor: ${report}: it was not written: `);
  expect(stderr).toContain('Make room, or name a file in a folder that exists.');
  expect(status).toBe(1);
  expect(readFileSync(report, 'utf8')).toBe('the one of before');
  expect(readdirSync(folder).filter((name) => name.startsWith('kept'))).toEqual(['kept.html']);
});

test('a link to where a report shall be stays one', () => {
  const [link, file] = [join(folder, 'latest.xml'), join(folder, 'of-today.xml')];
  writeFileSync(file, 'the one of before');
  symlinkSync(file, link);
  expect(testvisor('campaign', FILE, '--name', 'few', '--workers', '1', '--junit', link).status).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('<testsuite name="few"');
});

test.each<[string, readonly string[], number, RegExp]>([
  ['several campaigns and no name', ['campaign', FILE], 1, /it exports .*“few”.*Name one: --name/s],
  ['a shard that is none', ['campaign', FILE, '--shard', '3'], 2, /NUMBER\/COUNT/],
  ['faults that are none', ['replay', FILE, 'x', '--name', 'few'], 1, /not JSON/],
])('%s is a mistake', (_, args, code, text) => {
  const { status, stderr } = testvisor(...args);
  expect(stderr).toMatch(text);
  expect(status).toBe(code);
});
