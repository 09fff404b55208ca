/** Runs VMs on their cores: one turn at a time, and what a turn ended with. */
import { SBI_ERRORS } from '../../platform/hypercalls';
import type { Injector } from '../faults/injector';
import type { HartStop } from '../hart/contract';
import {
  dispatchHypercall,
  resumeHypercall,
  type HypercallContext,
  type HypercallDecision,
} from '../hypercalls';
import type { Core } from '../scheduler/core';
import type { Scheduler } from '../scheduler/scheduler';
import type { TraceEvent } from '../trace/events';
import type { Vm } from '../vm/vm';
import type { LifeCycle } from './life-cycle';

export interface ExecutorEnvironment {
  readonly contextSwitchCost: number;
  /** Cycles of a turn among equals. */
  readonly timeSlice: number;
  readonly scheduler: Scheduler;
  readonly lifeCycle: LifeCycle;
  readonly injector: Injector;
  readonly vms: readonly Vm[];
  readonly callerOf: (vm: Vm) => HypercallContext;
  nanoseconds(cycles: number): number;
  trace(event: TraceEvent): void;
}

export class Executor {
  readonly #environment: ExecutorEnvironment;
  /** The VM whose hart is running at this moment. */
  running: Vm | undefined;

  constructor(environment: ExecutorEnvironment) {
    this.#environment = environment;
  }

  /** Lets the core's VM of highest priority run until `horizon` at most. The core has a ready VM. */
  run(core: Core, vm: Vm, horizon: number): void {
    if (core.current !== vm.number) {
      this.#switchTo(core, vm);
      if (core.time >= horizon) return;
    }
    if (vm.state.is === 'waiting') this.#resume(core, vm);
    else if (vm.hasOpenCall) this.#apply(core, vm, dispatchHypercall(this.#environment.callerOf(vm)));
    else this.#runHart(core, vm, horizon);
    if (vm.budgetLeft <= 0 && vm.isAlive) {
      this.#environment.trace({
        at: this.#environment.nanoseconds(core.time),
        kind: 'budget-exhausted',
        vm: vm.name,
      });
    }
  }

  /** The core has nothing to run. */
  idle(core: Core): void {
    core.current = null;
    this.#environment.trace({
      at: this.#environment.nanoseconds(core.time),
      kind: 'scheduled',
      core: core.number,
      vm: null,
    });
  }

  #switchTo(core: Core, vm: Vm): void {
    core.current = vm.number;
    if (core.last !== vm.number) {
      core.time += this.#environment.contextSwitchCost;
      core.last = vm.number;
    }
    core.sliceEndsAt = core.time + this.#environment.timeSlice;
    this.#environment.trace({
      at: this.#environment.nanoseconds(core.time),
      kind: 'scheduled',
      core: core.number,
      vm: vm.name,
    });
  }

  #runHart(core: Core, vm: Vm, horizon: number): void {
    const { injector, scheduler } = this.#environment;
    if (core.time >= core.sliceEndsAt) {
      core.sliceEndsAt = core.time + this.#environment.timeSlice;
      scheduler.endTurn(vm);
      return;
    }
    const cycles = Math.min(horizon, core.sliceEndsAt, core.time + vm.budgetLeft) - core.time;
    if (vm.isHung) {
      this.#spend(core, vm, cycles);
      return;
    }
    const instructions = injector.instructionsUntilFault(vm);
    if (instructions === 0) {
      injector.afterInstructions(vm);
      return;
    }
    this.running = vm;
    const stop = vm.hart.run(cycles, instructions);
    this.running = undefined;
    this.#spend(core, vm, vm.hart.cyclesRun);
    if (instructions !== Infinity) injector.afterInstructions(vm);
    this.#stopped(vm, stop);
  }

  #stopped(vm: Vm, stop: HartStop): void {
    const { lifeCycle, injector } = this.#environment;
    switch (stop) {
      case 'budget':
        return;
      case 'hypercall':
        vm.hasOpenCall = true;
        return;
      case 'waiting':
        if (!vm.hart.wakesUp) vm.state = { is: 'waiting', wait: { for: 'interrupt' } };
        return;
      case 'breakpoint':
        injector.atBreakpoint(vm);
        return;
      case 'attention':
        this.#attend(vm);
        return;
      case 'unhandled-trap': {
        const { loop, cause, pc, value } = vm.hart.unhandledTrap;
        lifeCycle.fault(vm, { kind: loop ? 'trap-loop' : 'trap', cause, pc, value });
      }
    }
  }

  /** A device has a decision pending. */
  #attend(vm: Vm): void {
    const { lifeCycle } = this.#environment;
    const { finisher, watchdog, doorbell } = vm.board;
    const decision = finisher.takeDecision();
    if (decision?.is === 'power-off') lifeCycle.halt(vm, 0, 'guest');
    else if (decision?.is === 'fail') lifeCycle.fault(vm, { kind: 'failure-exit', code: decision.code });
    else if (decision?.is === 'reboot') lifeCycle.reboot(vm, 'cold');
    else if (watchdog.takeExpiry()) lifeCycle.fault(vm, { kind: 'watchdog' });
    else if (doorbell.takeHypercall()) vm.hasOpenCall = true;
  }

  /** What the VM waits for may have come true. */
  #resume(core: Core, vm: Vm): void {
    const { state } = vm;
    if (state.is !== 'waiting') return;
    vm.isWoken = false;
    if (!vm.hasOpenCall) {
      if (vm.hart.wakesUp) vm.state = { is: 'running' };
      return;
    }
    const { wait } = state;
    const timedOut = 'deadline' in wait && core.time >= wait.deadline;
    this.#apply(core, vm, resumeHypercall(this.#environment.callerOf(vm), wait, timedOut));
  }

  #apply(core: Core, vm: Vm, decision: HypercallDecision): void {
    const { lifeCycle, vms } = this.#environment;
    this.#spend(core, vm, decision.cost);
    if (decision.is === 'wait') {
      vm.state = { is: 'waiting', wait: decision.wait };
      return;
    }
    vm.hasOpenCall = false;
    vm.state = { is: 'running' };
    switch (decision.is) {
      case 'return':
        return vm.hart.completeHypercall(SBI_ERRORS[decision.error], decision.value);
      case 'halt':
        return lifeCycle.halt(vm, decision.code, 'guest');
      case 'reboot':
        return lifeCycle.reboot(vm, decision.kind);
      case 'raise':
        return lifeCycle.fault(vm, decision.fault);
      case 'crash':
        return lifeCycle.fault(vm, decision.fault);
      case 'control':
        vm.hart.completeHypercall(SBI_ERRORS.success, 0);
        return lifeCycle.control(vms[decision.vm]!, decision.action, 'supervisor');
      case 'enter-normal':
        vm.hart.completeHypercall(SBI_ERRORS.success, 0);
        return vm.takeCheckpoint();
      case 'continue-at':
        vm.hart.reset(decision.entry, 0);
        return vm.hart.set(11, decision.opaque.low, decision.opaque.high);
    }
  }

  #spend(core: Core, vm: Vm, cycles: number): void {
    core.time += cycles;
    vm.charge(cycles);
  }
}
