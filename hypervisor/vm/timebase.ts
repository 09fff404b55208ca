/**
 * The time that a VM has in ticks of 10 MHz: mtime, the `time` CSR, and its timers. It is that of the machine, unless a
 * fault lets it drift or jump. What the hypervisor counts in nanoseconds or cycles is not concerned.
 */
import type { ClockConversion } from '../../platform/time';

/** From a true tick on: what the VM had then, and by how many parts of a million it runs faster. */
export interface TimebaseState {
  readonly since: number;
  readonly ticks: number;
  readonly drift: number;
}

const MILLION = 1e6;
const TRUE: TimebaseState = { since: 0, ticks: 0, drift: 0 };

export class Timebase {
  readonly #clock: ClockConversion;
  #state = TRUE;

  constructor(clock: ClockConversion) {
    this.#clock = clock;
  }

  /** Ticks that have passed after so many cycles. */
  ticksAt(cycles: number): number {
    const now = this.#clock.cyclesToTicks(cycles);
    const { since, ticks, drift } = this.#state;
    if (drift === 0) return ticks + now - since;
    // Whole millions apart: every product stays below 2^53.
    const passed = now - since;
    const rest = passed % MILLION;
    const speed = MILLION + drift;
    return ticks + ((passed - rest) / MILLION) * speed + Math.floor((rest * speed) / MILLION);
  }

  /** The first cycle at which so many ticks have passed. */
  cycleOf(tick: number): number {
    const { since, ticks, drift } = this.#state;
    if (tick === Infinity || drift === 0) return this.#clock.ticksToCycles(Math.max(0, tick - ticks + since));
    const wanted = Math.max(0, tick - ticks);
    const speed = MILLION + drift;
    const rest = wanted % speed;
    const passed = ((wanted - rest) / speed) * MILLION + Math.ceil((rest * MILLION) / speed);
    return this.#clock.ticksToCycles(since + passed);
  }

  get drift(): number {
    return this.#state.drift;
  }

  /** From a cycle on it runs faster by so many parts of a million. */
  driftFrom(cycles: number, drift: number): void {
    this.#state = { since: this.#clock.cyclesToTicks(cycles), ticks: this.ticksAt(cycles), drift };
  }

  /** At a cycle it jumps by so many ticks; not to before the first one. */
  jumpAt(cycles: number, by: number): void {
    const { drift } = this.#state;
    const ticks = Math.max(0, this.ticksAt(cycles) + by);
    this.#state = { since: this.#clock.cyclesToTicks(cycles), ticks, drift };
  }

  save(): TimebaseState {
    return this.#state;
  }

  restore(state: TimebaseState): void {
    this.#state = state;
  }
}
