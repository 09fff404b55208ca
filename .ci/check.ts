/**
 * `npm run check`: everything that CI checks. A step that fails stops no other, so that one run shows
 * everything; the last line of the output counts specs and checks: `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import colors from 'picocolors';

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface Step {
  readonly name: string;
  /** A shell command; its exit code decides. */
  readonly command: string;
  /** Whether the command runs Jest, whose specs are then counted one by one. */
  readonly specs?: true;
  /** A program of the machine that the step cannot do without: CI has it, others are told that the step was left out. */
  readonly needs?: string;
}

const COMPILER = 'riscv64-unknown-elf-gcc';

const STEPS: readonly Step[] = [
  { name: 'types', command: 'npm run --silent types' },
  { name: 'lint', command: 'npm run --silent lint' },
  { name: 'format', command: 'npm run --silent format:check' },
  {
    name: 'fixtures are what their sources compile to',
    command: 'npm run --silent fixtures -- --check',
    needs: COMPILER,
  },
  { name: 'specs', command: 'npm test --silent -- --ci --maxWorkers=100%', specs: true },
  {
    name: 'determinism on Node 24',
    command: 'npx --yes node@24 node_modules/jest/bin/jest.js specs/determinism --ci',
    specs: true,
  },
];

const IN_CI = Boolean(process.env['CI']);

/** Runs a command on our own terminal; true when it succeeded. */
function succeeds(command: string): boolean {
  return spawnSync(command, { shell: true, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The part of `jest --json` that counts. */
interface JestResults {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that failed before any of their specs could. */
  readonly numRuntimeErrorTestSuites: number;
}

/** Counts specs; a run that left no results, or failed with every spec passing, counts as one failure. */
function runSpecs(command: string): Counts {
  const directory = mkdtempSync(join(tmpdir(), 'testvisor-check-'));
  try {
    const file = join(directory, 'results.json');
    const succeeded = succeeds(`${command} --json --outputFile="${file}"`);
    if (!existsSync(file)) return { passed: 0, failed: 1 };
    const results = JSON.parse(readFileSync(file, 'utf8')) as JestResults;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return { passed: results.numPassedTests, failed: succeeded ? failed : Math.max(failed, 1) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(step: Step): Counts {
  console.log(colors.bold(`\n── ${step.name}`));
  if (step.needs !== undefined && !isInstalled(step.needs)) {
    console.log(`${step.needs} is not installed: ${IN_CI ? 'CI needs it' : 'left out'}`);
    return { passed: 0, failed: IN_CI ? 1 : 0 };
  }
  if (step.specs) return runSpecs(step.command);
  return succeeds(step.command) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const outcomes = STEPS.map((step) => ({ name: step.name, counts: run(step) }));

console.log(colors.bold('\n── summary'));
for (const { name, counts } of outcomes) {
  const verdict =
    counts.failed > 0 ? colors.red('failed') : counts.passed > 0 ? colors.green('passed') : 'left out';
  console.log(
    `${verdict}  ${name}${counts.passed + counts.failed > 1 ? ` (${counts.passed} passed, ${counts.failed} failed)` : ''}`,
  );
}
const total = (of: keyof Counts): number => outcomes.reduce((sum, { counts }) => sum + counts[of], 0);
if (total('failed') > 0) process.exitCode = 1;
console.log(`${total('passed')} passed, ${total('failed')} failed`);
