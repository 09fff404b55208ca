/**
 * A fault as a test author describes it: a value, location × model × mask × trigger × lifespan. It is plain data, equal
 * to itself after a trip through JSON: `fault-text.ts` prints it as the call that makes it and reads it back.
 * `resolve-fault.ts` makes a hypervisor's fault of it for one machine.
 */
import type { Nanoseconds } from '../../platform/units';

/** When a fault fires: at most one of these; none means at once. */
export interface When<Vm extends string = string, Channel extends string = string> {
  /** At this virtual time since the machine started. */
  readonly at?: Nanoseconds | undefined;
  /** So much virtual time after the injection. */
  readonly after?: Nanoseconds | undefined;
  /** When the fault's VM has retired so many more instructions. */
  readonly afterInstructions?: number | undefined;
  /** Just before the fault's VM executes the instruction at a symbol (or address) for the n-th time (default 1). */
  readonly when?: { readonly reached: string | number; readonly nth?: number; readonly vm?: Vm } | undefined;
  /** At the n-th message (default 1: the next) on a channel. */
  readonly onMessage?: { readonly channel: Channel; readonly nth?: number } | undefined;
}

/** How long a fault lasts. */
export interface Lifespan {
  /** Acts so many times. Default 1. */
  readonly times?: number | undefined;
}

/** Where: exactly one, besides the offset in bytes. */
export interface Location {
  /** ABI name (`sp`, `a0`, `fa0`), number name (`x2`, `f10`) or `pc`. */
  readonly register?: string | undefined;
  /** A guest-physical address in private RAM. */
  readonly address?: number | undefined;
  /** A symbol of the VM's image. */
  readonly symbol?: string | undefined;
  readonly offset?: number | undefined;
}

/** Bits of a location: bit 0 is the lowest of the first byte, bit 8 the lowest of the next. */
export interface Bits {
  readonly bit?: number | undefined;
  readonly bits?: readonly number[] | undefined;
}

type OnVm<Vm extends string, Channel extends string> = {
  readonly vm: Vm;
  /**
   * The hart whose registers it changes, and whose instructions trigger it (default 0). One that hangs or stalls with a
   * hart is that hart alone.
   */
  readonly hart?: number | undefined;
} & When<Vm, Channel>;

type OnChannel<Channel extends string> = {
  readonly channel: Channel;
  /** Only from the n-th message from now on, counting from 1. Default 1. */
  readonly nth?: number | undefined;
} & Lifespan;

type OnNetwork<Network extends string> = {
  readonly network: Network;
  /** Only from the n-th frame from now on, counting from 1. Default 1. */
  readonly nth?: number | undefined;
} & Lifespan;

/** The options of every model, by the name of its constructor. */
export interface FaultOptions<
  Vm extends string = string,
  Channel extends string = string,
  Network extends string = string,
> {
  bitFlip: OnVm<Vm, Channel> & Location & Bits;
  multiBitUpset: OnVm<Vm, Channel> & Location & { readonly bits: readonly number[] };
  burst: OnVm<Vm, Channel> & Location & { readonly bit?: number | undefined; readonly length: number };
  overwrite: OnVm<Vm, Channel> &
    Location & {
      /** A number, one in hexadecimal as text where 53 bits do not suffice, or bytes. */
      readonly value: number | string | readonly number[];
      readonly size?: number | undefined;
    };

  skipInstructions: OnVm<Vm, Channel> & { readonly count?: number | undefined };
  jump: OnVm<Vm, Channel> & { readonly to: string | number };

  loseMessage: OnChannel<Channel>;
  delayMessage: OnChannel<Channel> & { readonly by: Nanoseconds };
  duplicateMessage: OnChannel<Channel>;
  reorderMessages: OnChannel<Channel>;
  corruptMessage: OnChannel<Channel> & {
    readonly offset?: number | undefined;
    readonly mask: readonly number[];
  };

  loseFrame: OnNetwork<Network>;
  delayFrame: OnNetwork<Network> & { readonly by: Nanoseconds };
  duplicateFrame: OnNetwork<Network>;
  reorderFrames: OnNetwork<Network>;
  corruptFrame: OnNetwork<Network> & {
    readonly offset?: number | undefined;
    readonly mask: readonly number[];
  };

  diskError: OnVm<Vm, Channel> &
    Lifespan & {
      readonly disk?: number | undefined;
      readonly requests?: 'reads' | 'writes' | 'any' | undefined;
      readonly nth?: number | undefined;
    };

  crash: OnVm<Vm, Channel>;
  hang: OnVm<Vm, Channel>;
  kill: OnVm<Vm, Channel>;
  pause: OnVm<Vm, Channel> & { readonly duration: Nanoseconds };
}

/** A model of faults: the name of its constructor. */
export type FaultModel = keyof FaultOptions;

/** A fault of one model. */
export type PlanOf<
  Model extends FaultModel,
  Vm extends string = string,
  Channel extends string = string,
  Network extends string = string,
> = {
  readonly model: Model;
} & FaultOptions<Vm, Channel, Network>[Model];

/** One fault. Several in one plan are an array of them. */
export type FaultPlan<
  Vm extends string = string,
  Channel extends string = string,
  Network extends string = string,
> = {
  [Model in FaultModel]: PlanOf<Model, Vm, Channel, Network>;
}[FaultModel];
