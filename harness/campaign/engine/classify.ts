/** The one outcome of an injection: the first of the table that applies. */
import { isDeepStrictEqual } from 'node:util';
import type { TraceEvent } from '../../../hypervisor';
import type { FaultInfo } from '../../../platform/fault-info';
import type { TestMachine } from '../../machine/test-machine';
import { eventText } from '../../report/event-text';
import { faultText, placeText } from '../../report/fault-text';
import type { Outcome } from '../outcomes';
import type { BystanderImpact } from '../result';
import { firstDifference, isDeed, type Stretch, vmOf } from './comparison';

/** What is known of a run that has come to its end. */
export interface Evidence {
  readonly machine: TestMachine;
  /** VMs that the faults were in. */
  readonly faulty: ReadonlySet<string>;
  /** When the first fault fired; undefined when none did. */
  readonly firedAt: number | undefined;
  /** The golden run and this one, both from the checkpoint on at which this one began. */
  readonly golden: Stretch;
  readonly run: Stretch;
  /** Whether the workload came to what it runs until; true where it has nothing of the kind. */
  readonly isComplete: boolean;
  readonly hasGoal: boolean;
  readonly output: { readonly expected: unknown; readonly found: unknown };
  readonly bystanders: readonly BystanderImpact[];
  /** Whether nothing of the fault is left; asked only where that decides. */
  readonly isDead: () => boolean;
  /** Whether an event that is in the author's hands says that the fault was noticed. */
  readonly notices: (event: TraceEvent) => boolean;
}

export interface Classification {
  readonly outcome: Outcome;
  readonly cause: string;
}

export function classify(evidence: Evidence): Classification {
  const { firedAt, bystanders, output, golden, run, machine, isComplete } = evidence;
  if (firedAt === undefined) return { outcome: 'not-activated', cause: '' };
  const breach = bystanders.find(
    ({ missedDeadlines, isReachable, impact }) => missedDeadlines > 0 || (!isReachable && impact !== 'late'),
  );
  if (breach !== undefined)
    return {
      outcome: 'isolation-breach',
      cause: `${breach.vm} ${breach.missedDeadlines > 0 ? 'missed a deadline' : breach.impact}`,
    };
  const notice = firstNotice(evidence);
  const isRight = isDeepStrictEqual(output.found, output.expected);
  const isCut = !isRight && isBeginningOf(output.found, output.expected);
  const isStalled = hasStalled(evidence, firedAt);
  if (notice === undefined) {
    const isOnlyMissing = isCut && (!isComplete || (!evidence.hasGoal && isStalled));
    if (!isRight && !isOnlyMissing)
      return { outcome: 'silent-data-corruption', cause: differenceText(evidence) };
  }
  const missed = newEvents(golden, run, ({ kind }) => kind === 'deadline-missed')[0];
  if (missed !== undefined) return { outcome: 'deadline-miss', cause: `${vmOf(missed)} missed its deadline` };
  if (notice === undefined && (!isComplete || !isRight))
    return { outcome: isStalled ? 'hang' : 'timeout', cause: whereText(evidence) };
  if (notice !== undefined) {
    const isDown = machine.halted !== undefined || hasNewlyEnded(evidence);
    if (!isRight || !isComplete || isDown)
      return { outcome: isTrap(notice) ? 'trap' : 'fail-stop', cause: noticeText(machine, notice) };
    const restarted = newEvents(golden, run, ({ kind }) => kind === 'vm-restarting').length > 0;
    return { outcome: restarted ? 'detected-recovered' : 'detected-corrected', cause: '' };
  }
  return { outcome: evidence.isDead() ? 'masked-dead' : 'masked-latent', cause: '' };
}

/** Events of the run that are more than the golden run's of the same kind and VM. */
function newEvents(
  golden: Stretch,
  run: Stretch,
  isWanted: (event: TraceEvent) => boolean,
): readonly TraceEvent[] {
  if (!run.events.some(isWanted)) return [];
  const expected = new Map<string, number>();
  const keyOf = (event: TraceEvent): string => `${event.kind} ${vmOf(event)}`;
  for (const event of golden.events)
    if (isWanted(event)) expected.set(keyOf(event), (expected.get(keyOf(event)) ?? 0) + 1);
  return run.events.filter((event) => {
    if (!isWanted(event)) return false;
    const left = expected.get(keyOf(event)) ?? 0;
    expected.set(keyOf(event), left - 1);
    return left <= 0;
  });
}

