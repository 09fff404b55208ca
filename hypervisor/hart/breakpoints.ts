/**
 * Where runs stop before an instruction. A breakpoint is reported once before its instruction runs, also when an
 * interrupt comes first: on the way back from its handler the instruction just runs.
 */
import type { Engine } from '../engine/engine';
import type { Registers } from './registers';

/** A pc that a run stopped at, or `null`: what has been reported and has not run yet. */
export interface BreakpointState {
  readonly reported: readonly [low: number, high: number] | null;
  /** An interrupt came in between. */
  readonly interrupted: boolean;
}

const NOTHING_REPORTED: BreakpointState = { reported: null, interrupted: false };

export class Breakpoints {
  readonly #registers: Registers;
  readonly #engine: Engine;
  readonly #addresses = new Set<number>();
  #state = NOTHING_REPORTED;

  constructor(registers: Registers, engine: Engine) {
    this.#registers = registers;
    this.#engine = engine;
  }

  get exist(): boolean {
    return this.#addresses.size > 0;
  }

  /** Whether there is one at a physical address. */
  has(address: number): boolean {
    return this.#addresses.has(address);
  }

  set(address: number): void {
    this.#addresses.add(address);
    this.#engine.plantBreakpoint(address);
  }

  clear(address: number): void {
    this.#addresses.delete(address);
    this.#engine.clearBreakpoint(address);
  }

  /** An interrupt is taken before a run has executed anything. */
  interrupt(): void {
    if (this.isReported()) this.#state = { ...this.#state, interrupted: true };
  }

  /** An engine has stopped at a breakpoint. @returns whether that is news */
  stop(): boolean {
    const isNews = !this.#state.interrupted || !this.isReported();
    const { pcLow, pcHigh } = this.#registers;
    this.#state = { reported: [pcLow, pcHigh], interrupted: false };
    return isNews;
  }

  /** The first instruction of a run has been executed, whether or not a breakpoint was there. */
  pass(): void {
    if (!this.#state.interrupted) this.#state = NOTHING_REPORTED;
  }

  forget(): void {
    this.#state = NOTHING_REPORTED;
  }

  save(): BreakpointState {
    return this.#state;
  }

  restore(state: BreakpointState): void {
    this.#state = state;
  }

  /** Whether a stop at the pc has been reported and the instruction has yet to run. */
  isReported(): boolean {
    const { reported } = this.#state;
    const { pcLow, pcHigh } = this.#registers;
    return reported !== null && reported[0] === pcLow && reported[1] === pcHigh;
  }
}
