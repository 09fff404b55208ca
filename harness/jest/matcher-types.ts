import type { EventPattern } from '../machine/event-pattern';
import type { FaultPattern } from '../machine/test-vm';
import type { WaitReason } from '../../hypervisor';
import type { Quantity } from '../campaign/figures';
import type { Confidence } from './matchers/campaign';
import type { CampaignSubject } from './matchers/campaign-matchers';
import type { Reference } from './matchers/golden-run';
import type { Restart } from './matchers/life';
import type { Deadline, Period } from './matchers/timing';
import type { Update } from './matchers/update';

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
  /** The last update of the VM was confirmed: in time, and with an exchange as short as wanted. */
  toHaveBeenUpdated(update?: Update): Result;
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

  // Of a campaign. All of these fail, with and without `.not`, where the campaign cannot tell: it is not done, injections
  // ended in harness-error, or no fault fired.
  /** No injection came to this outcome, or to any that the figure (`failure`, `undetected-failure`) counts. */
  toHaveNo(quantity: Quantity): Result;
  /** The share is below the bound (0.01 is one per cent), whatever it may be within its confidence. */
  toHaveRateBelow(quantity: Quantity, bound: number, options?: Confidence): Result;
  /** The share (such as `diagnostic-coverage`) is above the bound, whatever it may be within its confidence. */
  toHaveRateAbove(quantity: Quantity, bound: number, options?: Confidence): Result;
  /** Fewer faults of its space lead to this than of the other campaign’s space. */
  toHaveFewer(quantity: Quantity, options: Confidence & { readonly than: CampaignSubject }): Result;
  /** Whatever recovered did so within this virtual time: the longest, or a percentile. */
  toRecoverWithin(limit: number, options?: { readonly percentile?: 50 | 99 | 100 }): Result;
  /** All that guests stated of themselves held over the whole campaign; there was something. */
  toHaveFulfilledProperties(): Result;
  /** Every injection of the plan has a result, and none is `harness-error`. */
  toBeComplete(): Result;
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
