import { TEST_END, type System } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { TraceEvent } from '../trace/events';
import type { TraceOf } from '../trace/trace';
import type { WaitReason } from '../vm/state';

/** A party at a channel's end: a VM by number (its place in the system), or the test itself. */
export type Party = number;
export const TEST_PARTY: Party = -1;

/** What a VM may wait for at a channel. */
export type ChannelWait = Extract<WaitReason, { readonly channel: number }>['for'];

/** What a channel needs of the machine around it. */
export interface ChannelContext {
  /** Virtual nanoseconds since the machine started. */
  now(): number;
  /** The same moment in cycles. */
  cycles(): number;
  readonly clock: Pick<ClockConversion, 'nanosecondsToCycles'>;
  trace(event: TraceEvent): void;
  readonly traceOf: TraceOf;
  /** The priority at which a VM runs now: its own, or one that it inherits (`inheritedPriorities`). */
  priority(vm: number): number;
  /**
   * What a VM waits for at channel number `channel` may have come true: if it waits for that, or for any
   * activity, the machine resumes its hypercall when it next gets the core. A needless wake is harmless: a
   * resumed hypercall whose condition does not hold waits on.
   */
  wake(vm: number, reason: ChannelWait, channel: number): void;
}

/** Names of the parties, from the system: all that channels know of VMs. */
export class Parties {
  readonly #names: readonly string[];

  constructor(system: Pick<System, 'vms'>) {
    this.#names = system.vms.map(({ name }) => name);
  }

  name(party: Party): string {
    return this.#names[party] ?? TEST_END;
  }

  /** The party of this name; `TEST_PARTY` for the test and for none (the system is validated). */
  number(name: string): Party {
    return this.#names.indexOf(name);
  }
}

/** Whether a wake for `reason` at `channel` concerns a VM that waits for `wait`. */
export function wakes(wait: WaitReason, reason: ChannelWait, channel: number): boolean {
  if (wait.for === 'activity') return reason === 'message' || reason === 'signal';
  return wait.for === reason && wait.channel === channel;
}
