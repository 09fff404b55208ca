import type { Run } from '../machine/run';
import { replayCommand } from './current-test';
import { lastEvents } from './last-events';

/** What went wrong, as data; the one place that makes text of it is below. */
export interface Failure {
  /** What was expected, as one reads it in the spec: `expect(machine.ipc).toFollow([…])`. */
  readonly title: string;
  /** Expected and actual in lines, side by side. */
  readonly comparison: readonly ComparisonRow[];
  /** Sentences that explain. */
  readonly notes?: readonly string[];
}

export interface ComparisonRow {
  readonly mark: '✓' | '✗' | ' ';
  readonly expected: string;
  readonly actual: string;
}

/** The whole text of a failure: comparison, notes, the last events of each VM, and how to see it again. */
export function failureText({ title, comparison, notes = [] }: Failure, run: Run): string {
  return failureBlocks([[title], { rows: comparison }, notes, lastEvents(run), replayLines(run)]);
}

/** Blocks of lines, an empty line between them; rows of expected and actual become lines side by side. */
export const failureBlocks = (
  blocks: readonly (readonly string[] | { readonly rows: readonly ComparisonRow[] })[],
): string =>
  blocks
    .map((block) => ('rows' in block ? comparisonLines(block.rows) : block))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');

const HEADING: ComparisonRow = { mark: ' ', expected: 'expected', actual: 'actual' };
const WIDEST = 60;

function comparisonLines(rows: readonly ComparisonRow[]): readonly string[] {
  if (rows.length === 0) return [];
  const width = Math.min(WIDEST, Math.max(...[HEADING, ...rows].map(({ expected }) => expected.length)));
  return [HEADING, ...rows].map(({ mark, expected, actual }) =>
    `  ${mark} ${expected.padEnd(width)}   ${actual}`.trimEnd(),
  );
}

function replayLines(run: Run): readonly string[] {
  const command = replayCommand();
  const seed = `seed ${run.seed}`;
  return [command === undefined ? `The run was booted with ${seed}.` : `replay (${seed}): ${command}`];
}
