/** Runs harts on their cores: one turn at a time, and what a turn ended with. */
import type { CostModel } from '../../platform/costs';
import { SBI_ERRORS } from '../../platform/hypercalls';
import type { Injector } from '../faults/injector';
import type { HartStop } from '../hart/contract';
import {
  dispatchHypercall,
  resumeHypercall,
  type HypercallContext,
  type HypercallDecision,
} from '../hypercalls';
import type { CoreAccounts } from '../scheduler/core-accounts';
import type { Core } from '../scheduler/core';
import type { Scheduler } from '../scheduler/scheduler';
import type { TraceEvent } from '../trace/events';
import type { TraceOf } from '../trace/trace';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import { carryOut } from './carry-out';
import type { LifeCycle } from './life-cycle';
import { ScheduledEvents } from './scheduled-events';

export interface ExecutorEnvironment {
  readonly costs: Pick<CostModel, 'contextSwitch' | 'migration'>;
  readonly accounts: CoreAccounts;
  /** Cycles of a turn among equals. */
  readonly timeSlice: number;
  readonly scheduler: Scheduler;
  readonly lifeCycle: LifeCycle;
  readonly injector: Injector;
  readonly vms: readonly Vm[];
  readonly callerOf: (vcpu: Vcpu) => HypercallContext;
  /** A hart of the VM whose turn it is has something to do from this cycle on. */
  readonly wake: (vcpu: Vcpu, cycle: number) => void;
  /** A hart has stopped at a breakpoint, which may be somebody's who watches. */
  readonly atBreakpoint: (vcpu: Vcpu) => void;
  /** Whether nothing is due at another cycle than when the turn began, and nobody has met what the run was to stop for. */
  readonly isUndisturbed: () => boolean;
  /** Everything before this cycle has happened. */
  readonly passTime: (cycle: number) => void;
  nanoseconds(cycles: number): number;
  trace(event: TraceEvent): void;
  readonly traceOf: TraceOf;
}

/**
 * How a turn ended: `paused` when only somebody who watches has ended it, or a fault that waits on, so that it goes on
 * later as if nothing had been; `ran` when a hart has run its guest and nobody did anything else, `computed` when
 * nothing of its VM is due at another cycle than before either.
 */
export type TurnEnd = 'ended' | 'paused' | 'ran' | 'computed';

const RUNNING = { is: 'running' } as const;

export class Executor {
  readonly #environment: ExecutorEnvironment;
  /** The hart that is running at this moment. */
  running: Vcpu | undefined;
  /** The hart whose turn it is at this moment, be it running or in a hypercall. */
  acting: Vcpu | undefined;
  readonly #scheduled: ScheduledEvents;

  constructor(environment: ExecutorEnvironment) {
    this.#environment = environment;
    this.#scheduled = new ScheduledEvents(environment);
  }

  /**
   * Lets the core's hart of highest priority run until `horizon` at most, or `limit`, where the test stops to look. The
   * core has a ready hart. What the hypervisor itself does is not cut in two: it is under way at the limit, and with
   * it a hypercall that follows a switch at once.
   * @param isAlone whether no other core has work
   */
  run(core: Core, vcpu: Vcpu, horizon: number, limit: number, isAlone: boolean): TurnEnd {
    if (core.current !== vcpu.number || vcpu.core !== core.number) {
      this.#switchTo(core, vcpu);
      if (core.time >= horizon) return 'computed';
    }
    if (vcpu.owed > 0) return this.#payOff(core, vcpu, Math.min(horizon, limit));
    const { vm } = vcpu;
    let end: TurnEnd = 'ended';
    this.acting = vcpu;
    const still = vcpu.pace.isFull ? 0 : vcpu.pace.standsStillFor(core.time);
    if (still > 0) this.#standStill(core, vcpu, Math.min(horizon, limit, core.time + still));
    else if (vcpu.state.is === 'waiting') end = this.#resume(core, vcpu);
    else if (vcpu.hasOpenCall) end = this.#call(core, vcpu);
    else if (core.time < limit) end = this.#runHart(core, vcpu, Math.min(horizon, limit), isAlone);
    this.#holdAt(core, vcpu, horizon);
    if (vm.vcpus.length > 1) this.#wakeOthers(core, vcpu);
    this.acting = undefined;
    if (vcpu.moves) vcpu.readyFrom = core.time;
    this.#checkBudget(core, vm);
    return end;
  }

  /** Somebody who watches wants the present turn to end after the instruction in progress. */
  pause(): void {
    this.running?.hart.requestStop();
  }

