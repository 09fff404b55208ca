import type { Machine, TraceEvent } from '../../hypervisor';
import { AuthorError } from '../author-error';
import { type ComparisonRow, failureText } from '../report/failure-text';
import { eventText } from '../report/event-text';
import { durationText, momentText } from '../report/time-text';
import type { EventPattern } from './event-pattern';
import { requireWholeNumber } from './require-amount';
import type { Run } from './run';

/** A run that ended otherwise than the spec waited for. */
export class RunError extends Error {
  override readonly name = 'RunError';

  constructor(
    /** `limit`: the time was up. `idle`: nothing more could happen. `halted`: the machine halted first. */
    readonly reason: 'limit' | 'idle' | 'halted',
    text: string,
  ) {
    super(text);
  }
}

/** See `TestMachine.runUntil`. */
export function runUntil(
  run: Run,
  machine: Machine,
  condition: EventPattern,
  atMost: number | undefined,
): TraceEvent | undefined {
  if (atMost === undefined)
    throw new AuthorError({
      code: 'bad-limit',
      where: 'machine.runUntil()',
      what: 'it has no limit of virtual time: a condition that never comes would run for ever.',
      mend: 'Write runUntil(condition, { atMost: ms(500) }).',
    });
  const began = run.now;
  const until = began + requireWholeNumber('machine.runUntil(…, { atMost })', atMost, 1);
  if (condition.alreadyHolds?.(run) ?? false) return undefined;
  const seen = machine.trace.length;
  const { prompts = [], places = [] } = condition;
  const result = machine.run({ until, stop: (event) => condition.matches(run, event), prompts, places });
  if (result.is === 'stopped') return result.event;
  if (result.is === 'prompted' || result.is === 'reached') return undefined;
  if (condition.alreadyHolds?.(run) ?? false) return undefined;
  const reason = result.is === 'time' ? 'limit' : result.is;
  const ended = {
    limit: `not within ${durationText(atMost)} (from ${durationText(began)} to ${durationText(run.now)})`,
    idle: `never: at ${durationText(run.now)} every VM waits or has ended, and nothing more can happen`,
    halted: `not before the machine halted at ${durationText(run.now)}: ${run.halted ?? ''}`,
  }[reason];
  throw new RunError(
    reason,
    failureText(
      {
        title: `machine.runUntil(${condition.describe})`,
        comparison: [
          { mark: '✗', expected: condition.describe, actual: ended },
          ...nearMisses(run, condition, machine.trace.since(seen)),
        ],
      },
      run,
    ),
  );
}

const MOST_NEAR = 3;

/** What went over the same channel meanwhile. */
function nearMisses(
  run: Run,
  { channel }: EventPattern,
  events: readonly TraceEvent[],
): readonly ComparisonRow[] {
  if (channel === undefined) return [];
  return events
    .filter((event) => event.kind === 'message-sent' && event.channel === channel)
    .slice(-MOST_NEAR)
    .map((event) => ({
      mark: ' ',
      expected: '',
      actual: `but ${momentText(event.at).trim()}  ${eventText(run, event)}`,
    }));
}
