/**
 * The matchers, as `expect.extend` takes them. Each is thin: it says which subject it needs, has a pure function
 * judge the run, and gives the verdict to the one formatter.
 */
import { AuthorError } from '../../author-error';
import type { EventPattern } from '../../machine/event-pattern';
import { subjectOf, type Subject } from '../../machine/run';
import { failureText } from '../../report/failure-text';
import { valueText } from '../../report/value-text';
import { type Reference, runsLike } from './golden-run';
import { campaignMatchers } from './campaign-matchers';
import * as life from './life';
import * as sequence from './sequence';
import * as timing from './timing';
import { hasBeenUpdated, type Update } from './update';
import type { Verdict } from './verdict';

/** What a matcher returns to Jest, with the verdict as data beside the text. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
  readonly verdict: Verdict;
}

interface Context {
  readonly isNot?: boolean;
}
type Judge<Wanted extends readonly unknown[]> = (subject: Subject, ...wanted: Wanted) => Verdict;

const SUBJECT_NAMES = { machine: 'machine', vm: 'vm', messages: 'messages' } as const;

function matcher<Wanted extends readonly unknown[]>(name: string, judge: Judge<Wanted>) {
  return function (this: Context, received: unknown, ...wanted: Wanted): MatcherResult {
    const subject = subjectOf(received);
    if (subject === undefined)
      throw new AuthorError({
        code: 'bad-expectation',
        where: `expect(…).${name}()`,
        what: `it is about a machine, its VMs or its messages, not about ${valueText(received)}.`,
        mend: "Write expect(machine), expect(machine.vm('train')), expect(machine.ipc) or expect(machine.channel('speed')).",
      });
    const verdict = judge(subject, ...wanted);
    const not = this.isNot === true ? 'not.' : '';
    return {
      pass: verdict.pass,
      verdict,
      message: () => {
        const comparison =
          this.isNot === true
            ? verdict.comparison.map((line) =>
                line.mark === '✓' ? { ...line, mark: '✗' as const, expected: `not: ${line.expected}` } : line,
              )
            : verdict.comparison;
        return failureText(
          { ...verdict, comparison, title: `expect(${subjectText(subject)}).${not}${name}()` },
          subject.run,
        );
      },
    };
  };
}

const subjectText = (subject: Subject): string => {
  if (subject.is === 'vm') return `machine.${SUBJECT_NAMES.vm}('${subject.name}')`;
  if (subject.is === 'machine') return SUBJECT_NAMES.machine;
  return subject.channel === undefined ? 'machine.ipc' : `machine.channel('${subject.channel}')`;
};

const vmMatcher = <Wanted extends readonly unknown[]>(
  name: string,
  judge: (subject: life.VmSubject, ...wanted: Wanted) => Verdict,
) =>
  matcher<Wanted>(name, (subject, ...wanted) => {
    if (subject.is === 'vm') return judge(subject, ...wanted);
    throw new AuthorError({
      code: 'bad-expectation',
      where: `expect(${subjectText(subject)}).${name}()`,
      what: 'it is about one VM.',
      mend: `Write expect(machine.vm('train')).${name}().`,
    });
  });

const requirePatterns = (name: string, patterns: unknown): readonly EventPattern[] => {
  const given = Array.isArray(patterns) ? (patterns as readonly Partial<EventPattern>[]) : undefined;
  if (given !== undefined && given.length > 0 && given.every((one) => typeof one?.matches === 'function'))
    return given as readonly EventPattern[];
  throw new AuthorError({
    code: 'bad-expectation',
    where: `expect(…).${name}()`,
    what:
      given?.length === 0
        ? 'the list is empty: anything would follow it.'
        : 'it takes a list of messages and marks.',
    mend: `Write ${name}([message('speed', { kmh: 120 }), message('brake')]).`,
  });
};

const orHalted = (code: number | undefined): object =>
  code === undefined ? { is: 'halted' } : { is: 'halted', code };

export const matchers = {
  ...campaignMatchers,
  toFollow: matcher('toFollow', (subject, patterns: readonly EventPattern[]) =>
    sequence.follows(subject, requirePatterns('toFollow', patterns)),
  ),
  toFollowExactly: matcher('toFollowExactly', (subject, patterns: readonly EventPattern[]) =>
    sequence.followsExactly(subject, requirePatterns('toFollowExactly', patterns)),
  ),
  toHaveExactlyOnce: matcher('toHaveExactlyOnce', (subject, pattern: EventPattern) =>
    sequence.occurs(subject, requirePatterns('toHaveExactlyOnce', [pattern])[0]!, 1),
  ),
  toNeverHave: matcher('toNeverHave', (subject, pattern: EventPattern) =>
    sequence.occurs(subject, requirePatterns('toNeverHave', [pattern])[0]!, 0),
  ),
  toMeetDeadline: matcher('toMeetDeadline', timing.meetsDeadline),
  toKeepPeriod: matcher('toKeepPeriod', timing.keepsPeriod),
  toHaveMissedNoDeadline: matcher('toHaveMissedNoDeadline', timing.missedNoDeadline),
  toHaveBeenUpdated: vmMatcher('toHaveBeenUpdated', (subject, update: Update = {}) =>
    hasBeenUpdated(subject, update),
  ),
  toHaveRestarted: vmMatcher('toHaveRestarted', (subject, restart: life.Restart = {}) =>
    life.hasRestarted(subject, restart),
  ),
  toHaveCrashed: vmMatcher('toHaveCrashed', (subject, fault?: unknown) => life.hasCrashed(subject, fault)),
  toBeRunning: vmMatcher('toBeRunning', (subject) => life.hasState(subject, { is: 'running' }, 'running')),
  toBeWaiting: vmMatcher('toBeWaiting', (subject, wait?: object) =>
    life.hasState(
      subject,
      wait === undefined ? { is: 'waiting' } : { is: 'waiting', wait },
      wait === undefined ? 'waiting' : `waiting ${valueText(wait)}`,
    ),
  ),
  toBeHalted: vmMatcher('toBeHalted', (subject, { code }: { readonly code?: number } = {}) =>
    life.hasState(subject, orHalted(code), code === undefined ? 'halted' : `halted with code ${code}`),
  ),
  toBeStoppedByHealthMonitor: vmMatcher('toBeStoppedByHealthMonitor', life.isStoppedByHealthMonitor),
  toBeUndisturbed: vmMatcher('toBeUndisturbed', (subject, reference?: Reference) =>
    reference === undefined ? life.isUndisturbed(subject) : runsLike(subject, reference),
  ),
  toHavePrinted: vmMatcher('toHavePrinted', life.hasPrinted),
};
