import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const HELLO = join(ROOT, 'fixtures/hello/hello.machine.elf');

/** `npm run bench -- ARGUMENTS`. */
function bench(...args: readonly string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'bench/run.ts', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'testvisor-spec-'));
  copyFileSync(HELLO, join(directory, 'hello.elf'));
  writeFileSync(join(directory, 'hello.native'), '#!/bin/sh\nexit 0\n');
  chmodSync(join(directory, 'hello.native'), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('images are compared with what stands beside them, a line of JSON for each ratio', () => {
  const { stdout, stderr, status } = bench(
    '--images',
    directory,
    '--runs',
    '1',
    '--peers',
    'native',
    '--json',
  );
  expect({ stderr, status }).toEqual({ stderr: expect.stringContaining('× native'), status: 0 });
  expect(stdout.split('\n')).toEqual([expect.any(String), '']);
  expect(JSON.parse(stdout)).toEqual({
    workload: 'hello',
    xlen: 32,
    peer: 'native',
    kind: 'process',
    ratio: expect.any(Number),
  });
}, 60_000);

test('what cannot be measured is said, before anything runs', () => {
  expect(bench('sped')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no part is named sped'),
  });
  expect(bench('--peers', 'qemu').stderr).toContain(
    'qemu is none of qemu-tcg, qemu-icount, native, qemu-gdb-fresh',
  );
}, 60_000);
