/** The event log: of all that a machine records, what whoever runs it wants to read, by severity. */
import type { TraceEvent } from '../../hypervisor';
import { eventText, vmOf } from '../report/event-text';
import { momentText } from '../report/time-text';
import type { Run } from './run';

/** The levels that matter here, named as in syslog (RFC 5424, section 6.2.1). */
export const SEVERITIES = ['error', 'warning', 'informational'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface LogEntry {
  /** Virtual nanoseconds. */
  readonly at: number;
  readonly severity: Severity;
  /** The VM that it is about; undefined for the machine. */
  readonly vm: string | undefined;
  readonly text: string;
  readonly event: TraceEvent;
}

export interface LogOptions {
  readonly vm?: string;
  /** The least severe level wanted. Default `informational`: everything. */
  readonly severity?: Severity;
  /** Only what happened at this virtual time or later. */
  readonly since?: number;
}

export function eventLog(
  run: Run,
  { vm, severity = 'informational', since = 0 }: LogOptions,
): readonly LogEntry[] {
  const levels = SEVERITIES.slice(0, SEVERITIES.indexOf(severity) + 1);
  const entries: LogEntry[] = [];
  for (const event of run.events) {
    if (event.at < since) continue;
    const level = severityOf(event);
    const about = vmOf(event);
    if (level === undefined || !levels.includes(level) || (vm !== undefined && about !== vm)) continue;
    entries.push({ at: event.at, severity: level, vm: about, text: eventText(run, event), event });
  }
  return entries;
}

/** One entry as a line. */
export const logLine = ({ at, severity, vm, text }: LogEntry): string =>
  `${momentText(at)}  ${severity.padEnd(13)}  ${vm ?? '(machine)'}: ${text}`;

/** Undefined for what passes all the time: messages, turns on a core, console lines. */
function severityOf(event: TraceEvent): Severity | undefined {
  switch (event.kind) {
    case 'vm-crashed':
    case 'image-rejected':
    case 'escalated':
    case 'machine-halted':
    case 'device-stopped':
      return 'error';
    case 'vm-halted':
      return event.code === 0 && event.by !== 'health-monitor' ? 'informational' : 'error';
    case 'property':
      return !event.holds && (event.property === 'always' || event.property === 'unreachable')
        ? 'error'
        : undefined;
    case 'update-failed':
    case 'update-rolled-back':
    case 'boot-record-torn':
    case 'vm-restarting':
    case 'health-event':
    case 'health-decided':
    case 'deadline-missed':
    case 'hypercall-denied':
    case 'limit-exceeded':
    case 'lock-released':
    case 'fault-injected':
      return 'warning';
    case 'vm-started':
    case 'update-begun':
    case 'update-verified':
    case 'self-test-passed':
    case 'update-switched':
    case 'update-confirmed':
    case 'update-aborted':
    case 'vm-suspended':
    case 'vm-resumed':
    case 'vm-mode':
    case 'vm-destroyed':
    case 'vm-created':
    case 'vm-deployed':
    case 'rollback-counter-raised':
    case 'vm-configured':
    case 'vm-restored':
    case 'vm-migrated':
    case 'schedule-set':
    case 'schedule-switched':
    case 'schedule-action':
      return 'informational';
    default:
      return undefined;
  }
}
