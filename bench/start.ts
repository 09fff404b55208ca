/** How long the installed command takes to start: bundles as a package has them, in a new process each time. */
import { join } from 'node:path';
import { testvisorRunner } from './compare/command-line';
import { timedRun } from './compare/timed-run';
import type { Measurement } from './measurement';
import type { Policy } from './policy';

const HELLO = join(__dirname, '../fixtures/hello/hello.elf');
const RAM = 1;
const RUNS = 25;
/** Milliseconds. */
const LIMIT = 60_000;

export async function start(policy: Policy): Promise<readonly Measurement[]> {
  const testvisor = await testvisorRunner(policy, RAM);
  try {
    const commands = {
      'Node alone, from start to end': { file: process.execPath, args: ['--eval', '0'] },
      'the command runs hello, from start to end': testvisor.command({ image: HELLO }, 32)!,
    };
    const costs = Object.entries(commands).map(([name, command]) => ({ name, command, wall: 0, cpu: 0 }));
    // The first, which does not count, leaves what the others find where something is kept.
    for (let run = -1; run < RUNS; run++)
      for (const cost of costs) {
        const { wall, cpu = wall } = await timedRun(cost.command, LIMIT);
        if (run < 0) continue;
        cost.wall += wall;
        cost.cpu += cpu;
      }
    // Processor time is told in ticks of 10 ms, of which each process has a few: only their sum says anything.
    return costs.map(({ name, wall, cpu }) => ({
      name: `${name}, mean of ${RUNS}`,
      value: Math.min(wall, cpu) / RUNS,
      ...{ unit: 'ms', runs: 1 },
    }));
  } finally {
    testvisor.remove();
  }
}
