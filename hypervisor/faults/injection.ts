/** What the injector knows of one fault: plain data, part of snapshots. */
import type { NextAccess } from '../hart/next-access';
import { isLasting } from './effect';
import type { Fault, FaultStatus, FaultTrigger } from './fault';

export type Phase =
  /** For its trigger. */
  | { readonly is: 'waiting' }
  /** In force since and until a cycle. `isRecorded`: what it does has been recorded once. */
  | {
      readonly is: 'active';
      readonly since: number;
      readonly until: number;
      readonly isRecorded: boolean;
      /** What it had seen when it came into force. */
      readonly seenBefore: number;
    }
  /** Acts again, or comes into force again, at a cycle. */
  | { readonly is: 'resting'; readonly until: number }
  | { readonly is: 'over' };

export interface Injection {
  readonly id: number;
  readonly fault: Fault;
  readonly status: FaultStatus;
  readonly phase: Phase;
  /** Times that the trigger must still come true, for triggers that count. */
  readonly remaining: number;
  /** Actions left; `Infinity` for a fault that has no bound. */
  readonly left: number;
  /** What a lasting fault has seen that it could have acted on. */
  readonly seen: number;
}

export function armed(id: number, fault: Fault): Injection {
  return {
    id,
    fault,
    status: { is: 'armed' },
    phase: { is: 'waiting' },
    remaining: timesOf(fault.trigger),
    left: fault.lifespan?.times ?? (isLasting(fault) ? Infinity : 1),
    seen: 0,
  };
}

const timesOf = (trigger: FaultTrigger | undefined): number =>
  trigger !== undefined && 'nth' in trigger ? trigger.nth : 1;

/** Its trigger, while it waits for one of this kind. */
export function waitsFor<On extends FaultTrigger['on']>(
  { fault: { trigger }, phase }: Injection,
  on: On,
): Extract<FaultTrigger, { readonly on: On }> | undefined {
  return phase.is === 'waiting' && trigger?.on === on
    ? (trigger as Extract<FaultTrigger, { readonly on: On }>)
    : undefined;
}

/** Whether it waits for an access like this. */
export function waitsForAccess(injection: Injection, { loads, stores, address, size }: NextAccess): boolean {
  const trigger = waitsFor(injection, 'access');
  if (trigger === undefined) return false;
  const isMeant = trigger.access === 'any' || (trigger.access === 'loads' ? loads : stores);
  return isMeant && address < trigger.address + trigger.size && address + size > trigger.address;
}
