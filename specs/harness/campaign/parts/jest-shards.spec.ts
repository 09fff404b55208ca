/** Jest’s own `--shard`: a file that says so has a part of its campaigns in every shard, and the parts merge to the whole. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { campaign, CampaignStore, faultSpace } from 'testvisor';
import { sorterCampaign } from '../sorter';

/** Processes of Jest, on a host that may be busy. */
jest.setTimeout(180_000);

const ROOT = join(__dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CONFIG = {
  rootDir: ROOT,
  preset: './harness/jest/jest-preset.js',
  roots: [__dirname],
  testMatch: ['**/*.sample.ts'],
  testTimeout: 120_000,
  testEnvironmentOptions: { campaigns: folder },
  transform: { '^.+\\.ts$': join(ROOT, 'harness/jest/typescript-transform.js') },
  moduleNameMapper: { '^testvisor$': join(ROOT, 'harness/index.ts') },
};

interface TestOutcome {
  readonly title: string;
  readonly status: string;
}

/** What became of each test, by file. */
function jestShard(shard: string) {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      require.resolve('jest/bin/jest'),
      ...['--config', JSON.stringify(CONFIG), '--shard', shard, '--json', '--runInBand', '--ci'],
    ],
    { cwd: ROOT, encoding: 'utf8' },
  );
  const { testResults } = JSON.parse(stdout) as {
    readonly testResults: readonly {
      readonly name: string;
      readonly assertionResults: readonly TestOutcome[];
    }[];
  };
  const files = testResults.map(({ name, assertionResults }) => ({
    file: name.slice(name.lastIndexOf('/') + 1),
    tests: Object.fromEntries(assertionResults.map(({ title, status }) => [title, status])),
  }));
  return { files, stderr };
}

const shards = (): readonly string[] => [1, 2].map((number) => join(folder, `shard-${number}-of-2`));

test('each shard has its part, and asks what can be asked of a part', () => {
  const [first, second] = [jestShard('1/2'), jestShard('2/2')];
  const all = [...first.files, ...second.files];
  expect(all.map(({ file }) => file).sort()).toEqual([
    'split.sample.ts',
    'split.sample.ts',
    'whole.sample.ts',
  ]);
  for (const { tests } of all.filter(({ file }) => file === 'split.sample.ts'))
    expect(tests).toEqual({
      'what holds of the whole': 'passed',
      'what does not hold of the whole, and no part knows': 'passed',
      'what does not hold of a part already': 'failed',
    });
  expect(first.stderr).toMatch(
    /campaign “flips of a5”: part 1 of 2, \d+ of \d+ injections, in .*shard-1-of-2/,
  );
});

test('the parts are the whole, of which everything is asked again', async () => {
  const into = join(folder, 'whole');
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'harness/cli/main.ts', 'merge', into, ...shards()],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(stdout.split('\n').filter((line) => /^[✓✗] expected/.test(line))).toEqual([
    '✓ expected .toBeComplete()',
    '✓ expected .toHaveNo("isolation-breach")',
    '✓ expected .toHaveRateBelow("failure", 0.99)',
    '✓ expected .not.toHaveNo("silent-data-corruption")',
    '✗ expected .toHaveRateBelow("failure", 0.001)',
    '✗ expected .not.toHaveNo("isolation-breach")',
    '✗ expected .toRecoverWithin(1000)',
    '✗ expected .toHaveNo("failure")',
    expect.stringMatching(/^✓ expected .toHaveFewer\("silent-data-corruption", .*"flips of a5"/),
  ]);
  expect(stdout).toContain(
    "test: npx jest specs/harness/campaign/parts/split.sample.ts -t 'what does not hold",
  );
  expect(status).toBe(1);

  const file = readdirSync(into).find((name) => name.startsWith('flips-of-a5'))!;
  const store = await CampaignStore.read(join(into, file));
  const merged = await store.summary();
  await store.close();
  const { results: _, ...whole } = await campaign({
    ...sorterCampaign({ space: faultSpace.registers({ vm: 'sorter', registers: ['a5'], bits: [1, 3] }) }),
    name: 'flips of a5',
  });
  expect(merged).toEqual(whole);
});

test('a shard that is missing is a whole that is not done', () => {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'harness/cli/main.ts', 'merge', join(folder, 'half'), shards()[0]!],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(stdout).toContain('✗ expected .toBeComplete()');
  expect(status).toBe(1);
});
