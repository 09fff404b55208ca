import type { CoreReport, ScheduleReport, VmReport } from '../../platform/analysis/schedule-report';
import { durationText } from './time-text';

const HEADINGS = ['VM', 'budget', 'period', 'deadline', 'blocking', 'done after', 'at any phase', 'verdict'];

/** The report for people: a table for each core, or for each schedule of a core that is divided into windows. */
export function scheduleText({ cores, warnings }: ScheduleReport): string {
  return [
    ...cores.map(coreText),
    ...(warnings.length === 0 ? [] : [warnings.map((text) => `WARNING: ${text}`).join('\n')]),
  ].join('\n\n');
}

function coreText({ cores, policy, schedule, utilisation, vms }: CoreReport): string {
  const isOne = cores.length === 1;
  const name = `${isOne ? '' : 'global '}${policy.replaceAll('-', ' ')}`;
  const of = schedule === undefined ? name : `schedule ${schedule}`;
  const rows = [HEADINGS, ...vms.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd(),
  );
  const share = `${Math.round(utilisation * 1000) / 10} % ${policy === 'windows' ? 'in windows' : 'in budgets'}`;
  return [`${isOne ? 'core' : 'cores'} ${cores.join(', ')}, ${of}: ${share}`, ...lines].join('\n');
}

function rowOf({
  vm,
  budget,
  period,
  deadline,
  blocking,
  responseTime,
  atAnyPhase,
  verdict,
  why,
}: VmReport): readonly string[] {
  const times = [budget, period, deadline, blocking, responseTime, atAnyPhase].map((time) =>
    time === undefined ? '-' : durationText(time),
  );
  return [vm, ...times, verdict === 'unknown' ? `unknown: ${why}` : verdict.replace('-', ' ')];
}
