/**
 * What a device is to the VM that has it. A device turns register accesses of the guest into state, lines
 * and console bytes; whatever concerns more than itself (resets, crashes, hypercalls) it keeps as a pending
 * decision that the VM takes after the hart has stopped.
 */
import type { ClockConversion } from '../../platform/time';
import type { InterruptLine } from '../hart/contract';

export type AccessSize = 1 | 2 | 4;

/** Answer of `load` to an access that the device does not have: the hart raises an access fault. */
export const ACCESS_FAULT = -1;

/** What a device knows of the VM around it, given at construction. No call allocates. */
export interface DeviceContext {
  /** Cycles since the machine started, on the core of the hart that accesses: at the very instruction of an access, and `now` inside `advance`. */
  cycles(): number;
  /** The same moment in ticks of the 10 MHz timebase. */
  ticks(): number;
  /** Converts between cycles, ticks and nanoseconds. */
  readonly clock: ClockConversion;
  /** How many harts the VM has. */
  readonly harts: number;
  /** Drives an interrupt line into a hart of the VM, by its number. */
  setLine(hart: number, line: InterruptLine, level: boolean): void;
  /**
   * The hart that accesses stops after the instruction in progress. A device asks for it when an interrupt line has risen,
   * when its next event has come nearer, or when it has a decision pending. While no hart runs (inside
   * `advance`, say) it has no effect, nor one later.
   */
  requestStop(): void;
}

/**
 * A device. `State` is plain data (numbers, booleans, strings, typed arrays, `null`, objects and arrays of
 * these) that shares nothing with the device, so that it can be kept, sent to a worker and restored often.
 */
export interface Device<State = unknown> {
  readonly name: string;
  /**
   * Loads from a register; `offset` is within the device and a multiple of `size`.
   * @returns the unsigned value, or `ACCESS_FAULT`.
   */
  load(offset: number, size: AccessSize): number;
  /** Stores to a register; `value` may be signed or unsigned. False is an access fault; nothing has changed then. */
  store(offset: number, size: AccessSize, value: number): boolean;
  /** The cycle at which the device must be advanced next; `Infinity` when nothing is due. */
  nextEventAt(): number;
  /** Does what is due by the cycle `now`. Calling it early, late or twice is harmless. */
  advance(now: number): void;
  /** Power-on state; lines go low. */
  reset(): void;
  save(): State;
  /**
   * Returns to a saved state and drives its lines. The clock of the context must have been restored before.
   * The VM advances the device afterwards: time may have passed since the state was saved.
   */
  restore(state: State): void;
}
