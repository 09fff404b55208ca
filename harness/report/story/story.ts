/** The story of a run for a person at a terminal. */
import type { Verdict } from '../../jest/matchers/verdict';
import type { Run } from '../../machine/run';
import { stateText } from '../state-text';
import { durationText } from '../time-text';
import { laneLines } from './lanes';
import { momentsOf } from './moments';
import { type Style, terminalStyle } from './style';

export interface StoryOptions {
  readonly title: string;
  /** Columns of the terminal. Default 110. */
  readonly width?: number;
  readonly style?: Style;
  /** Expectations to report on, as matchers judged them. */
  readonly verdicts?: readonly Verdict[];
  /** The run's digest, shown at the end. */
  readonly digest?: string;
}

const LAST_LINES = 8;

/** What happened when and where, what the consoles say, which deadlines were met, and how it ended. */
export function storyOf(
  run: Run,
  { title, width = 110, style = terminalStyle(), verdicts = [], digest }: StoryOptions,
): string {
  const vms = run.system.vms.map(({ name }) => name);
  const blocks = [
    [style.title(title), style.quiet(`seed ${run.seed}, ${durationText(run.now)} of virtual time`)],
    laneLines(momentsOf(run), vms, style, width),
    ...vms.map((name) => consoleLines(run, name, style)),
    deadlineLines(run, verdicts, style),
    [
      style.title('at the end'),
      ...vms.map((name) => `  ${name}: ${stateText(run, name, run.stateOf(name))}`),
    ],
    digest === undefined ? [] : [style.quiet(`digest ${digest}: the same run gives the same`)],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function consoleLines(run: Run, vm: string, style: Style): readonly string[] {
  const text = run.consoleOf(vm).replace(/\r?\n$/, '');
  if (text === '') return [];
  const lines = text.split(/\r?\n/);
  const left = lines.length - LAST_LINES;
  return [
    style.title(`console of ${vm}`),
    ...(left > 0 ? [style.quiet(`  … ${left} line${left === 1 ? '' : 's'} before`)] : []),
    ...lines.slice(-LAST_LINES).map((line) => `  ${style.quiet('│')} ${line}`),
  ];
}

function deadlineLines(run: Run, verdicts: readonly Verdict[], style: Style): readonly string[] {
  const lines = verdicts.map(({ pass, comparison }) => {
    const [first] = comparison;
    return `  ${pass ? style.good('✓') : style.bad('✗')} ${first?.expected ?? ''}: ${first?.actual ?? ''}`;
  });
  for (const { name } of run.system.vms) {
    const mine = run.events.filter((event) => 'vm' in event && event.vm === name);
    const jobs = mine.flatMap((event) => (event.kind === 'completed' ? [event.at - event.released] : []));
    const missed = mine.filter(({ kind }) => kind === 'deadline-missed').length;
    if (jobs.length + missed === 0) continue;
    const longest = jobs.length === 0 ? '' : `, the longest took ${durationText(Math.max(...jobs))}`;
    const mark = missed === 0 ? style.good('✓') : style.bad('✗');
    lines.push(
      `  ${mark} ${name}: ${jobs.length} job${jobs.length === 1 ? '' : 's'}${longest}; ${missed} missed their deadline`,
    );
  }
  return lines.length === 0 ? [] : [style.title('deadlines and promises'), ...lines];
}
