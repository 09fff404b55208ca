/**
 * The health monitor's decision (ARINC 653 part 1, health monitoring): what a VM's fault leads to. It only
 * decides; the machine carries it out.
 */
import type { FaultPolicy, RestartKind } from '../../platform/system';

export type HealthDecision =
  | { readonly is: 'restart'; readonly kind: RestartKind }
  | { readonly is: 'stop'; readonly why: string }
  | { readonly is: 'escalate'; readonly to: string };

/**
 * @param policy the VM's declared policy.
 * @param restarts virtual nanoseconds of the restarts that this policy has led to so far, oldest first.
 * @param now virtual nanoseconds of the fault.
 */
export function decide(policy: FaultPolicy, restarts: readonly number[], now: number): HealthDecision {
  if (policy === 'stop') return { is: 'stop', why: 'its policy is to stop' };
  if ('escalateTo' in policy) return { is: 'escalate', to: policy.escalateTo };
  const { max, within } = policy;
  if (max === undefined) return { is: 'restart', kind: policy.restart };
  const since = within === undefined ? -Infinity : now - within;
  const recent = restarts.filter((at) => at > since).length;
  if (recent < max) return { is: 'restart', kind: policy.restart };
  const exhausted = policy.exhausted ?? 'stop';
  if (exhausted === 'stop') return { is: 'stop', why: `it has been restarted ${recent} times already` };
  return { is: 'escalate', to: exhausted.escalateTo };
}
