/** What the health monitor has heard of a VM for which its table, or the system's, says what is to be done. */
import type { HealthError, HealthState } from '../../platform/health';
import type { HealthActionName, TraceEvent } from '../../hypervisor';

export interface HealthEvent {
  /** Virtual nanoseconds. */
  readonly at: number;
  readonly vm: string;
  readonly error: HealthError;
  /** The VM's at that moment. */
  readonly state: HealthState;
  /** What was done. */
  readonly action: HealthActionName;
}

/** Oldest first. @param vm only that one's */
export const healthEvents = (events: readonly TraceEvent[], vm?: string): readonly HealthEvent[] =>
  events.flatMap((event) =>
    event.kind === 'health-event' && (vm === undefined || event.vm === vm)
      ? [{ at: event.at, vm: event.vm, error: event.error, state: event.state, action: event.action }]
      : [],
  );
