import type { EventPattern } from '../machine/event-pattern';
import type { FaultPattern } from '../machine/test-vm';
import type { WaitReason } from '../../hypervisor';
import type { Reference } from './matchers/golden-run';
import type { Restart } from './matchers/life';
import type { Deadline, Period } from './matchers/timing';

/** What `expect` learns from this package. All durations are virtual nanoseconds: `ms(5)`. */
export interface TestvisorMatchers<Result> {
  /** One event for each pattern, in this order, whatever lies between. */
  toFollow(patterns: readonly EventPattern[]): Result;
  /** These events next to each other, in this order. */
  toFollowExactly(patterns: readonly EventPattern[]): Result;
  toHaveExactlyOnce(pattern: EventPattern): Result;
  toNeverHave(pattern: EventPattern): Result;
  /** Every `from` is followed by a `to` in time. Fails when there was no `from`: nothing was tested. */
  toMeetDeadline(deadline: Deadline): Result;
  /** Releases of a VM, or the events `of` a pattern, keep their period. */
  toKeepPeriod(period: Period): Result;
  /** No job of this VM (of any VM, for a machine) missed its deadline. */
  toHaveMissedNoDeadline(): Result;
  toHaveRestarted(restart?: Restart): Result;
  /** The VM crashed, by a fault as the pattern says. */
  toHaveCrashed(fault?: FaultPattern): Result;
  toBeRunning(): Result;
  toBeWaiting(wait?: { readonly for?: WaitReason['for'] }): Result;
  toBeHalted(how?: { readonly code?: number }): Result;
  toBeStoppedByHealthMonitor(): Result;
  /**
   * No crash, restart, suspension, missed deadline, denied call or injected fault befell this VM. With a reference run:
   * it did the same there, at the same times (or `within` so much of them), as far as both runs have come.
   */
  toBeUndisturbed(reference?: Reference): Result;
  /** The VM's console has this in it. */
  toHavePrinted(text: string | RegExp): Result;
}

declare module 'expect' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merges into Jest's interface.
  interface Matchers<R> extends TestvisorMatchers<R> {}
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how @types/jest is extended.
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merges into Jest's interface.
    interface Matchers<R> extends TestvisorMatchers<R> {}
  }
}
