import type { FaultInfo } from '../../platform/fault-info';
import type { HealthError, HealthState } from '../../platform/health';

/** What happened to a VM. */
export interface HealthReport {
  readonly error: HealthError;
  readonly state: HealthState;
  /** Undefined where it has not crashed by it. */
  readonly fault: FaultInfo | undefined;
}
