import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, type Workload } from '../../bench/compare/alternate';
import type { Comparison } from '../../bench/compare/comparison';
import { findWorkloads } from '../../bench/compare/images';
import type { Runner } from '../../bench/compare/runners';
import { timedRun } from '../../bench/compare/timed-run';
import { comparisonJson, geometricMeans } from '../../bench/report';

const FIXTURES = join(__dirname, '../../fixtures');
const EFFORT = { runs: 2, limit: 20_000 };

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'testvisor-spec-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const put = (name: string, bytes: Uint8Array | string): void => {
  mkdirSync(join(directory, name, '..'), { recursive: true });
  writeFileSync(join(directory, name), bytes);
};

/** A runner that only notes that it ran which image. */
const noting = (name: string): Runner => ({
  name,
  command: ({ image }) => ({
    file: '/bin/sh',
    args: ['-c', 'printf "%s " "$0" >> "$1"', `${name}:${image}`, join(directory, 'log')],
  }),
});

test('runs of Testvisor and of its peers take turns, short and long', async () => {
  const workload: Workload = { name: 'w', xlen: 32, program: { image: 'w' }, longer: { image: 'w3' } };
  const cannot: Runner = { name: 'elsewhere', command: () => undefined };
  const comparisons = await compare(workload, noting('us'), [noting('them'), cannot], EFFORT);
  const round = 'us:w us:w3 them:w them:w3 ';
  expect(readFileSync(join(directory, 'log'), 'utf8')).toBe(round + round);
  expect(comparisons[0]).toMatchObject({ workload: 'w', xlen: 32, peer: 'them', kind: 'process', runs: 2 });
  expect(comparisons[0]!.ratio).toBeGreaterThan(0);
});

test('a run that fails or does not end is no figure', async () => {
  const shell = (code: string) => ({ file: '/bin/sh', args: ['-c', code] });
  await expect(timedRun(shell('echo no; exit 3'), 20_000)).rejects.toThrow(/exit code 3\nno/);
  await expect(timedRun(shell('exec sleep 60'), 200)).rejects.toThrow('not done after 0.2 s');
  const { wall, cpu } = await timedRun(shell('exec sleep 0.1'), 20_000);
  expect(wall).toBeGreaterThan(95);
  expect(cpu ?? 0).toBeLessThan(wall);
});

test('images are found as conformance finds them, with what stands beside them', () => {
  const [rv32, rv64] = ['hello.machine.elf', 'hello.machine.rv64.elf'].map((name) =>
    readFileSync(join(FIXTURES, 'hello', name)),
  );
  put('suite/rv32/a.elf', rv32!);
  put('suite/rv32/a.long.elf', rv32!);
  put('suite/rv32/a.native', 'a program');
  put('suite/rv64/a.elf', rv64!);
  put('b', rv64!);
  put('host.elf', readFileSync(process.execPath).subarray(0, 4096));
  put('notes.txt', 'none');
  const at = (name: string): string => join(directory, name);
  expect(findWorkloads(directory)).toEqual([
    { name: 'b', xlen: 64, program: { image: at('b') } },
    {
      name: 'suite/a',
      xlen: 32,
      program: { image: at('suite/rv32/a.elf'), native: at('suite/rv32/a.native') },
      longer: { image: at('suite/rv32/a.long.elf') },
    },
    { name: 'suite/a', xlen: 64, program: { image: at('suite/rv64/a.elf') } },
  ]);
});

test('a line of JSON has what tools read and nothing else, and means are of like with like', () => {
  const comparison = (workload: string, xlen: 32 | 64, ratio: number): Comparison => ({
    ...{ workload, xlen, peer: 'qemu-tcg', kind: 'process', ratio },
    ...{ runs: 5 },
  });
  const all = [comparison('a', 32, 2), comparison('a', 64, 9), comparison('b', 32, 8)];
  expect(comparisonJson(all[0]!)).toBe(
    '{"workload":"a","xlen":32,"peer":"qemu-tcg","kind":"process","ratio":2}',
  );
  expect(geometricMeans(all).map(comparisonJson)).toEqual([
    '{"workload":"geometric-mean","xlen":32,"peer":"qemu-tcg","kind":"process","ratio":4}',
  ]);
});
