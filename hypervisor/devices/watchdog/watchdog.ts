/** A VM's watchdog (register layout: platform/devices/watchdog.ts). */
import { WATCHDOG } from '../../../platform/devices/watchdog';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';

const TIMEOUT = WATCHDOG.registers.timeout.offset;
const FEED = WATCHDOG.registers.feed.offset;
const REMAINING = WATCHDOG.registers.remaining.offset;

const NANOSECONDS_PER_MICROSECOND = 1000;
const LARGEST_REGISTER = 0xffff_ffff;
const { ceil, floor, min } = Math;

/** In cycles; relative to the moment of the save, so that a VM returned to its snapshot later gets its full time. */
export interface WatchdogState {
  /** Cycles between two feeds; 0 when disarmed. */
  readonly period: number;
  readonly remaining: number;
  readonly expired: boolean;
}

export class Watchdog implements Device<WatchdogState> {
  readonly name = WATCHDOG.name;
  readonly #context: DeviceContext;
  #period = 0;
  #deadline = Infinity;
  #expired = false;

  /** Cycles that the system allows between two feeds at most; 0: as many as the guest likes. */
  readonly #most: number;

  constructor(context: DeviceContext, most = 0) {
    this.#context = context;
    this.#most = most;
  }

  /** The VM starts: where the system declares so, it is armed from now on. */
  start(): void {
    if (this.#period === 0 && this.#most > 0) this.arm(this.#most);
  }

  /** Arms and feeds it: it expires unless fed again within `period` cycles. 0 disarms it, unless the system declares how long that may be at most. */
  arm(wanted: number): void {
    const period = this.#most > 0 && (wanted === 0 || wanted > this.#most) ? this.#most : wanted;
    this.advance(this.#context.cycles());
    const before = this.#deadline;
    this.#period = period;
    this.#deadline = period === 0 ? Infinity : this.#context.cycles() + period;
    if (this.#deadline < before) this.#context.requestStop();
  }

  /** Whether it has expired since the last time somebody asked: the VM crashes. It is disarmed then. */
  takeExpiry(): boolean {
    const expired = this.#expired;
    this.#expired = false;
    return expired;
  }

  load(offset: number, size: AccessSize): number {
    if (size !== 4) return ACCESS_FAULT;
    if (offset === TIMEOUT) return min(floor(this.#toMicroseconds(this.#period)), LARGEST_REGISTER);
    if (offset === REMAINING) {
      const left = this.#period === 0 ? 0 : this.#deadline - this.#context.cycles();
      return left <= 0 ? 0 : min(ceil(this.#toMicroseconds(left)), LARGEST_REGISTER);
    }
    return ACCESS_FAULT;
  }

  store(offset: number, size: AccessSize, value: number): boolean {
    if (size !== 4) return false;
    if (offset === TIMEOUT) {
      this.arm(this.#context.clock.nanosecondsToCycles((value >>> 0) * NANOSECONDS_PER_MICROSECOND));
      return true;
    }
    if (offset === FEED) {
      this.arm(this.#period);
      return true;
    }
    return false;
  }

  nextEventAt(): number {
    return this.#deadline;
  }

  advance(now: number): void {
    if (now < this.#deadline) return;
    this.#deadline = Infinity;
    this.#period = 0;
    this.#expired = true;
    this.#context.requestStop();
  }

  reset(): void {
    this.#period = 0;
    this.#deadline = Infinity;
    this.#expired = false;
  }

  save(): WatchdogState {
    return {
      period: this.#period,
      remaining: this.#deadline - this.#context.cycles(),
      expired: this.#expired,
    };
  }

  restore(state: WatchdogState): void {
    this.#period = state.period;
    this.#deadline = this.#context.cycles() + state.remaining;
    this.#expired = state.expired;
  }

  #toMicroseconds(cycles: number): number {
    return this.#context.clock.cyclesToNanoseconds(cycles) / NANOSECONDS_PER_MICROSECOND;
  }
}
