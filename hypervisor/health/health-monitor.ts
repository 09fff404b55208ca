/**
 * The health monitor (ARINC 653 part 1, health monitoring): hears of every error of a VM, looks up what the VM's table
 * says of it in the VM's state, records it, and has it carried out.
 */
import { FAULT_CODES, type FaultInfo } from '../../platform/fault-info';
import {
  HEALTH_ERRORS,
  type FaultPolicy,
  type HealthAction,
  type HealthError,
  type HealthState,
  type RestartKind,
} from '../../platform/health';
import type { HealthActionName, TraceEvent } from '../trace/events';
import type { Vm } from '../vm/vm';
import { decide, type HealthDecision } from './decide';
import { errorOf } from './errors';

/** What happened to a VM. */
export interface HealthReport {
  readonly error: HealthError;
  readonly state: HealthState;
  /** Undefined where it has not crashed by it. */
  readonly fault: FaultInfo | undefined;
}

/** An error that a VM survives, heard of in the midst of something else: it is attended to when that is done. */
interface Heard {
  readonly vm: number;
  readonly generation: number;
  readonly report: HealthReport;
}

export interface HealthMonitorState {
  readonly heard: readonly Heard[];
}

export interface HealthEnvironment {
  readonly vms: readonly Vm[];
  cycles(): number;
  trace(event: TraceEvent): void;
  restart(vm: Vm, kind: RestartKind, after: number): void;
  stop(vm: Vm, code: number): void;
  escalate(vm: Vm, to: string): void;
}

export class HealthMonitor {
  readonly #environment: HealthEnvironment;
  #heard: readonly Heard[] = [];

  constructor(environment: HealthEnvironment) {
    this.#environment = environment;
  }

  /** A fault that the guest does not handle itself, in the state in which it happened. */
  reportOf(vm: Vm, fault: FaultInfo): HealthReport {
    return { error: errorOf(fault), state: stateOf(vm), fault };
  }

  /** Whether the VM goes on as if nothing had been; recorded if the table says so. */
  passesOver(vm: Vm, report: HealthReport): boolean {
    const action = tableOf(vm, report);
    if (action !== 'ignore' && action !== 'log') return false;
    this.#record(vm, report, action);
    return true;
  }

  /** Does what is declared for it. */
  attend(vm: Vm, report: HealthReport): void {
    const declared = tableOf(vm, report);
    if (declared !== undefined) this.#record(vm, report, declared);
    // A policy of crashes is none of what the VM has survived.
    const action = declared ?? (report.fault === undefined ? 'ignore' : vm.definition.onFault);
    if (action !== 'ignore' && action !== 'log') this.#follow(vm, report, action);
  }

  /** Something was recorded: an error that its VM survives is attended to when whatever happens now is done. */
  observe(event: TraceEvent): void {
    const error = SURVIVED[event.kind];
    // A refusal that a fault has put in the hypervisor's mouth is no request's fault.
    if (error === undefined || event.injected !== undefined || !('vm' in event)) return;
    const vm = this.#environment.vms.find(({ name }) => name === event.vm);
    if (vm === undefined) return;
    const report: HealthReport = { error, state: stateOf(vm), fault: undefined };
    if (tableOf(vm, report) === undefined) return;
    this.#heard = [...this.#heard, { vm: vm.number, generation: vm.generation, report }];
  }

  nextEventAt(): number {
    return this.#heard.length > 0 ? this.#environment.cycles() : Infinity;
  }

  advance(): void {
    const heard = this.#heard;
    if (heard.length === 0) return;
    this.#heard = [];
    for (const { vm: number, generation, report } of heard) {
      const vm = this.#environment.vms[number]!;
      if (vm.generation === generation && vm.isAlive) this.attend(vm, report);
    }
  }

  save(): HealthMonitorState {
    return { heard: this.#heard };
  }

  restore(state: HealthMonitorState): void {
    this.#heard = state.heard;
  }

  #follow(vm: Vm, report: HealthReport, policy: FaultPolicy): void {
    this.#carryOut(vm, report, decide(policy, vm.restartTimes, vm.now));
  }

  #carryOut(vm: Vm, { error, fault }: HealthReport, decision: HealthDecision): void {
    const { restart, stop, escalate } = this.#environment;
    switch (decision.is) {
      case 'restart':
        vm.restartTimes = [...vm.restartTimes, vm.now];
        return restart(vm, decision.kind, decision.after);
      case 'stop':
        return stop(vm, fault === undefined ? HEALTH_ERRORS[error] : FAULT_CODES[fault.kind]);
      case 'escalate':
        return escalate(vm, decision.to);
    }
  }

  #record(vm: Vm, { error, state }: HealthReport, action: HealthAction): void {
    if (action === 'ignore') return;
    this.#environment.trace({
      at: vm.now,
      kind: 'health-event',
      vm: vm.name,
      error,
      state,
      action: nameOf(action),
    });
  }
}

/** Records that are errors of their VM which it survives. */
const SURVIVED: { readonly [Kind in TraceEvent['kind']]?: HealthError } = {
  'deadline-missed': 'deadline-missed',
  'hypercall-denied': 'illegal-request',
};

const stateOf = (vm: Vm): HealthState => (vm.mode === 'normal' ? 'run' : 'init');

const tableOf = (vm: Vm, { error, state }: HealthReport): HealthAction | undefined =>
  vm.definition.health[error]?.[state];

function nameOf(action: Exclude<HealthAction, 'ignore'>): HealthActionName {
  if (typeof action === 'string') return action;
  return 'escalateTo' in action ? 'escalate' : `restart-${action.restart}`;
}
