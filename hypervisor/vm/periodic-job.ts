/**
 * A VM's periodic execution (ARINC 653 part 1, periodic processes): releases, jobs, deadlines. The budget of a
 * declared period is replenished at every release. Times are cycles of the chip.
 */
import type { ClockConversion } from '../../platform/time';
import type { PeriodicExecution } from '../hypercalls';
import type { TraceEvent } from '../trace/events';

export interface PeriodicState {
  readonly period: number;
  readonly deadline: number;
  readonly nextRelease: number;
  /** Releases that the guest has not taken yet. */
  readonly pending: number;
  /** The latest release, and when its job is due; `Infinity`: complete, or its miss is recorded. */
  readonly released: number;
  readonly due: number;
  /** The latest release that filled the budget, also of an earlier life. */
  readonly filled: number;
}

const INACTIVE: PeriodicState = {
  period: 0,
  deadline: 0,
  nextRelease: Infinity,
  pending: 0,
  released: 0,
  due: Infinity,
  filled: -Infinity,
};

export interface PeriodicOptions {
  readonly vm: string;
  readonly clock: ClockConversion;
  /** What the system declares, in nanoseconds. */
  readonly declared: { readonly period: number; readonly deadline: number } | undefined;
  readonly now: () => number;
  readonly trace: (event: TraceEvent) => void;
  /** A release has come, and the VM may be waiting for it. `fills`: its budget is full again. */
  readonly onRelease: (fills: boolean) => void;
}

export class PeriodicJob implements PeriodicExecution {
  readonly #options: PeriodicOptions;
  #state = INACTIVE;

  constructor(options: PeriodicOptions) {
    this.#options = options;
  }

  get isDeclared(): boolean {
    return this.#options.declared !== undefined;
  }

  get isActive(): boolean {
    return this.#state.period > 0;
  }

  /** Whether a release waits to be taken. */
  get isReleased(): boolean {
    return this.#state.pending > 0;
  }

  /** The VM starts: a declared period is released for the first time now, any other ends. */
  reset(): void {
    this.stop();
    const { declared } = this.#options;
    if (declared !== undefined) this.start(declared.period, declared.deadline);
  }

  /** The VM has stopped: nothing is released any more. */
  stop(): void {
    this.#state = { ...INACTIVE, filled: this.#state.filled };
  }

  /** The VM returns to a moment at which its period was this: it is released for the first time now. */
  startLike({ period, deadline }: PeriodicState): void {
    if (period === 0) this.stop();
    else this.#begin(period, deadline);
  }

  start(period: number, deadline: number): void {
    const { clock } = this.#options;
    this.#begin(clock.nanosecondsToCycles(period), clock.nanosecondsToCycles(deadline));
  }

  #begin(period: number, deadline: number): void {
    const at = this.#options.now();
    this.#state = {
      period,
      deadline,
      nextRelease: at,
      pending: 0,
      released: at,
      due: Infinity,
      filled: this.#state.filled,
    };
    this.#release();
    // The first job begins with the guest itself: its release is taken.
    this.#state = { ...this.#state, pending: 0 };
  }

  completeJob(): void {
    const { vm, clock, now, trace } = this.#options;
    const { released, pending } = this.#state;
    trace({
      at: clock.cyclesToNanoseconds(now()),
      kind: 'completed',
      vm,
      released: clock.cyclesToNanoseconds(released),
    });
    // When another release has come in the meantime, its own deadline still stands.
    if (pending === 0) this.#state = { ...this.#state, due: Infinity };
  }

  takeRelease(): number | undefined {
    const { pending } = this.#state;
    if (pending === 0) return undefined;
    this.#state = { ...this.#state, pending: 0 };
    return pending - 1;
  }

  nextEventAt(): number {
    return Math.min(this.#state.nextRelease, this.#state.due);
  }

  advance(now: number): void {
    // A deadline equal to the period is judged before the release that falls on it.
    for (let at = this.nextEventAt(); at <= now; at = this.nextEventAt()) {
      if (this.#state.due <= this.#state.nextRelease) this.#miss();
      else this.#release();
    }
  }

  save(): PeriodicState {
    return this.#state;
  }

  restore(state: PeriodicState): void {
    this.#state = state;
  }

  #release(): void {
    const { vm, clock, trace, onRelease } = this.#options;
    const { nextRelease, period, deadline, pending, filled } = this.#state;
    const due = nextRelease + deadline;
    // A life that begins within a period of the one before has what that one left: crashing brings no more.
    const fills = nextRelease - filled >= period;
    this.#state = {
      ...this.#state,
      nextRelease: nextRelease + period,
      pending: pending + 1,
      released: nextRelease,
      due,
      filled: fills ? nextRelease : filled,
    };
    trace({
      at: clock.cyclesToNanoseconds(nextRelease),
      kind: 'released',
      vm,
      deadline: clock.cyclesToNanoseconds(due),
    });
    onRelease(fills);
  }

  #miss(): void {
    const { vm, clock, trace } = this.#options;
    const { due, released } = this.#state;
    this.#state = { ...this.#state, due: Infinity };
    trace({
      at: clock.cyclesToNanoseconds(due),
      kind: 'deadline-missed',
      vm,
      released: clock.cyclesToNanoseconds(released),
      deadline: clock.cyclesToNanoseconds(due),
    });
  }
}
