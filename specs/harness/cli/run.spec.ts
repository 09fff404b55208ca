/** `testvisor run` boots what it is given: its exit code says how it ended, and `--console` puts a person in front of it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A process for each test; a busy host needs some seconds for one. */
jest.setTimeout(60_000);

const ROOT = resolve(__dirname, '..', '..', '..');
const LEAVE = '\x1d';

/** Writes "> ", waits for a byte at the UART, writes it back, and begins again. */
const ECHO = [
  0x1000_02b7, 0x03e0_0313, 0x0062_8023, 0x0200_0313, 0x0062_8023, 0x0052_c383, 0x0013_f393, 0xfe03_8ce3,
  0x0002_c303, 0x0062_8023, 0xfddf_f06f,
];
/** Stores "power off" to the test finisher. */
const POWER_OFF = [0x0010_02b7, 0x0000_5337, 0x5553_0313, 0x0062_a023, 0x0000_006f];

const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
afterAll(() => rmSync(folder, { recursive: true }));

function binary(name: string, words: readonly number[]): string {
  const path = join(folder, name);
  writeFileSync(path, new Uint8Array(Uint32Array.from(words).buffer));
  return path;
}

/** Runs the command; `typed` is written to its standard input when it has shown the guest's prompt. */
function testvisor(args: readonly string[], typed?: string): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'harness/cli/main.ts', ...args], { cwd: ROOT });
  let text = '';
  const heard = (bytes: Buffer): void => {
    text += bytes.toString();
    if (typed !== undefined && text.endsWith('> ')) {
      child.stdin.write(typed);
      typed = undefined;
    } else if (text.endsWith('> a> ')) child.stdin.write(LEAVE);
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  return new Promise((done) => child.on('close', (code) => done({ code, text })));
}

test('a raw binary in M-mode runs until it powers off', async () => {
  const { code, text } = await testvisor([
    'run',
    binary('off.bin', POWER_OFF),
    '--raw',
    '64',
    '--profile',
    'machine',
  ]);
  expect(text).toContain('guest: halted with code 0');
  expect(code).toBe(0);
});

test('at its console what is typed reaches the guest, and what it writes is shown', async () => {
  const image = binary('echo.bin', ECHO);
  const { code, text } = await testvisor(
    ['run', image, '--raw', '64', '--profile', 'machine', '--console', '--for', '1e9'],
    'a',
  );
  expect(text).toContain('> a> ');
  expect(code).toBe(0);
});

test.each<[string, readonly string[], number, RegExp]>([
  ['a width of no register', ['a.bin', '--raw', '16'], 2, /32 or 64/],
  ['an address that is none', ['a.bin', '--raw', '64', '--at', 'there'], 2, /an address such as 0x80200000/],
  ['an image that is not there', ['no-such.elf'], 1, /there is no file .*no-such\.elf/],
  [
    'a firmware that is not there',
    [binary('next.bin', POWER_OFF), '--raw', '64', '--firmware', 'no-such.elf'],
    1,
    /there is no file .*no-such\.elf/,
  ],
  [
    'RAM for a system that says itself how much',
    ['fixtures/train-control/system.ts', '--ram', '64'],
    1,
    /--ram is about an image/,
  ],
])('%s is refused', async (_title, args, exit, says) => {
  const { code, text } = await testvisor(['run', ...args]);
  expect(text).toMatch(says);
  expect(code).toBe(exit);
});

test('--storage keeps what a run leaves for the next, and refuses what is no such file', async () => {
  const image = binary('off-again.bin', POWER_OFF);
  const storage = join(folder, 'rig.storage');
  const run = () => testvisor(['run', image, '--raw', '64', '--profile', 'machine', '--storage', storage]);
  const [first, second] = [await run(), await run()];
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(readFileSync(storage).length).toBeGreaterThan(100);
  writeFileSync(storage, 'something else');
  const third = await run();
  expect(third.code).toBe(1);
  expect(third.text).toContain(`${storage}: it is nothing that a machine keeps`);
  expect(third.text).not.toContain('    at ');
});
