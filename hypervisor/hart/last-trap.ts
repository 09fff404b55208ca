/**
 * The trap that was entered last, to tell a guest that would trap for ever: its handler faults at its own first
 * instruction, with nothing retired in between.
 */
import type { Registers } from './registers';
import type { Traps } from './traps';
import { wide } from './wide';

/** A trap for which the guest has no handler that could run. */
export interface UnhandledTrap {
  readonly loop: boolean;
  /** As in mcause of RV32: bit 31 says interrupt. */
  readonly cause: number;
  readonly pc: bigint;
  readonly value: bigint;
}

export const NO_TRAP: UnhandledTrap = { loop: false, cause: 0, pc: 0n, value: 0n };

const RETIRED = 5;

export class LastTrap {
  readonly #registers: Registers;
  readonly #traps: Traps;
  /** Cause, pc and value as halves, and how many instructions had retired. Numbers: traps may be many. */
  readonly #last = new Float64Array(6);
  /** Whether a trap has been entered since somebody set this to false. */
  isNew = false;

  constructor(registers: Registers, traps: Traps) {
    this.#registers = registers;
    this.#traps = traps;
  }

  forget(): void {
    this.#last.fill(-1);
  }

  /** A trap is about to be entered from the pc. */
  remember(cause: number, valueLow: number, valueHigh: number, retired: number): void {
    const last = this.#last;
    last[0] = cause;
    last[1] = this.#registers.pcLow;
    last[2] = this.#registers.pcHigh;
    last[3] = valueLow;
    last[4] = valueHigh;
    last[RETIRED] = retired;
    this.isNew = true;
  }

  /** Whether it is what it was, so many instructions later. @param before from `save` */
  isSameAfter(instructions: number, before: readonly number[]): boolean {
    return this.save().every((value, at) => value === before[at]! + (at === RETIRED ? instructions : 0));
  }

  /** It was entered so many instructions later than it says. */
  shift(instructions: number): void {
    this.#last[RETIRED]! += instructions;
  }

  /** Whether the pc is the first instruction of the handler that was entered last, and nothing has retired since. */
  isAtFreshHandler(retired: number): boolean {
    const { pcLow, pcHigh } = this.#registers;
    const { handlerLow, handlerHigh } = this.#traps;
    return pcLow === handlerLow && pcHigh === handlerHigh && this.#last[RETIRED] === retired;
  }

  /** The trap that began the loop. */
  asLoop(): UnhandledTrap {
    const [cause, pcLow, pcHigh, low, high] = this.#last;
    return { loop: true, cause: cause!, pc: wide(pcLow!, pcHigh!), value: wide(low!, high!) };
  }

  save(): readonly number[] {
    const last = this.#last;
    const { handlerLow, handlerHigh } = this.#traps;
    // Written out: a campaign does this thousands of times a second.
    return [last[0]!, last[1]!, last[2]!, last[3]!, last[4]!, last[RETIRED]!, handlerLow, handlerHigh];
  }

  restore(state: readonly number[]): void {
    const last = this.#last;
    for (let at = 0; at < last.length; at++) last[at] = state[at]!;
    this.#traps.handlerLow = state[last.length]!;
    this.#traps.handlerHigh = state[last.length + 1]!;
  }
}
