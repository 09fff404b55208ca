/** What hypercalls do beyond answering: to the hart that calls, to its VM, and to others. */
import { SBI_ERRORS } from '../../platform/hypercalls';
import type { HypercallOutcome } from '../hypercalls';
import type { Core } from '../scheduler/core';
import type { Vcpu } from '../vm/vcpu';
import type { ExecutorEnvironment } from './executor';

type Environment = Pick<ExecutorEnvironment, 'lifeCycle' | 'vms' | 'wake' | 'trace' | 'nanoseconds'>;

/** Carries out what a hypercall of a hart was decided to lead to. */
export function carryOut(
  environment: Environment,
  core: Core,
  vcpu: Vcpu,
  outcome: Exclude<HypercallOutcome, { is: 'return' | 'wait' }>,
): void {
  const { lifeCycle, vms } = environment;
  const { vm, hart } = vcpu;
  const succeed = (): void => hart.completeHypercall(SBI_ERRORS.success, 0);
  switch (outcome.is) {
    case 'halt':
      return lifeCycle.halt(vm, outcome.code, 'guest');
    case 'reboot':
      return lifeCycle.reboot(vm, outcome.kind);
    case 'raise':
      if (lifeCycle.fault(vm, outcome.fault)) succeed();
      return;
    case 'crash':
      lifeCycle.fault(vm, outcome.fault);
      return;
    case 'control':
      succeed();
      return lifeCycle.control(vms[outcome.vm]!, outcome.action, 'supervisor');
    case 'decide':
      succeed();
      return lifeCycle.health.decided(outcome.event, outcome.answer);
    case 'enter-normal':
      succeed();
      return lifeCycle.enterNormal(vm);
    case 'continue-at':
      return vcpu.resumeAt(outcome.entry);
    case 'start-hart': {
      succeed();
      const started = vm.vcpus[outcome.hart]!;
      environment.wake(started, core.time);
      started.start(outcome.entry);
      return traceHart(environment, 'hart-started', core, started);
    }
    case 'stop-hart':
      vcpu.stop();
      return traceHart(environment, 'hart-stopped', core, vcpu);
  }
}

function traceHart(
  { nanoseconds, trace }: Environment,
  kind: 'hart-started' | 'hart-stopped',
  core: Core,
  vcpu: Vcpu,
): void {
  trace({ at: nanoseconds(core.time), kind, vm: vcpu.vm.name, hart: vcpu.index });
}