function firstNotice({ golden, run, notices }: Evidence): TraceEvent | undefined {
  return newEvents(
    golden,
    run,
    (event) =>
      event.kind === 'vm-crashed' ||
      event.kind === 'vm-restarting' ||
      event.kind === 'machine-halted' ||
      (event.kind === 'vm-halted' && (event.code !== 0 || event.by === 'health-monitor')) ||
      (event.kind === 'health-event' && event.error !== 'deadline-missed') ||
      notices(event),
  )[0];
}

/** By itself, a mark `detected` or `corrected` says that the guest has noticed a fault. */
export const noticesByMark = (event: TraceEvent): boolean =>
  event.kind === 'mark' && (event.name === 'detected' || event.name === 'corrected');

const isTrap = (event: TraceEvent): boolean =>
  event.kind === 'vm-crashed' && (event.fault.kind === 'trap' || event.fault.kind === 'trap-loop');

/** Whether a VM has ended for good that has not in the golden run. */
function hasNewlyEnded({ machine, golden, run }: Evidence): boolean {
  return newEvents(golden, run, ({ kind }) => kind === 'vm-crashed' || kind === 'vm-halted').some((event) => {
    const { is } = machine.stateOf(vmOf(event)!);
    return is === 'crashed' || is === 'halted' || is === 'restarting';
  });
}

/** No deed of the faulty VMs in the second half of the time that was left to them. */
function hasStalled({ faulty, run }: Evidence, firedAt: number): boolean {
  const middle = (firedAt + run.end) / 2;
  return !run.events.some((event) => event.at > middle && isDeed(event) && faulty.has(vmOf(event) ?? ''));
}

/** Whether something is the beginning of what it should be: less of it, but nothing wrong. */
export function isBeginningOf(found: unknown, expected: unknown): boolean {
  if (Object.is(found, expected) || found === undefined) return true;
  if (typeof found === 'string' && typeof expected === 'string') return expected.startsWith(found);
  if (typeof found !== 'object' || typeof expected !== 'object' || found === null || expected === null)
    return false;
  if (Array.isArray(found))
    return (
      Array.isArray(expected) &&
      found.length <= expected.length &&
      found.every((value, at) =>
        at === found.length - 1 ? isBeginningOf(value, expected[at]) : isDeepStrictEqual(value, expected[at]),
      )
    );
  if (ArrayBuffer.isView(found)) return isDeepStrictEqual(found, expected);
  return Object.entries(found).every(
    ([name, value]) =>
      name in expected && isBeginningOf(value, (expected as Readonly<Record<string, unknown>>)[name]),
  );
}

const withoutValue = (fault: FaultInfo): FaultInfo =>
  fault.kind === 'trap' || fault.kind === 'trap-loop' ? { ...fault, value: 0n } : fault;

function noticeText(machine: TestMachine, event: TraceEvent): string {
  const vm = vmOf(event);
  if (event.kind === 'vm-crashed') return `${vm}: ${faultText(machine, vm!, withoutValue(event.fault))}`;
  return `${vm === null ? '' : `${vm} `}${eventText(machine, event)}`;
}

/** Where the faulty VMs are. */
function whereText({ machine, faulty }: Evidence): string {
  return [...faulty]
    .map((vm) => {
      const { pc } = machine.hartsOf(vm)[0]!;
      return `${vm} is at ${placeText(machine, vm, pc)}`;
    })
    .join(', ');
}

/** Which deed it is, without what it says: failures of one cause say many things. */
function differenceText({ golden, run }: Evidence): string {
  const difference = firstDifference(golden, run);
  const event = difference?.found ?? difference?.expected;
  if (event === undefined) return 'the oracle’s answer';
  const where = 'channel' in event ? ` on ${event.channel}` : 'name' in event ? ` ${event.name}` : '';
  return `${vmOf(event)}: ${event.kind}${where}`;
}
