/** When faults fire, and how long they last: the options that faults of all models share. */
import type { Pattern, TraceEventKind } from '../../hypervisor';
import type { Nanoseconds } from '../../platform/units';

/** An event of the trace: its kind, and fields as conditions: `{ kind: 'vm-started', vm: 'ui' }`. */
export type EventCondition = {
  readonly kind: TraceEventKind;
} & { readonly [field: string]: Pattern | undefined };

/** When a fault of a VM fires: at most one of these; none means at once. */
export interface When<Vm extends string = string, Channel extends string = string> {
  /** At this virtual time since the machine started. */
  readonly at?: Nanoseconds | undefined;
  /** So much virtual time after the injection. */
  readonly after?: Nanoseconds | undefined;
  /** When the fault's VM has retired so many more instructions. */
  readonly afterInstructions?: number | undefined;
  /** Just before the fault's VM executes the instruction at a symbol (or address) for the n-th time (default 1). */
  readonly when?: { readonly reached: string | number; readonly nth?: number; readonly vm?: Vm } | undefined;
  /**
   * Just before the n-th access (default 1: the next) of the fault's hart to a symbol or a guest-physical address, `size`
   * bytes of it (default: the symbol's size, else 1). While it waits, the hart runs instruction by instruction.
   */
  readonly onAccess?:
    | {
        readonly to: string | number;
        readonly size?: number;
        readonly access?: 'loads' | 'stores' | 'fetches' | 'any';
        readonly nth?: number;
      }
    | undefined;
  /**
   * At the n-th message (default 1: the next) on a channel; with `matching`, of those whose value is as it says:
   * `{ kmh: { over: 300 } }`.
   */
  readonly onMessage?:
    { readonly channel: Channel; readonly nth?: number; readonly matching?: Pattern } | undefined;
  /** Right after the n-th event of the trace (default 1: the next) that is as it says. */
  readonly onEvent?: { readonly event: EventCondition; readonly nth?: number } | undefined;
  /** Before the fault's VM has its n-th hypercall (default 1: the next) of this name carried out: `channel.send`. */
  readonly onCall?: { readonly call: string; readonly nth?: number } | undefined;
}

/** When a fault of a channel or a network fires. */
export type WhenElsewhere<Channel extends string = string> = Pick<
  When<string, Channel>,
  'at' | 'after' | 'onMessage' | 'onEvent'
>;

/** A number, or as often as it can. */
export type Times = number | 'always';

/** Of faults that act at a moment. */
export interface Repeating {
  /** Acts so many times (default 1): whenever its trigger comes true again, or at its period. */
  readonly times?: Times | undefined;
  /** Its period: acts again so much later. */
  readonly every?: Nanoseconds | undefined;
}

/** Of faults that are in force for a while: for ever, if nothing else is said. */
export interface Lasting {
  /** How long. */
  readonly during?: Nanoseconds | undefined;
  /** Comes into force again so long after it began: intermittent. */
  readonly every?: Nanoseconds | undefined;
  /** Acts so many times; where it does not act in single actions, comes into force so many times. */
  readonly times?: Times | undefined;
}

/** Of faults that act on single requests or operations. */
export interface Counted {
  /** Only from the n-th on that it meets from its trigger on, counting from 1. Default 1. */
  readonly nth?: number | undefined;
  /** Acts on so many. Default 1. */
  readonly times?: Times | undefined;
  /** Not longer than this. */
  readonly during?: Nanoseconds | undefined;
}
