/**
 * A **fault** is a value: location × model × mask × trigger × lifespan. Plain data: it can be stored,
 * compared, generated and replayed. What it is about is in `effect.ts`, what it does in `act.ts` and where each lasting
 * one is in force.
 */
import type { FaultEffect } from './effect';
import type { Pattern } from './pattern';

/** When a fault fires. Exactly one trigger; absent means at once. */
export type FaultTrigger =
  /** At this virtual time in nanoseconds. */
  | { readonly on: 'time'; readonly at: number }
  /** When the fault's hart has retired this many instructions since the machine started. */
  | { readonly on: 'instructions'; readonly count: number }
  /** Just before the fault's hart executes the instruction at this address for the n-th time (1: the first) from now on. */
  | { readonly on: 'address'; readonly address: number; readonly nth: number }
  /**
   * Just before the n-th access (1: the next) of the fault's hart to these guest-physical addresses. While it waits, the
   * hart runs instruction by instruction.
   */
  | {
      readonly on: 'access';
      readonly address: number;
      readonly size: number;
      readonly access: 'loads' | 'stores' | 'any';
      readonly nth: number;
    }
  /** At the n-th message (1: the next) sent on this channel from now on; with a pattern, of those whose value matches. */
  | { readonly on: 'message'; readonly channel: string; readonly nth: number; readonly matching?: Pattern }
  /** Right after the n-th event of the trace (1: the next) that matches. */
  | { readonly on: 'event'; readonly event: Pattern; readonly nth: number }
  /** Before the fault's VM has its n-th hypercall (1: the next) of this name carried out: `channel.send`. */
  | { readonly on: 'call'; readonly call: string; readonly nth: number };

/**
 * How long a fault lasts. A momentary one acts `times` times: whenever its trigger comes true again, or `every` so many
 * nanoseconds. A lasting one is in force for `during`, and again `every` so many nanoseconds after it began; `times`
 * bounds how often it acts, or, where it does not act in single actions, how often it comes into force.
 */
export interface Lifespan {
  /** Default: once for a momentary fault, without bound for a lasting one. */
  readonly times?: number;
  /** Nanoseconds; default: for ever. */
  readonly during?: number;
  /** Nanoseconds. */
  readonly every?: number;
}

export type Fault = FaultEffect & {
  readonly trigger?: FaultTrigger;
  readonly lifespan?: Lifespan;
  /**
   * The hart whose registers it changes and whose instructions it counts: hart 0 when absent. One that slows down or
   * stops a hart is that hart's alone; without one it is the VM's.
   */
  readonly hart?: number;
};

/** What became of an injected fault. A fault that never fired never passes for "survived". */
export type FaultStatus =
  | { readonly is: 'armed' }
  | { readonly is: 'fired'; readonly at: number }
  | { readonly is: 'not-activated'; readonly why: string };
