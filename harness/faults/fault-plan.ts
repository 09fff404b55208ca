/** A fault as a test author describes it; `resolve-fault.ts` makes a hypervisor's fault of it for one machine. */
import type { Nanoseconds } from '../../platform/units';

/** When a fault fires: at most one of these; none means at once. */
export interface When<VmName extends string = string, ChannelName extends string = string> {
  /** At this virtual time since the machine started. */
  readonly at?: Nanoseconds | undefined;
  /** So much virtual time after the injection. */
  readonly after?: Nanoseconds | undefined;
  /** When the fault's VM has retired so many more instructions. */
  readonly afterInstructions?: number | undefined;
  /** Just before the fault's VM executes the instruction at a symbol (or address) for the n-th time (default 1). */
  readonly when?:
    { readonly reached: string | number; readonly nth?: number; readonly vm?: VmName } | undefined;
  /** At the n-th message (default 1: the next) on a channel. */
  readonly onMessage?: { readonly channel: ChannelName; readonly nth?: number } | undefined;
}

/** Where: exactly one. A symbol may have an offset in bytes. */
export interface Location {
  /** ABI name (`sp`, `a0`), number name (`x2`) or `pc`. */
  readonly register?: string | undefined;
  /** Address in the VM's private RAM. */
  readonly address?: number | undefined;
  /** A symbol of the VM's image. */
  readonly symbol?: string | undefined;
  readonly offset?: number | undefined;
}

/** What a fault does, before names are resolved. `call` is how failure text names the constructor. */
export type PlannedEffect =
  | { readonly model: 'bit-flip'; readonly location: Location; readonly bits: readonly number[] }
  | {
      readonly model: 'overwrite';
      readonly location: Location;
      readonly value: number | bigint | Uint8Array;
      readonly size: number | undefined;
    }
  | { readonly model: 'instruction-skip'; readonly count: number }
  | { readonly model: 'crash' | 'kill' | 'hang' }
  | { readonly model: 'pause'; readonly duration: number }
  | {
      readonly model: 'disk-error';
      readonly disk: number;
      readonly requests: 'reads' | 'writes' | 'any';
      readonly nth: number;
      readonly count: number;
    };

export type PlannedMessageEffect =
  | { readonly model: 'message-lose' | 'message-duplicate'; readonly count: number }
  | { readonly model: 'message-delay'; readonly delay: number; readonly count: number }
  | { readonly model: 'message-reorder' }
  | {
      readonly model: 'message-corrupt';
      readonly offset: number;
      readonly mask: Uint8Array;
      readonly count: number;
    };

export type FaultPlan<
  VmName extends string = string,
  ChannelName extends string = string,
  NetworkName extends string = string,
> = {
  /** How failure text names it: `faults.bitFlip`. */
  readonly call: string;
  readonly when: When<VmName, ChannelName>;
} & (
  | {
      readonly on: 'vm';
      readonly vm: VmName;
      readonly hart: number | undefined;
      readonly effect: PlannedEffect;
    }
  | { readonly on: 'channel'; readonly channel: ChannelName; readonly effect: PlannedMessageEffect }
  | {
      readonly on: 'network';
      readonly network: NetworkName;
      readonly nth: number | undefined;
      readonly effect: PlannedMessageEffect;
    }
);
