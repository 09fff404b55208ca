/** Matchers of what came in which order: pure functions of a run. */
import type { TraceEvent } from '../../../hypervisor';
import type { EventPattern } from '../../machine/event-pattern';
import type { Run, Subject } from '../../machine/run';
import { eventText, vmOf } from '../../report/event-text';
import { momentText } from '../../report/time-text';
import type { Failure } from '../../report/failure-text';
import { row, type Verdict } from './verdict';

type Rows = Failure['comparison'];

/** The events that an expectation is about: a machine's all, a VM's own, a sequence's messages. */
export function eventsOf(subject: Subject): readonly TraceEvent[] {
  const { events } = subject.run;
  if (subject.is === 'machine') return events;
  if (subject.is === 'vm') return events.filter((event) => vmOf(event) === subject.name);
  return events.filter(
    (event) =>
      event.kind === 'message-sent' && (subject.channel === undefined || event.channel === subject.channel),
  );
}

const shown = (run: Run, event: TraceEvent): string => {
  const who = vmOf(event);
  return `${momentText(event.at)}  ${who === undefined ? '' : `${who} `}${eventText(run, event)}`;
};

/** One event for each pattern, in this order, whatever lies between. */
export function follows(subject: Subject, patterns: readonly EventPattern[]): Verdict {
  const { run } = subject;
  const events = eventsOf(subject);
  const rows: Rows[number][] = [];
  let from = 0;
  for (const [index, pattern] of patterns.entries()) {
    const at = events.findIndex((event, place) => place >= from && pattern.matches(run, event));
    if (at === -1) {
      rows.push(row('✗', pattern.describe, from === 0 ? 'never' : 'never after that'));
      rows.push(...instead(run, events, from, pattern));
      rows.push(...patterns.slice(index + 1).map(({ describe }) => row(' ', describe, '')));
      return { pass: false, comparison: rows };
    }
    rows.push(row('✓', pattern.describe, shown(run, events[at]!)));
    from = at + 1;
  }
  return { pass: true, comparison: rows };
}

const MOST_SHOWN = 4;

/** What there is instead of a pattern's event: on its channel, else whatever comes next. */
function instead(run: Run, events: readonly TraceEvent[], from: number, pattern: EventPattern): Rows {
  const early = events.slice(0, from).findLast((event) => pattern.matches(run, event));
  const near = events
    .slice(from)
    .filter(
      (event) =>
        pattern.channel === undefined || (event.kind === 'message-sent' && event.channel === pattern.channel),
    );
  return [
    ...(early === undefined ? [] : [row(' ', '', `before: ${shown(run, early)}`)]),
    ...near.slice(0, MOST_SHOWN).map((event) => row(' ', '', `but ${shown(run, event)}`)),
    ...(near.length > MOST_SHOWN ? [row(' ', '', `and ${near.length - MOST_SHOWN} more`)] : []),
  ];
}

/** Exactly these events in this order next to each other, beginning anywhere. */
export function followsExactly(subject: Subject, patterns: readonly EventPattern[]): Verdict {
  const { run } = subject;
  const events = eventsOf(subject);
  let best = { at: 0, length: -1 };
  for (let at = 0; at <= Math.max(0, events.length - 1); at++) {
    let length = 0;
    while (
      length < patterns.length &&
      at + length < events.length &&
      patterns[length]!.matches(run, events[at + length]!)
    )
      length++;
    if (length > best.length) best = { at, length };
    if (length === patterns.length) break;
  }
  const rows = patterns.map((pattern, index) => {
    const event = events[best.at + index];
    const matched = index < best.length;
    const actual = event === undefined ? 'nothing more' : shown(run, event);
    return row(matched ? '✓' : index === best.length ? '✗' : ' ', pattern.describe, actual);
  });
  return { pass: best.length === patterns.length, comparison: rows };
}

/** How often a pattern's event is there. */
export function occurs(subject: Subject, pattern: EventPattern, times: number): Verdict {
  const { run } = subject;
  const found = eventsOf(subject).filter((event) => pattern.matches(run, event));
  const pass = found.length === times;
  const wanted = times === 0 ? 'never' : times === 1 ? 'exactly once' : `${times} times`;
  const actual = found.length === 0 ? 'never' : found.length === 1 ? 'once' : `${found.length} times`;
  const rows = [row(pass ? '✓' : '✗', `${pattern.describe}: ${wanted}`, actual)];
  const shownEvents = found.slice(0, MOST_SHOWN).map((event) => row(' ', '', shown(run, event)));
  const none = found.length === 0 ? instead(run, eventsOf(subject), 0, pattern) : [];
  return { pass, comparison: [...rows, ...shownEvents, ...(times === 0 ? [] : none)] };
}
