import type { Fault } from '../../hypervisor';
import { requireWholeNumber } from '../machine/require-amount';
import { messageEffect, VM_EFFECTS, type VmTarget } from './effects';
import type { FaultyMachine } from './faulty-machine';
import type { FaultPlan } from './fault-plan';
import { requireKnown } from './options';
import { requireHart, requireVm } from './require-names';
import { resolveLifespan } from './resolve-lifespan';
import { resolveTrigger } from './resolve-trigger';
import type { Lasting } from './when';

type VmPlan = Extract<FaultPlan, { readonly vm: string }>;

/**
 * The hypervisor's fault that a plan means for this machine now: names and symbols looked up, times made absolute.
 * @throws AuthorError for every mistake, one code each
 */
export function resolveFault(plan: FaultPlan, machine: FaultyMachine): Fault {
  requireKnown(plan);
  const call = `faults.${plan.model}`;
  if (!('vm' in plan)) {
    const trigger = resolveTrigger(call, plan, machine);
    const { during } = plan;
    return {
      ...messageEffect(call, plan, machine),
      ...(trigger === undefined ? {} : { trigger }),
      ...(during === undefined
        ? {}
        : { lifespan: { during: requireWholeNumber(`${call}({ during })`, during, 1) } }),
    };
  }
  const vm = requireVm(`${call}({ vm })`, machine, plan.vm);
  const resolve = VM_EFFECTS[plan.model] as (target: VmTarget, plan: FaultPlan) => Fault;
  const effect = resolve({ call, machine, vm }, plan);
  const trigger = resolveTrigger(call, plan, machine);
  const lifespan = resolveLifespan(call, plan.model, plan as VmPlan & Lasting, trigger);
  return {
    ...effect,
    ...(trigger === undefined ? {} : { trigger }),
    ...(lifespan === undefined ? {} : { lifespan }),
    ...(plan.hart === undefined ? {} : { hart: requireHart(`${call}({ hart })`, machine, vm, plan.hart) }),
  };
}
