/**
 * Arms faults, watches their triggers, and lets them act when they fire. A fault that never did anything stays
 * `armed`; one that cannot do anything is `not-activated` with the reason. Without faults nothing here costs anything.
 */
import type { ClockConversion } from '../../platform/time';
import type { AnyChannel } from '../channels';
import type { HypercallDecision } from '../hypercalls';
import type { Network } from '../network/network';
import type { LifeCycle } from '../machine/life-cycle';
import type { TraceEvent } from '../trace/events';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import { act, whyNot } from './act';
import { describe } from './describe';
import { isLasting, type MomentaryEffect } from './effect';
import type { Fault, FaultStatus, FaultTrigger } from './fault';
import type { LastingFault } from './force';
import { Forces } from './forces';
import { armed, type Injection, waitsFor, waitsForAccess } from './injection';
import { carrierOf, type HandedOver, handOver, isHandedOver, statusOf } from './handed-over';
import { matches } from './pattern';
import { Power, type PowerLoss } from './power';
import { hartOf, targetOf, vmOf } from './target';

export interface InjectorState {
  readonly injections: readonly Injection[];
  /** Numbers of those whose trigger has come true, and that have yet to fire. */
  readonly due: readonly number[];
  readonly powerLosses: readonly PowerLoss[];
}

export interface InjectorEnvironment {
  readonly clock: ClockConversion;
  readonly seed: number;
  readonly vms: readonly Vm[];
  readonly channels: readonly AnyChannel[];
  readonly networks: readonly Network[];
  readonly lifeCycle: LifeCycle;
  /** Cycles at which what happens now happens. */
  cycles(): number;
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
}

export class Injector {
  readonly #environment: InjectorEnvironment;
  readonly #forces: Forces;
  #injections: readonly Injection[] = [];
  /** Ids whose trigger came true while something else was going on. */
  #due: readonly number[] = [];
  readonly #power = new Power();

