/** How long the installed command takes to start: bundles as a package has them, in a new process each time. */
import { join } from 'node:path';
import { testvisorRunner } from './compare/command-line';
import { timedRun } from './compare/timed-run';
import { median, type Measurement } from './measurement';
import type { Policy } from './policy';

const HELLO = join(__dirname, '../fixtures/hello/hello.elf');
const RAM = 1;
const RUNS = 9;
/** Milliseconds. */
const LIMIT = 60_000;

export async function start(policy: Policy): Promise<readonly Measurement[]> {
  const testvisor = await testvisorRunner(policy, RAM);
  try {
    const commands = {
      'Node alone, from start to end': { file: process.execPath, args: ['--eval', '0'] },
      'the command runs hello, from start to end': testvisor.command({ image: HELLO }, 32)!,
    };
    const times = Object.keys(commands).map((name) => ({ name, busy: [] as number[] }));
    for (let run = 0; run < RUNS; run++)
      for (const [index, command] of Object.values(commands).entries()) {
        const { wall, cpu = wall } = await timedRun(command, LIMIT);
        times[index]!.busy.push(Math.min(wall, cpu));
      }
    return times.map(({ name, busy }) => ({ name, value: median(busy), unit: 'ms', runs: RUNS }));
  } finally {
    testvisor.remove();
  }
}
