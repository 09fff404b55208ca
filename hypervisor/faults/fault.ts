/**
 * A **fault** is a value: location × model × mask × trigger × lifespan. Plain data: it can be stored,
 * compared, generated and replayed. What it does when it fires is in `inject.ts`.
 */

import type { DiskFault } from '../devices/virtio/disk-faults';

/** When a fault fires. Exactly one trigger; absent means at once. */
export type FaultTrigger =
  /** At this virtual time in nanoseconds. */
  | { readonly on: 'time'; readonly at: number }
  /** When the fault's hart has retired this many instructions since the machine started. */
  | { readonly on: 'instructions'; readonly count: number }
  /** Just before the fault's hart executes the instruction at this address for the n-th time (1: the first) from now on. */
  | { readonly on: 'address'; readonly address: number; readonly nth: number }
  /** At the n-th message (1: the next) sent on this channel from now on. */
  | { readonly on: 'message'; readonly channel: string; readonly nth: number };

/** A register by ABI name (`sp`, `a0`), number name (`x2`) or `pc`. */
export type RegisterName = string;

export type FaultEffect =
  | {
      readonly model: 'bit-flip';
      readonly vm: string;
      readonly register: RegisterName;
      readonly bits: readonly number[];
    }
  | {
      readonly model: 'bit-flip';
      readonly vm: string;
      readonly address: number;
      readonly bits: readonly number[];
    }
  | {
      readonly model: 'overwrite';
      readonly vm: string;
      readonly register: RegisterName;
      readonly value: bigint;
    }
  | { readonly model: 'overwrite'; readonly vm: string; readonly address: number; readonly bytes: Uint8Array }
  | { readonly model: 'instruction-skip'; readonly vm: string; readonly count: number }
  | { readonly model: 'crash' | 'kill' | 'hang'; readonly vm: string }
  /** Takes the VM's core time for `duration` nanoseconds. */
  | { readonly model: 'pause'; readonly vm: string; readonly duration: number }
  /** Lets the next `passing` requests to a disk pass, then fails `count` of them. */
  | ({ readonly model: 'disk-error'; readonly vm: string; readonly disk: number } & DiskFault)
  | { readonly model: 'message-lose'; readonly channel: string; readonly count: number }
  | {
      readonly model: 'message-delay';
      readonly channel: string;
      readonly delay: number;
      readonly count: number;
    }
  | { readonly model: 'message-duplicate'; readonly channel: string; readonly count: number }
  /** Swaps the message with the one sent after it. */
  | { readonly model: 'message-reorder'; readonly channel: string }
  | {
      readonly model: 'message-corrupt';
      readonly channel: string;
      readonly offset: number;
      readonly mask: Uint8Array;
      readonly count: number;
    };

export type Fault = FaultEffect & {
  readonly trigger?: FaultTrigger;
  /**
   * The hart whose registers it changes and whose instructions it counts: hart 0 when absent. A `hang` with a hart is
   * that hart's alone; without one it is the VM's.
   */
  readonly hart?: number;
};

/** What became of an injected fault. A fault that never fired never passes for "survived". */
export type FaultStatus =
  | { readonly is: 'armed' }
  | { readonly is: 'fired'; readonly at: number }
  | { readonly is: 'not-activated'; readonly why: string };