  /** The core's window has ended, and whatever begins there begins with a context switch. */
  leave(core: Core): void {
    const wasBusy = core.current !== null;
    core.current = null;
    core.last = null;
    if (wasBusy && !this.#environment.scheduler.hasWork(core)) this.idle(core);
  }

  /** The core has nothing to run. */
  idle(core: Core): void {
    core.current = null;
    this.#scheduled.record(core, undefined);
  }

  #checkBudget(core: Core, vm: Vm): void {
    if (vm.budgetLeft > 0 || !vm.isAlive) return;
    const at = this.#environment.nanoseconds(core.time);
    this.#environment.trace({ at, kind: 'budget-exhausted', vm: vm.name });
  }

  /** Core time passes for what the hypervisor does for the hart, where a window may end in the middle of it. */
  #payOff(core: Core, vcpu: Vcpu, until: number): TurnEnd {
    const cycles = Math.min(vcpu.owed, until - core.time, vcpu.vm.budgetLeft);
    vcpu.owed -= cycles;
    this.#spend(core, vcpu.vm, cycles);
    this.#checkBudget(core, vcpu.vm);
    return 'computed';
  }

  /** Where windows part the core, a turn ends where it should: what the last instruction takes longer is owed. */
  #holdAt(core: Core, vcpu: Vcpu, horizon: number): void {
    if (core.time <= horizon || !this.#environment.scheduler.isPartitioned(core)) return;
    vcpu.owed += core.time - horizon;
    this.#spend(core, vcpu.vm, horizon - core.time);
  }

  #switchTo(core: Core, vcpu: Vcpu): void {
    const { contextSwitch } = this.#environment.costs;
    core.current = vcpu.number;
    if (vcpu.core !== core.number || core.last !== vcpu.number) {
      const migration = vcpu.core === core.number ? 0 : this.#migrate(core, vcpu);
      this.#environment.accounts.switched(core);
      this.#take(core, vcpu, contextSwitch + migration, false);
    }
    core.last = vcpu.number;
    core.sliceEndsAt = core.time + this.#environment.timeSlice;
    this.#scheduled.record(core, vcpu);
  }

  /** The hart goes on on another core than before. @returns the cycles that this takes besides the switch */
  #migrate(core: Core, vcpu: Vcpu): number {
    const { accounts, costs, nanoseconds, trace } = this.#environment;
    const { vm, core: from } = vcpu;
    const [at, to] = [nanoseconds(core.time), core.number];
    vcpu.core = to;
    accounts.migrated(core);
    trace({ at, kind: 'hart-migrated', vm: vm.name, ...vm.hartField(vcpu), from, to });
    return costs.migration;
  }

  /** Interrupts that the hart has sent to others of its VM end their waits at once. */
  #wakeOthers(core: Core, vcpu: Vcpu): void {
    const { vm } = vcpu;
    if (!vm.mayWake) return;
    for (const other of vm.vcpus) {
      if (other !== vcpu && other.isDue(core.time)) this.#environment.wake(other, core.time);
    }
  }

  #runHart(core: Core, vcpu: Vcpu, horizon: number, isAlone: boolean): TurnEnd {
    const { injector, scheduler } = this.#environment;
    const { vm, hart } = vcpu;
    if (core.time >= core.sliceEndsAt) {
      this.#takeNextTurn(core, vcpu);
      return 'computed';
    }
    // Turns that nobody else wants follow one another without a stop: each would cost more than the hart gets done in it.
    const turnEndsAt = scheduler.isContended(core, vcpu) ? core.sliceEndsAt : Infinity;
    const until = Math.min(
      Math.min(horizon, turnEndsAt, core.time + vm.budgetLeft),
      core.time + vcpu.pace.runsFor(core.time),
    );
    const instructions = injector.instructionsUntilFault(vcpu);
    if (instructions === 0) {
      injector.afterInstructions(vcpu);
      return 'ended';
    }
    if (vm.current !== vcpu) {
      // Whatever the other hart has stored, a store-conditional of this one fails: a rule that needs no record of it.
      hart.dropReservation();
      vm.current = vcpu;
    }
    const stop = this.#enter(core, vcpu, until, instructions);
    const callsAtOnce = stop === 'hypercall' && isAlone && instructions === Infinity;
    if (callsAtOnce && this.#mayCallAtOnce(core, vcpu)) return this.#callInTurn(core, vcpu, until);
    return this.#ended(core, vcpu, stop, instructions);
  }

  /** The guest does not run on. @param instructions that it might have run */
  #ended(core: Core, vcpu: Vcpu, stop: HartStop, instructions: number): TurnEnd {
    const { injector } = this.#environment;
    if (core.time > core.sliceEndsAt) this.#takeNextTurn(core, vcpu);
    if (instructions !== Infinity) injector.afterInstructions(vcpu);
    if (stop === 'attention' && !vcpu.isCalled) return 'paused';
    if (stop === 'breakpoint') {
      this.#environment.atBreakpoint(vcpu);
      return injector.atBreakpoint(vcpu) ? 'ended' : 'paused';
    }
    this.#stopped(vcpu, stop);
    if (instructions !== Infinity || stop === 'attention' || stop === 'unhandled-trap') return 'ended';
    return stop !== 'waiting' && !vcpu.vm.board.isUsed ? 'computed' : 'ran';
  }

  /** The guest runs, for as many cycles and instructions at most. */
  #enter(core: Core, vcpu: Vcpu, until: number, instructions: number): HartStop {
    const { vm, hart } = vcpu;
    this.running = vcpu;
    vcpu.isCalled = false;
    vm.board.isUsed = false;
    const stop = hart.run(until - core.time, instructions);
    this.running = undefined;
    this.#spend(core, vm, hart.cyclesRun);
    return stop;
  }

  /** The guest goes on after a hypercall that has taken so many cycles. */
  #goOn(core: Core, vcpu: Vcpu, cost: number): HartStop {
    const { vm, hart } = vcpu;
    this.running = vcpu;
    vcpu.isCalled = false;
    vm.board.isUsed = false;
    const stop = hart.goOn(cost);
    this.running = undefined;
    this.#spend(core, vm, hart.cyclesRun);
    return stop;
  }

  /**
   * Whether a hypercall of the hart is carried out as soon as it is made where nothing comes before it, and the hart goes
   * on where nothing comes after it: a turn that is taken up again costs more than most hypercalls.
   */
  #mayCallAtOnce(core: Core, vcpu: Vcpu): boolean {
    const { injector, scheduler } = this.#environment;
    return (
      injector.isIdle && vcpu.pace.isFull && vcpu.vm.vcpus.length === 1 && scheduler.goesByPriority(core)
    );
  }

  /** Carries out the hypercall that has just been made and those that follow it, as far as nothing comes in between. */
  #callInTurn(core: Core, vcpu: Vcpu, until: number): TurnEnd {
    const { passTime } = this.#environment;
    const { board } = vcpu.vm;
    let stop: HartStop = 'hypercall';
    while (stop === 'hypercall' && !board.isUsed && this.#isInTurn(core, until)) {
      const calledAt = core.time;
      passTime(calledAt);
      vcpu.hasOpenCall = true;
      const end = this.#answer(core, vcpu);
      if (end !== 'computed' || !this.#isInTurn(core, until) || !this.#isNext(core, vcpu)) return end;
      passTime(core.time);
      stop = this.#goOn(core, vcpu, core.time - calledAt);
    }
    return this.#ended(core, vcpu, stop, Infinity);
  }

  /** Whether there is time left for the hart that has run: nobody else has done anything, if it has used no device. */
  #isInTurn(core: Core, until: number): boolean {
    return core.time < until && core.time < core.sliceEndsAt;
  }

  /** Whether the hart, whose hypercall has been carried out, would be the next one to do something. */
  #isNext(core: Core, vcpu: Vcpu): boolean {
    const { scheduler, isUndisturbed } = this.#environment;
    return isUndisturbed() && scheduler.isStill(core, vcpu);
  }

  /** A fault keeps the hart from doing anything: its time passes. */
  #standStill(core: Core, vcpu: Vcpu, until: number): void {
    const { injector, scheduler } = this.#environment;
    if (core.time >= until) return;
    if (core.time >= core.sliceEndsAt) return this.#takeNextTurn(core, vcpu);
    const turnEndsAt = scheduler.isContended(core, vcpu) ? core.sliceEndsAt : Infinity;
    injector.stoodStill(vcpu);
    this.#spend(core, vcpu.vm, Math.min(until, turnEndsAt, core.time + vcpu.vm.budgetLeft) - core.time);
    if (core.time > core.sliceEndsAt) this.#takeNextTurn(core, vcpu);
  }

  /** The hart's turn is over, and perhaps further ones that nobody else wanted: it is in the one of this moment. */
  #takeNextTurn(core: Core, vcpu: Vcpu): void {
    const { timeSlice, scheduler } = this.#environment;
    core.sliceEndsAt += (Math.floor((core.time - core.sliceEndsAt) / timeSlice) + 1) * timeSlice;
    scheduler.endTurn(vcpu);
  }

  #stopped(vcpu: Vcpu, stop: Exclude<HartStop, 'breakpoint'>): void {
    const { lifeCycle } = this.#environment;
    const { vm, hart } = vcpu;
    switch (stop) {
      case 'budget':
        return;
      case 'hypercall':
        openCall(vcpu);
        return;
      case 'waiting':
        if (!hart.wakesUp) vcpu.state = { is: 'waiting', wait: { for: 'interrupt' } };
        return;
      case 'attention':
        this.#attend(vcpu);
        return;
      case 'unhandled-trap': {
        const { loop, cause, pc, value } = hart.unhandledTrap;
        const kind = loop ? 'trap-loop' : 'trap';
        lifeCycle.fault(vm, { kind, cause, pc, value, ...vm.hartField(vcpu) });
      }
    }
  }

  /** A device has a decision pending. */
  #attend(vcpu: Vcpu): void {
    const { lifeCycle } = this.#environment;
    const { vm } = vcpu;
    const { finisher, watchdog, doorbell } = vm.board;
    const decision = finisher.takeDecision();
    if (decision?.is === 'power-off') lifeCycle.halt(vm, 0, 'guest');
    else if (decision?.is === 'fail') lifeCycle.fault(vm, { kind: 'failure-exit', code: decision.code });
    else if (decision?.is === 'reboot') lifeCycle.reboot(vm, 'cold');
    else if (watchdog.takeExpiry()) lifeCycle.fault(vm, { kind: 'watchdog' });
    else if (doorbell.takeHypercall()) openCall(vcpu);
  }

  /** Carries out the hart's hypercall, unless a fault is in the way. */
  #call(core: Core, vcpu: Vcpu): TurnEnd {
    const answer = this.#environment.injector.atCall(vcpu);
    // A fault that was due here may have brought the VM down, or sent the hart elsewhere.
    if (!vcpu.hasOpenCall || !vcpu.vm.mayRun) return 'ended';
    return this.#answer(core, vcpu, answer);
  }

  #answer(core: Core, vcpu: Vcpu, answer?: HypercallDecision): TurnEnd {
    vcpu.isRescheduled = false;
    const end = this.#apply(core, vcpu, answer ?? dispatchHypercall(this.#environment.callerOf(vcpu)));
    return end === 'ran' && vcpu.state === RUNNING && !vcpu.isRescheduled ? 'computed' : end;
  }

  /** What the hart waits for may have come true. */
  #resume(core: Core, vcpu: Vcpu): TurnEnd {
    const { state } = vcpu;
    if (state.is !== 'waiting') return 'ended';
    vcpu.isWoken = false;
    if (!vcpu.hasOpenCall) {
      if (vcpu.hart.wakesUp) vcpu.state = RUNNING;
      return 'ran';
    }
    const { wait } = state;
    const timedOut = 'deadline' in wait && core.time >= wait.deadline;
    return this.#apply(core, vcpu, resumeHypercall(this.#environment.callerOf(vcpu), wait, timedOut));
  }

  /** What a hypercall does beyond its own VM, it says in the trace, or wakes somebody. */
  #apply(core: Core, vcpu: Vcpu, { outcome, cost }: HypercallDecision): TurnEnd {
    const { vm, hart } = vcpu;
    vm.current = vcpu;
    this.#take(core, vcpu, cost, true);
    if (outcome.is === 'wait') {
      vcpu.state = { is: 'waiting', wait: outcome.wait };
      return 'ran';
    }
    vcpu.hasOpenCall = false;
    vcpu.state = RUNNING;
    if (outcome.is === 'return') {
      hart.completeHypercall(SBI_ERRORS[outcome.error], outcome.value);
      return 'ran';
    }
    carryOut(this.#environment, core, vcpu, outcome);
    return 'ended';
  }

  /** The hypervisor works for the hart: at once, or where windows part the core as far as its turn goes. */
  #take(core: Core, vcpu: Vcpu, cycles: number, isCharged: boolean): void {
    if (this.#environment.scheduler.isPartitioned(core)) vcpu.owed += cycles;
    else if (isCharged) this.#spend(core, vcpu.vm, cycles);
    else {
      core.time += cycles;
      this.#environment.accounts.overhead(core, cycles);
    }
  }

  #spend(core: Core, vm: Vm, cycles: number): void {
    core.time += cycles;
    vm.charge(cycles);
    this.#environment.accounts.spent(core, vm.number, cycles);
  }
}

/** The hart has called: the hypercall is carried out when its turn comes. */
function openCall(vcpu: Vcpu): void {
  vcpu.hasOpenCall = true;
  vcpu.isCallNew = true;
}
