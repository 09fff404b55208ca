/** `testvisor keygen` and `testvisor sign`: from nothing to an image that a VM with secure boot starts; and `testvisor policy`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { boot, defineSystem, kib, ms } from 'testvisor';

/** A process for each command; a busy host needs some seconds for one. */
jest.setTimeout(60_000);

const ROOT = resolve(__dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
afterAll(() => rmSync(folder, { recursive: true }));

function testvisor(...args: readonly string[]) {
  const command = ['--import', 'tsx', 'harness/cli/main.ts', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('a new key signs an image, which then starts', async () => {
  const [key, image] = [join(folder, 'vendor.pem'), join(folder, 'app.signed')];
  const made = testvisor('keygen', key);
  expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/) });
  expect(statSync(key).mode & 0o077).toBe(0);
  const counter = 'fixtures/counter/counter.elf';
  const how = ['--key', key, '--product', 'app', '--version', '1', '--counter', '2', '--out', image];
  expect(testvisor('sign', counter, ...how)).toMatchObject({ status: 0, stdout: `${image}\n` });
  const machine = await boot(
    defineSystem({
      trustedKeys: { vendor: made.stdout.trim() },
      vms: { app: { image, ram: kib(64), secureBoot: { signedBy: 'vendor' } } },
    }),
  );
  await machine.runFor(ms(3));
  expect(machine.trace).toContainEqual(
    expect.objectContaining({ kind: 'rollback-counter-raised', counter: 2 }),
  );

  // A key that is there is not lost by a slip.
  expect(testvisor('keygen', key)).toMatchObject({ status: 1, stderr: expect.stringContaining('EEXIST') });
});

test('misuse is told', () => {
  expect(testvisor('sign', 'app.elf')).toMatchObject({ status: 2, stderr: expect.stringContaining('--key') });
});

test('a policy is printed, for people and as JSON, and tried', () => {
  const system = 'fixtures/train-control/system.ts';
  const tried = testvisor('policy', system, '--probe');
  expect(tried.status).toBe(0);
  expect(tried.stdout).toMatch(/^train\n {2}may {2}read, write +device testFinisher/);
  expect(tried.stdout).toMatch(/\n\d+ things tried, 0 not denied\n$/);
  expect(JSON.parse(testvisor('policy', system, '--json').stdout)).toMatchObject({
    subjects: ['train', 'sensor', 'ui', 'test'],
  });
});
