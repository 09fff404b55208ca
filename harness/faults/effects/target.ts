import type { FaultEffect } from '../../../hypervisor';
import type { FaultModel, FaultPlan, PlanOf } from '../fault-plan';
import type { FaultyMachine } from '../faulty-machine';

/** What a fault of a VM is resolved for. */
export interface VmTarget {
  /** How errors begin: `faults.bitFlip`. */
  readonly call: string;
  readonly machine: FaultyMachine;
  readonly vm: string;
}

export type VmModel = Extract<FaultPlan, { readonly vm: string }>['model'] & FaultModel;

/** What each model of VMs means. @throws AuthorError for every mistake */
export type VmEffects = {
  readonly [Model in VmModel]: (target: VmTarget, plan: PlanOf<Model>) => FaultEffect;
};
