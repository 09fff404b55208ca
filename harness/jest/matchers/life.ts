/** Matchers of what became of one VM: restarts, crashes, states, isolation, console. */
import type { FaultInfo } from '../../../platform/fault-info';
import type { TraceEvent } from '../../../hypervisor';
import { textMatches } from '../../machine/event-pattern';
import type { Run, Subject } from '../../machine/run';
import { payloadMatches } from '../../messages/payload';
import { eventText, vmOf } from '../../report/event-text';
import { stateText } from '../../report/state-text';
import { durationText, momentText } from '../../report/time-text';
import { valueText } from '../../report/value-text';
import { row, type Verdict } from './verdict';

export type VmSubject = Extract<Subject, { is: 'vm' }>;

const eventsAbout = ({ run, name }: VmSubject): readonly TraceEvent[] =>
  run.events.filter((event) => vmOf(event) === name);

const rowsOf = (run: Run, events: readonly TraceEvent[]) =>
  events
    .slice(0, MOST_SHOWN)
    .map((event) => row(' ', '', `${momentText(event.at)}  ${eventText(run, event)}`));
const MOST_SHOWN = 5;

export interface Restart {
  /** How many; default: at least one. */
  readonly times?: number;
  /** Longest virtual time in nanoseconds from the crash (or the request) to the start of the next generation. */
  readonly within?: number;
  readonly kind?: 'cold' | 'warm' | 'snapshot' | 'reboot';
}

export function hasRestarted(subject: VmSubject, { times, within, kind }: Restart): Verdict {
  const { name } = subject;
  const restarts: { readonly event: TraceEvent; readonly kind: string; readonly took: number }[] = [];
  let stoppedAt: number | undefined;
  for (const event of eventsAbout(subject)) {
    if (event.kind === 'vm-crashed' || event.kind === 'vm-restarting') stoppedAt ??= event.at;
    if (event.kind !== 'vm-started') continue;
    // Another image in its place is no restart.
    if (event.reason !== 'boot' && event.reason !== 'update')
      restarts.push({ event, kind: event.reason, took: event.at - (stoppedAt ?? event.at) });
    stoppedAt = undefined;
  }
  const right = restarts.filter((restart) => kind === undefined || restart.kind === kind);
  const slow = right.filter(({ took }) => within !== undefined && took > within);
  const enough = times === undefined ? right.length > 0 : right.length === times;
  const wantedKind = kind === undefined ? '' : ` ${kind}`;
  const count =
    times === undefined
      ? `at least one${wantedKind} restart`
      : `${times}${wantedKind} restart${times === 1 ? '' : 's'}`;
  const limit = within === undefined ? '' : `, each within ${durationText(within)}`;
  const pass = enough && slow.length === 0;
  const actual = restarts.map(({ event, kind: how, took }) =>
    row(' ', '', `${momentText(event.at)}  ${how}, ${durationText(took)} after it stopped`),
  );
  return {
    pass,
    comparison: [
      row(
        pass ? '✓' : '✗',
        `${name}: ${count}${limit}`,
        restarts.length === 0 ? 'none' : `${restarts.length}`,
      ),
      ...actual.slice(0, MOST_SHOWN),
    ],
  };
}

export function hasCrashed(subject: VmSubject, fault: unknown): Verdict {
  const { run, name } = subject;
  const crashes = eventsAbout(subject).filter(
    (event): event is TraceEvent & { readonly fault: FaultInfo } => event.kind === 'vm-crashed',
  );
  const pass = crashes.some((crash) => fault === undefined || payloadMatches(fault, crash.fault));
  const expected = fault === undefined ? `${name} crashed` : `${name} crashed with ${valueText(fault)}`;
  return {
    pass,
    comparison: [
      row(
        pass ? '✓' : '✗',
        expected,
        crashes.length === 0 ? 'never' : `${crashes.length} crash${crashes.length === 1 ? '' : 'es'}`,
      ),
      ...rowsOf(run, crashes),
    ],
  };
}

/** The VM's state is as the pattern says: `{ is: 'halted', code: 0 }`. */
export function hasState(subject: VmSubject, pattern: object, expected: string): Verdict {
  const { run, name } = subject;
  const state = run.stateOf(name);
  const pass = payloadMatches(pattern, state);
  return { pass, comparison: [row(pass ? '✓' : '✗', `${name} is ${expected}`, stateText(run, name, state))] };
}

export function isStoppedByHealthMonitor(subject: VmSubject): Verdict {
  const { run, name } = subject;
  const last = eventsAbout(subject).findLast(({ kind }) => kind === 'vm-halted' || kind === 'vm-started');
  const pass = last?.kind === 'vm-halted' && last.by === 'health-monitor';
  return {
    pass,
    comparison: [
      row(
        pass ? '✓' : '✗',
        `${name} is stopped by the health monitor`,
        last?.kind === 'vm-halted' ? eventText(run, last) : stateText(run, name, run.stateOf(name)),
      ),
    ],
  };
}

/** Whether an event is a disturbance to the VM that it is about. */
const disturbs = (event: TraceEvent): boolean => {
  switch (event.kind) {
    case 'vm-crashed':
    case 'vm-restarting':
    case 'vm-suspended':
    case 'deadline-missed':
    case 'hypercall-denied':
    case 'device-stopped':
    case 'lock-released':
    case 'escalated':
    case 'health-event':
    case 'fault-injected':
      return true;
    case 'vm-halted':
      return event.by !== 'guest' || event.code !== 0;
    case 'vm-started':
      return event.reason !== 'boot';
    case 'property':
      return !event.holds && (event.property === 'always' || event.property === 'unreachable');
    default:
      return event.injected !== undefined;
  }
};

/**
 * Nothing befell this VM: no crash, restart, suspension, missed deadline or denied call, and no message of its own
 * was touched by a fault.
 */
export function isUndisturbed(subject: VmSubject): Verdict {
  const { run, name } = subject;
  const disturbances = eventsAbout(subject).filter(disturbs);
  const pass = disturbances.length === 0;
  return {
    pass,
    comparison: [
      row(
        pass ? '✓' : '✗',
        `${name} is undisturbed`,
        pass
          ? 'nothing befell it'
          : `${disturbances.length} disturbance${disturbances.length === 1 ? '' : 's'}`,
      ),
      ...rowsOf(run, disturbances),
    ],
  };
}

const LAST_LINES = 6;

export function hasPrinted(subject: VmSubject, wanted: string | RegExp): Verdict {
  const { run, name } = subject;
  const text = run.consoleOf(name);
  const pass = textMatches(wanted, text);
  const expected = `${name} printed ${typeof wanted === 'string' ? JSON.stringify(wanted) : String(wanted)}`;
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return {
    pass,
    comparison: [
      row(
        pass ? '✓' : '✗',
        expected,
        text === ''
          ? 'its console is empty'
          : `its console has ${lines.length} line${lines.length === 1 ? '' : 's'}, the last:`,
      ),
      ...(text === '' ? [] : lines.slice(-LAST_LINES).map((line) => row(' ', '', `| ${line}`))),
    ],
  };
}
