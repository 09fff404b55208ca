/** Matchers of when: deadlines between events, periods, and deadlines that the system declares. */
import type { TraceEvent } from '../../../hypervisor';
import type { EventPattern } from '../../machine/event-pattern';
import type { Run, Subject } from '../../machine/run';
import { eventText, vmOf } from '../../report/event-text';
import { durationText, momentText } from '../../report/time-text';
import { row, type Verdict } from './verdict';

export interface Deadline {
  /** What starts the clock. */
  readonly from: EventPattern;
  /** What must follow. */
  readonly to: EventPattern;
  /** Virtual nanoseconds. */
  readonly within: number;
  /**
   * `'every'`: each `from` needs a `to`; one `to` may answer several.
   * `'onset'`: messages of a channel that match one after another count once, from the first: a condition that
   * goes on, such as overspeed in sample after sample.
   * Default: `'onset'` where `from` chooses messages by their payload, else `'every'`.
   */
  readonly of?: 'every' | 'onset';
}

interface Response {
  readonly from: TraceEvent;
  readonly to: TraceEvent | undefined;
}

const MOST_SHOWN = 3;

/** Every `from` is followed by a `to` within the time. One whose time is not up at the run's end is not judged. */
export function meetsDeadline(subject: Subject, { from, to, within, of }: Deadline): Verdict {
  const { run } = subject;
  const responses = responsesIn(
    run,
    from,
    to,
    (of ?? (from.isSelective === true ? 'onset' : 'every')) === 'onset',
  );
  const expected = `${to.describe} within ${durationText(within)} of ${from.describe}`;
  if (responses.length === 0)
    return {
      pass: false,
      comparison: [row('✗', expected, `there was no ${from.describe}`)],
      notes: ['A deadline that was never put to the test is not met.'],
    };
  const isLate = ({ from: began, to: ended }: Response): boolean =>
    ended === undefined ? run.now - began.at > within : ended.at - began.at > within;
  const late = responses.filter(isLate);
  const judged = responses.filter((response) => response.to !== undefined || isLate(response));
  if (judged.length === 0)
    return {
      pass: false,
      comparison: [row('✗', expected, `the run ends at ${durationText(run.now)}, before any was due`)],
      notes: ['Let the machine run on for at least the deadline.'],
    };
  const longest = Math.max(...judged.map(({ from: began, to: ended }) => (ended?.at ?? run.now) - began.at));
  const summary = `${judged.length - late.length} of ${judged.length} in time, the longest took ${durationText(longest)}`;
  const rows = late
    .slice(0, MOST_SHOWN)
    .flatMap((response) => [
      row(' ', '', `${momentText(response.from.at)}  ${eventText(run, response.from)}`),
      response.to === undefined
        ? row(
            ' ',
            '',
            `${momentText(run.now)}  nothing by now, ${durationText(run.now - response.from.at)} later`,
          )
        : row(
            ' ',
            '',
            `${momentText(response.to.at)}  ${eventText(run, response.to)}, ${durationText(response.to.at - response.from.at)} later`,
          ),
    ]);
  return {
    pass: late.length === 0,
    comparison: [row(late.length === 0 ? '✓' : '✗', expected, summary), ...rows],
  };
}

/** For each `from` (that begins) the first `to` after it. */
function responsesIn(
  run: Run,
  from: EventPattern,
  to: EventPattern,
  onlyOnset: boolean,
): readonly Response[] {
  const responses: Response[] = [];
  let open: TraceEvent[] = [];
  let goesOn = false;
  for (const event of run.events) {
    if (open.length > 0 && to.matches(run, event)) {
      responses.push(...open.map((began) => ({ from: began, to: event })));
      open = [];
    }
    const begins = from.matches(run, event);
    if (begins && !(onlyOnset && goesOn)) open.push(event);
    if (begins) goesOn = true;
    else if (event.kind === 'message-sent' && event.channel === from.channel) goesOn = false;
  }
  return [...responses, ...open.map((began) => ({ from: began, to: undefined }))];
}

export interface Period {
  /** Virtual nanoseconds between one and the next. */
  readonly period: number;
  /** How much more or less it may be, in virtual nanoseconds. Default 0. */
  readonly jitter?: number;
  /** Whose releases; not needed when the expectation is about a VM. */
  readonly vm?: string;
  /** What is to be periodic, if not a VM's releases: `message('speed')`. */
  readonly of?: EventPattern;
}

/** The intervals between events are the period, give or take the jitter. */
export function keepsPeriod(subject: Subject, { period, jitter = 0, vm, of }: Period): Verdict {
  const { run } = subject;
  const name = vm ?? (subject.is === 'vm' ? subject.name : undefined);
  const chosen = (event: TraceEvent): boolean => {
    if (of !== undefined) return of.matches(run, event) && (name === undefined || vmOf(event) === name);
    if (subject.is === 'messages')
      return (
        event.kind === 'message-sent' && (subject.channel === undefined || event.channel === subject.channel)
      );
    return event.kind === 'released' && event.vm === name;
  };
  const what =
    of?.describe ??
    (subject.is === 'messages'
      ? `messages ${subject.channel ?? ''}`.trim()
      : `releases of ${name ?? 'a VM'}`);
  const events = run.events.filter(chosen);
  const expected = `${what} every ${durationText(period)} ± ${durationText(jitter)}`;
  if (events.length < 2)
    return {
      pass: false,
      comparison: [row('✗', expected, `there ${events.length === 1 ? 'was only one' : 'were none'}`)],
    };
  const intervals = events.slice(1).map((event, index) => ({ event, took: event.at - events[index]!.at }));
  const wrong = intervals.filter(({ took }) => Math.abs(took - period) > jitter);
  const times = intervals.map(({ took }) => took);
  const summary = `${intervals.length} intervals from ${durationText(Math.min(...times))} to ${durationText(Math.max(...times))}, ${wrong.length} of them wrong`;
  return {
    pass: wrong.length === 0,
    comparison: [
      row(wrong.length === 0 ? '✓' : '✗', expected, summary),
      ...wrong
        .slice(0, MOST_SHOWN)
        .map(({ event, took }) =>
          row(' ', '', `${momentText(event.at)}  ${durationText(took)} after the one before`),
        ),
    ],
  };
}

/** No job of the VM (or of any) completed after its deadline. */
export function missedNoDeadline(subject: Subject): Verdict {
  const { run } = subject;
  const mine = run.events.filter((event) => subject.is !== 'vm' || vmOf(event) === subject.name);
  const missed = mine.filter((event) => event.kind === 'deadline-missed');
  const completed = mine.filter(({ kind }) => kind === 'completed').length;
  const who = subject.is === 'vm' ? subject.name : 'every VM';
  return {
    pass: missed.length === 0,
    comparison: [
      row(
        missed.length === 0 ? '✓' : '✗',
        `${who} meets its deadlines`,
        missed.length === 0 ? `${completed} jobs completed in time` : `${missed.length} missed`,
      ),
      ...missed
        .slice(0, MOST_SHOWN)
        .map((event) =>
          row(' ', '', `${momentText(event.at)}  ${vmOf(event) ?? ''} ${eventText(run, event)}`),
        ),
    ],
  };
}
