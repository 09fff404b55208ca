/**
 * How fast a hart is: at full speed, unless a fault makes it stand still for a while, for good, or for a part of every
 * period. Standing still it has its core and retires nothing.
 */

/** A clock that is gated: from `since` on it runs for `running` cycles of every `period`, at the period's beginning. */
export interface Throttle {
  readonly since: number;
  readonly period: number;
  readonly running: number;
}

export class Pace {
  /** The cycle until which it stands still; `Infinity` when it hangs. */
  stalledUntil = 0;
  /** Of several the slowest counts. */
  throttles: readonly Throttle[] = [];

  get isFull(): boolean {
    return this.stalledUntil === 0 && this.throttles.length === 0;
  }

  /** Stands still until a cycle at least. */
  stall(until: number): void {
    this.stalledUntil = Math.max(this.stalledUntil, until);
  }

  /** Cycles for which it stands still from now on; 0 when it runs. */
  standsStillFor(now: number): number {
    let cycles = Math.max(0, this.stalledUntil - now);
    for (const throttle of this.throttles) {
      const at = phaseAt(throttle, now);
      if (at >= throttle.running) cycles = Math.max(cycles, throttle.period - at);
    }
    return cycles;
  }

  /** Cycles that it may run from now on before it stands still again. */
  runsFor(now: number): number {
    let cycles = Infinity;
    for (const throttle of this.throttles)
      cycles = Math.min(cycles, throttle.running - phaseAt(throttle, now));
    return cycles;
  }
}

const phaseAt = ({ since, period }: Throttle, now: number): number => (now - since) % period;
