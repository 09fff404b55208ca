/** The programs of bench/guests on Testvisor, on QEMU and as programs of the host. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Part } from '../bench';
import { compare } from '../compare/alternate';
import { buildProgram, guestCompiler } from './build';
import { LONGER, promiseOf, scaledRounds, WORKLOADS } from './workloads';

export const workloadsPart: Part = {
  name: 'workloads',
  description: 'programs of several kinds, beside QEMU and programs of the host',
  compares: true,
  run: compareWorkloads,
};

async function compareWorkloads(bench: Bench): Promise<void> {
  const { options } = bench;
  const chosen = WORKLOADS.filter(({ name }) => name.includes(options.only ?? ''));
  if (chosen.length === 0) return;
  const directory = mkdtempSync(join(tmpdir(), 'testvisor-bench-'));
  try {
    const compiler = await guestCompiler();
    for (const workload of chosen) {
      for (const xlen of [32, 64] as const) {
        const build = (rounds: number) => buildProgram(workload, compiler, xlen, rounds, directory);
        const { name } = workload;
        const rounds = scaledRounds(workload, options.scale);
        const program = await build(rounds);
        const longer = await build(rounds * LONGER);
        const comparisons = await compare(
          { name, xlen, program, longer, promise: promiseOf(workload) },
          await bench.testvisor(),
          await bench.peers(),
          options,
        );
        comparisons.forEach((comparison) => bench.compared(comparison));
      }
    }
  } catch (error) {
    bench.failed(`workloads: ${(error as Error).message}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
