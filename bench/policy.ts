/** Whether hot code is translated: as the product does, or as it is told to. */
import { HOT_CODE_POLICY, setDefaultPolicy } from '../hypervisor/engine/translator/policy';

export const POLICIES = ['default', 'translate', 'interpret'] as const;
export type Policy = (typeof POLICIES)[number];

/** For machines of this process that boot from now on. */
export function setPolicy(policy: Policy): void {
  if (policy !== 'default') setDefaultPolicy(policy === 'translate' ? HOT_CODE_POLICY : 'never');
}
