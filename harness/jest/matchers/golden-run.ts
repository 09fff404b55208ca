/** Freedom from interference by comparison: one VM did in this run what it did in a reference run. */
import type { TraceEvent } from '../../../hypervisor';
import { AuthorError } from '../../author-error';
import { subjectOf, type Run } from '../../machine/run';
import { eventText, vmOf } from '../../report/event-text';
import { durationText, momentText } from '../../report/time-text';
import type { VmSubject } from './life';
import { row, type Verdict } from './verdict';

/** A golden run to compare with. */
export interface Reference {
  /** The machine of the golden run, or one of its VMs: the same system, run without what may interfere. */
  readonly comparedWith: object;
  /**
   * How much earlier or later than there anything may happen, in virtual nanoseconds. Default 0: to the very cycle, which
   * only time partitions and cores of their own give.
   */
  readonly within?: number;
}

/** Whose turn it is on a core is the scheduler's affair, and tells nothing of what a VM did or what befell it. */
const isOwn = ({ kind }: TraceEvent): boolean => kind !== 'scheduled' && kind !== 'budget-exhausted';

export function runsLike(subject: VmSubject, { comparedWith, within = 0 }: Reference): Verdict {
  const { run, name } = subject;
  const golden = referenceRun(comparedWith, name);
  const ownEvents = ({ events }: Run): readonly TraceEvent[] =>
    events.filter((event) => vmOf(event) === name && isOwn(event));
  const [expected, actual] = [ownEvents(golden), ownEvents(run)];
  // What only one of the runs has reached yet says nothing.
  const end = Math.min(run.now, golden.now) - within;
  const length = Math.max(expected.length, actual.length);
  let at = 0;
  while (at < length && isAlike(expected[at], actual[at], within, end)) at++;
  const isSame = at === length;
  const tolerance = within === 0 ? '' : `, ${durationText(within)} apart at most`;
  return {
    pass: isSame,
    comparison: [
      row(
        isSame ? '✓' : '✗',
        `${name} does what it does in the reference run${tolerance}`,
        isSame ? `the same ${expected.length} events` : `the same ${at} events, then another`,
      ),
      ...(isSame ? [] : [row('✗', phrase(golden, expected[at]), phrase(run, actual[at]))]),
    ],
  };
}

const phrase = (run: Run, event: TraceEvent | undefined): string =>
  event === undefined ? 'nothing more' : `${momentText(event.at).trim()} ${eventText(run, event)}`;

function isAlike(
  expected: TraceEvent | undefined,
  actual: TraceEvent | undefined,
  within: number,
  end: number,
): boolean {
  if (expected === undefined || actual === undefined) return (expected ?? actual)!.at >= end;
  if (expected.at >= end && actual.at >= end) return true;
  return Math.abs(expected.at - actual.at) <= within && sameButTimes(expected, actual);
}

/** Times that an event tells besides its own shift with it. */
const TIMES: ReadonlySet<string> = new Set(['at', 'released', 'deadline']);

function sameButTimes(one: TraceEvent, other: TraceEvent): boolean {
  const text = (event: TraceEvent): string =>
    JSON.stringify(event, (key, value: unknown) => {
      if (TIMES.has(key) && typeof value === 'number') return 0;
      if (typeof value === 'bigint') return `${value}n`;
      return ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value;
    });
  return text(one) === text(other);
}

function referenceRun(reference: unknown, vm: string): Run {
  const subject = subjectOf(reference);
  if (subject?.run.system.vms.some(({ name }) => name === vm) === true) return subject.run;
  throw new AuthorError({
    code: 'bad-expectation',
    where: 'expect(…).toBeUndisturbed({ comparedWith })',
    what:
      subject === undefined
        ? 'it takes a machine, or one of its VMs.'
        : `the reference run has no VM “${vm}”.`,
    mend: 'Boot the same system again, run it as far without the fault, and give that machine: { comparedWith: golden }.',
  });
}
