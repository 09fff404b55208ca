/**
 * Testvisor as its users start it, `testvisor run IMAGE`, from the bundles that a published package has: a checkout
 * compiles its TypeScript at each start, which is no part of what is measured.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePackage } from '../../.ci/bundle-package';
import type { Policy } from '../policy';
import type { Runner } from './runners';
import type { CommandLine } from './timed-run';

const ROOT = join(__dirname, '../..');
/** Virtual time that no program reaches, in milliseconds: its end is the guest's. */
const FOR_EVER = '100000000';

export interface BuiltRunner extends Runner {
  /** Starts Linux, and ends when it turns the machine off. */
  runLinux(kernel: string, initrd: string, append: string, ram: number): CommandLine;
  remove(): void;
}

export async function testvisorRunner(policy: Policy, ram: number): Promise<BuiltRunner> {
  // Below node_modules, so that the packages which are not bundled are found.
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'testvisor-bench-'));
  const dist = join(directory, 'dist');
  await bundlePackage(dist, policy === 'default' ? {} : { inject: [settingPolicy(directory, policy)] });
  const file = join(dist, 'harness/cli/main.js');
  const run = (image: string, mib: number, ...options: readonly string[]): CommandLine => ({
    file: process.execPath,
    args: [file, 'run', image, '--ram', String(mib), '--for', FOR_EVER, ...options],
  });
  return {
    name: 'testvisor',
    command: ({ image }) => run(image, ram, '--profile', 'machine'),
    runLinux: (kernel, initrd, append, mib) => run(kernel, mib, '--initrd', initrd, '--append', append),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** @returns a module that has the effect, before any other of the command */
function settingPolicy(directory: string, policy: Policy): string {
  const file = join(directory, 'policy.ts');
  const setter = JSON.stringify(join(ROOT, 'bench/policy.ts'));
  writeFileSync(file, `import { setPolicy } from ${setter};\nsetPolicy('${policy}');\n`);
  return file;
}
