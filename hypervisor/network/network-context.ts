import type { ClockConversion } from '../../platform/time';
import type { TraceEvent } from '../trace/events';

/** What a network needs of the machine around it. */
export interface NetworkContext {
  /** Virtual nanoseconds since the machine started. */
  now(): number;
  /** The same moment in cycles. */
  cycles(): number;
  readonly clock: Pick<ClockConversion, 'nanosecondsToCycles' | 'cyclesToNanoseconds'>;
  trace(event: TraceEvent): void;
}
