/**
 * Testvisor as its users start it, `testvisor run IMAGE`, in one file of JavaScript as a published package has it: a
 * checkout compiles its TypeScript at each start, which is no part of what is measured.
 */
import { packaged } from '../packaged';
import type { Policy } from '../policy';
import type { Runner } from './runners';
import type { CommandLine } from './timed-run';

/** Virtual time that no program reaches, in milliseconds: its end is the guest's. */
const FOR_EVER = '100000000';

export interface BuiltRunner extends Runner {
  /** Starts Linux, and ends when it turns the machine off. */
  runLinux(kernel: string, initrd: string, append: string, ram: number): CommandLine;
  remove(): void;
}

export async function testvisorRunner(policy: Policy, ram: number): Promise<BuiltRunner> {
  const { file, remove } = await packaged(
    `require('./bench/policy').setPolicy('${policy}'); require('./harness/cli/main');`,
  );
  const run = (image: string, mib: number, ...options: readonly string[]): CommandLine => ({
    file: process.execPath,
    args: [file, 'run', image, '--ram', String(mib), '--for', FOR_EVER, ...options],
  });
  return {
    name: 'testvisor',
    command: ({ image }) => run(image, ram, '--profile', 'machine'),
    runLinux: (kernel, initrd, append, mib) => run(kernel, mib, '--initrd', initrd, '--append', append),
    remove,
  };
}
