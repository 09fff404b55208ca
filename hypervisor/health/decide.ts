/** What a policy leads to, from values alone (ARINC 653 part 1, health monitoring). */
import type { FaultInfo } from '../../platform/fault-info';
import type { BackOff, FaultPolicy, RestartKind } from '../../platform/health';

type RestartPolicy = Extract<FaultPolicy, { readonly restart: RestartKind }>;

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
 * @param fault what it was, where it ended the VM.
 */
export function decide(
  policy: FaultPolicy,
  restarts: readonly number[],
  now: number,
  fault?: FaultInfo,
): HealthDecision {
  if (policy === 'stop') return { is: 'stop', why: 'its policy is to stop' };
  if ('escalateTo' in policy) return { is: 'escalate', to: policy.escalateTo };
  const { max, within, restart: kind, backOff } = policy;
  // It would be the same image again.
  if (fault?.kind === 'image-rejected') return exhausted(policy, 'no restart mends its image');
  if (max === undefined) return { is: 'restart', kind, after: 0 };
  const since = within === undefined ? -Infinity : now - within;
  const recent = restarts.filter((at) => at > since).length;
  if (recent < max) return { is: 'restart', kind, after: waitBefore(recent, backOff) };
  return exhausted(policy, `it has been restarted ${recent} times already`);
}

/** What comes after restarts. */
function exhausted({ exhausted: then = 'stop' }: RestartPolicy, why: string): HealthDecision {
  return then === 'stop' ? { is: 'stop', why } : { is: 'escalate', to: then.escalateTo };
}

const waitBefore = (recent: number, backOff: BackOff | undefined): number =>
  backOff === undefined ? 0 : Math.min(backOff.first * 2 ** recent, backOff.most);
