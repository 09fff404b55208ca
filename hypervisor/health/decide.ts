/** What a policy leads to, from values alone (ARINC 653 part 1, health monitoring). */
import type { BackOff, FaultPolicy, RestartKind } from '../../platform/health';

export type HealthDecision =
  | {
      readonly is: 'restart';
      readonly kind: RestartKind;
      /** Nanoseconds to wait before. */
      readonly after: number;
    }
  | { readonly is: 'stop'; readonly why: string }
  | { readonly is: 'escalate'; readonly to: string };

/**
 * @param policy the VM's declared policy.
 * @param restarts virtual nanoseconds of the restarts that the health monitor has decided on so far, oldest first.
 * @param now virtual nanoseconds of the fault.
 */
export function decide(policy: FaultPolicy, restarts: readonly number[], now: number): HealthDecision {
  if (policy === 'stop') return { is: 'stop', why: 'its policy is to stop' };
  if ('escalateTo' in policy) return { is: 'escalate', to: policy.escalateTo };
  const { max, within, restart: kind, backOff } = policy;
  if (max === undefined) return { is: 'restart', kind, after: 0 };
  const since = within === undefined ? -Infinity : now - within;
  const recent = restarts.filter((at) => at > since).length;
  if (recent < max) return { is: 'restart', kind, after: waitBefore(recent, backOff) };
  const exhausted = policy.exhausted ?? 'stop';
  if (exhausted === 'stop') return { is: 'stop', why: `it has been restarted ${recent} times already` };
  return { is: 'escalate', to: exhausted.escalateTo };
}

const waitBefore = (recent: number, backOff: BackOff | undefined): number =>
  backOff === undefined ? 0 : Math.min(backOff.first * 2 ** recent, backOff.most);