  constructor(environment: InjectorEnvironment) {
    this.#environment = environment;
    this.#forces = new Forces(environment, {
      acted: (id, vm, what, isCounted = true) => this.#acted(id, vm, what, isCounted),
      saw: (id) => this.#see(id),
      losesPower: (vm, cycles, id) => this.#power.lose(vm, environment.cyclesOf(vm) + cycles, id),
      seen: (id) => this.#injections[id - 1]!.seen,
    });
  }

  /**
   * Arms a fault; one without a trigger fires at once.
   * @returns its number, from 1, in the trace
   * @throws RangeError for one that would act without end at one moment
   */
  inject(fault: Fault): number {
    const { trigger, lifespan } = fault;
    const comesAgain = trigger !== undefined && 'nth' in trigger;
    if ((lifespan?.times ?? 1) > 1 && lifespan?.every === undefined && !comesAgain && isMomentary(fault))
      throw new RangeError(
        'a fault that acts several times needs a trigger that comes true again, or a period',
      );
    const id = this.#injections.length + 1;
    this.#injections = [...this.#injections, armed(id, fault)];
    if (trigger === undefined) this.#fire(id);
    else if (trigger.on === 'address') this.#setBreakpoint(fault, trigger.address);
    else if (trigger.on === 'access') this.#settleForces();
    return id;
  }

  /** No fault was ever armed. */
  get isIdle(): boolean {
    return this.#injections.length === 0;
  }

  status(id: number): FaultStatus | undefined {
    const injection = this.#injections[id - 1];
    if (injection === undefined) return undefined;
    const { fault, status, phase } = injection;
    if (status.is === 'not-activated' || phase.is === 'waiting') return status;
    return isHandedOver(fault) ? statusOf(id, fault, this.#environment) : status;
  }

  /** The cycle of the next thing that a fault does by itself. */
  nextEventAt(): number {
    let next = this.#due.length > 0 ? this.#environment.cycles() : Infinity;
    for (const injection of this.#injections) next = Math.min(next, this.#dueAt(injection));
    return Math.min(next, this.#forces.nextEventAt(), this.#power.nextEventAt());
  }

  /** Does what is due by `now`. */
  advance(now: number): void {
    for (const injection of this.#injections) {
      if (this.#dueAt(injection) > now) continue;
      if (injection.phase.is === 'active') this.#end(injection.id);
      else this.#fire(injection.id);
    }
    this.#forces.advance(now);
    this.#power.advance(now, this.#environment.vms, this.#environment.lifeCycle);
    this.#fireDue();
  }

  /** Instructions that a hart may retire before a fault of it is due; `Infinity` when none counts them. */
  instructionsUntilFault(vcpu: Vcpu): number {
    let left = Infinity;
    for (const injection of this.#injections) {
      const trigger = waitsFor(injection, 'instructions');
      if (trigger === undefined || !concerns(injection.fault, vcpu)) continue;
      left = Math.min(left, Math.max(0, trigger.count - vcpu.hart.retired));
    }
    return left;
  }

  /** A hart has retired instructions: fires what counts them. */
  afterInstructions(vcpu: Vcpu): void {
    for (const injection of this.#injections) {
      const trigger = waitsFor(injection, 'instructions');
      if (trigger === undefined || !concerns(injection.fault, vcpu)) continue;
      if (vcpu.hart.retired >= trigger.count) this.#fire(injection.id);
    }
  }

  /**
   * A hart is about to execute the instruction at a breakpoint.
   * @returns whether a fault has fired.
   */
  atBreakpoint(vcpu: Vcpu): boolean {
    const pc = Number(vcpu.hart.pc);
    this.#come('address', ({ address }, fault) => address === pc && concerns(fault, vcpu));
    this.#comeToAccess(vcpu);
    const fires = this.#due.length > 0;
    this.#fireDue();
    const { vm } = vcpu;
    if (!this.waitsAt(vm, pc)) for (const hart of vm.harts) hart.clearBreakpoint(pc);
    return fires;
  }

  /** Whether a fault waits for the VM to come to an address: a breakpoint must stay there. */
  waitsAt(vm: Vm, address: number): boolean {
    return this.#injections.some(
      (injection) => waitsFor(injection, 'address')?.address === address && isIn(injection.fault, vm),
    );
  }

  /**
   * A hart's hypercall is about to be carried out.
   * @returns what comes of it instead, if a fault is in the way
   */
  atCall(vcpu: Vcpu): HypercallDecision | undefined {
    if (!vcpu.isCallNew) return undefined;
    vcpu.isCallNew = false;
    if (this.#injections.length === 0) return undefined;
    const called = this.#forces.callOf(vcpu);
    this.#come('call', ({ call }, fault) => call === called && isIn(fault, vcpu.vm));
    this.#fireDue();
    return this.#forces.answerTo(vcpu, called);
  }

  /** A hart stands still, and perhaps a fault is why. */
  stoodStill(vcpu: Vcpu): void {
    this.#forces.stoodStill(vcpu);
  }

  /** Others than guests have written to memory that VMs share. */
  afterSharedWrite(): void {
    if (this.#injections.length > 0) this.#forces.hold();
  }

  /** Something was recorded: counts it for the faults that wait for it. They fire when it is done. */
  observe(event: TraceEvent): void {
    if (this.#injections.length === 0) return;
    this.#come('event', (trigger) => matches(event, trigger.event));
    if (event.kind === 'message-sent')
      this.#come(
        'message',
        ({ channel, matching }) =>
          channel === event.channel &&
          (matching === undefined ||
            matches(carrierOf(channel, this.#environment).valueOf(event.bytes), matching)),
      );
    if (event.kind === 'fault-injected') this.#tear(event.fault);
    if (event.kind === 'vm-started') {
      this.#forces.started(event.vm);
      this.#forces.hold();
    }
    if (event.kind === 'scheduled' && event.vm !== null) this.#forces.scheduled(event.vm, event);
  }

  save(): InjectorState {
    return { injections: this.#injections, due: this.#due, powerLosses: this.#power.save() };
  }

  /** Harts must have been restored before: breakpoints are set anew. */
  restore({ injections, due, powerLosses }: InjectorState): void {
    for (const injection of this.#injections) {
      const trigger = waitsFor(injection, 'address');
      if (trigger === undefined) continue;
      for (const hart of this.#vm(injection.fault).harts) hart.clearBreakpoint(trigger.address);
    }
    this.#injections = injections;
    this.#due = due;
    this.#power.restore(powerLosses);
    this.#forces.forget();
    for (const injection of injections) {
      const trigger = waitsFor(injection, 'address');
      if (trigger !== undefined) this.#setBreakpoint(injection.fault, trigger.address);
    }
    this.#settleForces();
  }

  /** Code is common to the harts of a VM, so all of them stop there; for those that are not meant it is no more than a stop. */
  #setBreakpoint(fault: Fault, address: number): void {
    for (const hart of this.#vm(fault).harts) hart.setBreakpoint(address);
  }

  /** When the injection is due by itself. */
  #dueAt(injection: Injection): number {
    const { phase } = injection;
    if (phase.is === 'resting' || phase.is === 'active') return phase.until;
    const trigger = waitsFor(injection, 'time');
    return trigger === undefined ? Infinity : this.#environment.clock.nanosecondsToCycles(trigger.at);
  }

  /** What triggers of a kind wait for has come, for some of them. */
  #come<On extends FaultTrigger['on']>(
    on: On,
    isIt: (
      trigger: Extract<FaultTrigger, { readonly on: On }>,
      fault: Fault,
      injection: Injection,
    ) => boolean,
  ): void {
    for (const injection of this.#injections) {
      const trigger = waitsFor(injection, on);
      if (trigger === undefined || injection.remaining <= 0 || !isIt(trigger, injection.fault, injection))
        continue;
      this.#change(injection.id, { remaining: injection.remaining - 1 });
      if (injection.remaining === 1) this.#due = [...this.#due, injection.id];
    }
  }

  #comeToAccess(vcpu: Vcpu): void {
    if (!this.#injections.some((injection) => waitsFor(injection, 'access'))) return;
    const access = vcpu.hart.exact.nextAccess;
    if (access === undefined) return;
    this.#come(
      'access',
      (_trigger, fault, injection) => concerns(fault, vcpu) && waitsForAccess(injection, access),
    );
  }

  #fireDue(): void {
    if (this.#due.length === 0) return;
    const due = this.#due;
    this.#due = [];
    for (const id of due) this.#fire(id);
  }

  #fire(id: number): void {
    const { fault } = this.#injections[id - 1]!;
    if (isHandedOver(fault)) this.#handOver(id, fault);
    else if (isLasting(fault)) this.#begin(id, fault);
    else this.#act(id, fault);
  }

  #act(id: number, fault: Fault & MomentaryEffect): void {
    const { status, left } = this.#injections[id - 1]!;
    const target = targetOf(fault, this.#environment.vms);
    const { vm, vcpu } = target;
    const why = whyNot(target, fault);
    if (why !== undefined && status.is === 'armed') return this.#fail(id, `${why} when the fault was due`);
    this.#change(id, {
      status: status.is === 'armed' ? { is: 'fired', at: vm.now } : status,
      left: left - 1,
      remaining: 1,
      phase: left > 1 ? this.#rest(fault, this.#environment.cyclesOf(vm)) : { is: 'over' },
    });
    if (fault.trigger?.on === 'access') this.#settleForces();
    if (why !== undefined) return;
    this.#record(id, vm, describe(fault), fault.hart === undefined ? {} : vm.hartField(vcpu));
    act(id, target, fault, this.#environment);
  }

  /** Until it acts again: at its next period, or when its trigger comes true again. */
  #rest({ lifespan }: Fault, since: number): Injection['phase'] {
    return lifespan?.every === undefined
      ? { is: 'waiting' }
      : { is: 'resting', until: since + this.#environment.clock.nanosecondsToCycles(lifespan.every) };
  }

  /** A lasting fault comes into force. */
  #begin(id: number, fault: LastingFault): void {
    const since = this.#environment.cyclesOf(this.#vm(fault));
    const { during } = fault.lifespan ?? {};
    const until =
      during === undefined ? Infinity : since + this.#environment.clock.nanosecondsToCycles(during);
    const { left, seen } = this.#injections[id - 1]!;
    this.#change(id, {
      phase: { is: 'active', since, until, isRecorded: false, seenBefore: seen },
      left: this.#forces.actsOnce(fault) ? left : left - 1,
    });
    this.#settleForces();
    const vm = this.#vm(fault);
    const isFresh = vm.isAlive && vm.harts.every(({ retired }) => retired === 0);
    // It comes out of its reset at this moment.
    if (isFresh) this.#forces.started(vm.name);
  }

  /** A lasting fault is no longer in force. */
  #end(id: number): void {
    const { fault, phase, left } = this.#injections[id - 1]!;
    if (phase.is !== 'active') return;
    const again = left > 0 && fault.lifespan?.every !== undefined;
    this.#change(id, { phase: again ? this.#rest(fault, phase.since) : { is: 'over' } });
    this.#settleForces();
  }

  /** A lasting fault has done something. Records it once each time it is in force. */
  #acted(id: number, vm: Vm, what: string, isCounted: boolean): void {
    const { status, phase, left } = this.#injections[id - 1]!;
    const isNews = phase.is === 'active' && !phase.isRecorded;
    this.#change(id, {
      status: status.is === 'armed' ? { is: 'fired', at: vm.now } : status,
      phase: isNews ? { ...phase, isRecorded: true } : phase,
      left: isCounted ? left - 1 : left,
    });
    if (isNews) {
      this.#record(id, vm, what);
      this.#settleForces();
    }
    if (isCounted && left === 1) this.#end(id);
  }

  /** @returns how many it had seen before */
  #see(id: number): number {
    const { seen } = this.#injections[id - 1]!;
    this.#change(id, { seen: seen + 1 });
    return seen;
  }

  #settleForces(): void {
    this.#forces.settle(this.#injections);
  }

  /** A fault that cuts off a write has acted: it has cut the power. */
  #tear(id: number): void {
    const fault = this.#injections[id - 1]?.fault;
    if (fault?.model !== 'disk-fault' || fault.action.is !== 'torn') return;
    const vm = this.#vm(fault);
    this.#power.lose(vm, this.#environment.cyclesOf(vm), id);
  }

  /** Hands a fault to the channel, network or disk that it is about, which reports from then on. */
  #handOver(id: number, fault: HandedOver): void {
    const status = handOver(id, fault, this.#environment);
    if (status.is === 'not-activated') this.#fail(id, status.why);
    else this.#change(id, { phase: { is: 'over' } });
  }

  #record(id: number, vm: Vm, description: string, hart: { readonly hart?: number } = {}): void {
    const event = { at: vm.now, kind: 'fault-injected', fault: id, vm: vm.name, description } as const;
    this.#environment.trace({ ...event, ...hart });
  }

  #fail(id: number, why: string): void {
    this.#change(id, { status: { is: 'not-activated', why }, phase: { is: 'over' } });
  }

  #change(id: number, change: Partial<Injection>): void {
    const injections = this.#injections.slice();
    injections[id - 1] = { ...injections[id - 1]!, ...change };
    this.#injections = injections;
  }

  #vm(fault: Fault): Vm {
    return vmOf(fault, this.#environment.vms);
  }
}

const isMomentary = (fault: Fault): boolean => !isLasting(fault) && !isHandedOver(fault);
const isIn = (fault: Fault, vm: Vm): boolean => 'vm' in fault && fault.vm === vm.name;
const concerns = (fault: Fault, { vm, index }: Vcpu): boolean => isIn(fault, vm) && hartOf(fault) === index;
