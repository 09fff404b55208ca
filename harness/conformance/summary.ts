/** The table of counts at the end: a line for each folder that holds images. */
import { posix } from 'node:path';
import type { TestRun } from './verdict';

/** An image's run, by its path within the directory that was asked for, with `/` between folders. */
export interface NamedRun extends TestRun {
  readonly image: string;
}

const HEADINGS = ['suite', 'images', 'passed', 'failed'] as const;

/** Counts for each folder, and their sum where there are several. */
export function summaryLines(runs: readonly NamedRun[]): readonly string[] {
  const suites = new Map<string, NamedRun[]>();
  for (const run of runs) {
    const suite = posix.dirname(run.image);
    const members = suites.get(suite);
    if (members === undefined) suites.set(suite, [run]);
    else members.push(run);
  }
  const rows = [...suites].map(([suite, members]) => countsRow(suite, members));
  if (suites.size > 1) rows.push(countsRow('all', runs));
  const table = [[...HEADINGS], ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
}

function countsRow(suite: string, runs: readonly NamedRun[]): string[] {
  const passed = runs.filter(({ verdict }) => verdict.is === 'passed').length;
  return [suite, String(runs.length), String(passed), String(runs.length - passed)];
}
