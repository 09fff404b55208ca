/** The matcher of updates: a VM runs the new image that it was brought, for good. */
import type { TraceEvent } from '../../../hypervisor';
import { eventText, vmOf } from '../../report/event-text';
import { durationText, momentText } from '../../report/time-text';
import { updateText } from '../../report/update-text';
import type { VmSubject } from './life';
import { row, type Verdict } from './verdict';

export interface Update {
  /** Longest virtual time in nanoseconds for which the VM stood still in an exchange. */
  readonly outage?: number;
  /** Longest virtual time in nanoseconds from the beginning of the update to its confirmation. */
  readonly within?: number;
}

type Event<Kind extends TraceEvent['kind']> = Extract<TraceEvent, { kind: Kind }>;
type End = Event<'update-confirmed' | 'update-failed' | 'update-rolled-back'>;

const isEnd = (event: TraceEvent): event is TraceEvent & End =>
  event.kind === 'update-confirmed' || event.kind === 'update-failed' || event.kind === 'update-rolled-back';

/** The last update of the VM that has ended was confirmed, as quickly as wanted. */
export function hasBeenUpdated({ run, name }: VmSubject, { outage, within }: Update): Verdict {
  const events = run.events.filter((event) => vmOf(event) === name);
  const end = events.findLast(isEnd);
  const begun = events.findLast(({ kind, at }) => kind === 'update-begun' && at <= (end?.at ?? Infinity));
  const switched = events.filter(
    (event): event is TraceEvent & Event<'update-switched'> =>
      event.kind === 'update-switched' && event.at >= (begun?.at ?? 0) && event.at <= (end?.at ?? Infinity),
  );
  const still = switched.reduce((sum, each) => sum + each.outage, 0);
  const took = end === undefined || begun === undefined ? undefined : end.at - begun.at;
  const isConfirmed = end?.kind === 'update-confirmed';
  const isShort = outage === undefined || (isConfirmed && still <= outage);
  const isQuick = within === undefined || (took !== undefined && took <= within);
  return {
    pass: isConfirmed && isShort && isQuick,
    comparison: [
      row(isConfirmed ? '✓' : '✗', `${name} has been updated`, endText(end, begun !== undefined)),
      ...(outage === undefined
        ? []
        : [row(isShort ? '✓' : '✗', `stood still for at most ${durationText(outage)}`, durationText(still))]),
      ...(within === undefined
        ? []
        : [
            row(
              isQuick ? '✓' : '✗',
              `within ${durationText(within)}`,
              took === undefined ? 'not ended' : durationText(took),
            ),
          ]),
      ...events
        .slice(begun === undefined ? events.length : events.indexOf(begun))
        .filter(({ kind }) => kind.startsWith('update-') || kind === 'self-test-passed')
        .map((event) => row(' ', '', `${momentText(event.at)}  ${eventText(run, event)}`)),
    ],
  };
}

function endText(end: (TraceEvent & End) | undefined, isBegun: boolean): string {
  if (end !== undefined) return updateText(end);
  return isBegun ? 'its update has not ended' : 'no update of it was begun';
}
