import { policyMatrix as ofResolved, type PolicyMatrix } from '../../platform/policy/policy-matrix';
import type { DefinedSystem } from '../system/define-system';

export type {
  PolicyMatrix,
  PolicyObject,
  PolicyQuota,
  PolicyRight,
  PolicyRule,
} from '../../platform/policy/policy-matrix';

/** Who may do what to whom: everything that the system's declaration allows, as plain data. What is not in it is denied. */
export const policyMatrix = (system: DefinedSystem<string>): PolicyMatrix => ofResolved(system.resolved);
