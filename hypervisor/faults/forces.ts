/**
 * Lasting faults while they are in force: where each is put, and what it does there. Everything here is derived from
 * the injector's records (`settle`), so that nothing of it is part of a snapshot.
 */
import type { SbiError } from '../../platform/hypercalls';
import { Random } from '../../platform/random';
import type { ClockConversion } from '../../platform/time';
import { calledName, type HypercallDecision } from '../hypercalls';
import type { TraceEvent } from '../trace/events';
import type { Throttle } from '../vm/pace';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import { drift } from './clock';
import { describe } from './describe';
import { isLasting, type LastingEffect } from './effect';
import { busFaults, unclocked } from './bus-forces';
import type { Fault } from './fault';
import { type Force, forcesOf, type ForcesReports, type LastingFault } from './force';
import { flashFaults } from './flash-forces';
import { type Injection, waitsFor } from './injection';
import { lineText, pulse, settleLines } from './line-forces';
import { Watches } from './watches';

export interface ForcesEnvironment {
  readonly clock: ClockConversion;
  readonly seed: number;
  readonly vms: readonly Vm[];
  cyclesOf(vm: Vm): number;
}

/** Models that act in single actions, which `times` counts; of the others it counts how often they come into force. */
const SINGLE: ReadonlySet<LastingEffect['model']> = new Set([
  'flash-interrupted',
  'flash-silent',
  'flash-disturb',
  'interrupt-lost',
  'interrupt-duplicated',
  'interrupt-delayed',
  'interrupt-storm',
  'scheduling-jitter',
  'hypercall-error',
  'bus-error',
  'wrong-read',
  'dropped-write',
  'reset-value',
]);

export class Forces {
  readonly #environment: ForcesEnvironment;
  readonly #reports: ForcesReports;
  readonly #stuck: Watches;
  #active: readonly Force[] = [];
  /** Those that wait for an access. */
  #waiting: readonly Injection[] = [];

  constructor(environment: ForcesEnvironment, reports: ForcesReports) {
    this.#environment = environment;
    this.#reports = reports;
    this.#stuck = new Watches(environment.vms, reports);
  }

  actsOnce(fault: LastingFault): boolean {
    return SINGLE.has(fault.model);
  }

  /** Other faults are in force than before. */
  settle(injections: readonly Injection[]): void {
    const isIdle = this.#active.length === 0 && this.#waiting.length === 0;
    this.#waiting = injections.filter((injection) => waitsFor(injection, 'access') !== undefined);
    this.#active = injections.flatMap(activeForce);
    if (isIdle && this.#active.length === 0 && this.#waiting.length === 0) return;
    this.#stuck.settle(this.#active, this.#waiting);
    for (const vm of this.#environment.vms) this.#settleVm(vm);
    this.hold();
  }

  /** The name of the hypercall in a hart's registers. */
  callOf({ hart }: Vcpu): string {
    return calledName({ hart });
  }

  /** What comes of a hypercall instead of what it is for. */
  answerTo(vcpu: Vcpu, called: string): HypercallDecision | undefined {
    for (const { id, fault } of this.#of('hypercall-error', vcpu.vm)) {
      if (fault.call !== undefined && fault.call !== called) continue;
      if (fault.hart !== undefined && fault.hart !== vcpu.index) continue;
      if (this.#reports.saw(id) < fault.passing) continue;
      this.#reports.acted(id, vcpu.vm, `${called} returns “${fault.error}”`);
      return { outcome: failure(fault.error), cost: vcpu.vm.costs.hypercall };
    }
    return undefined;
  }

  stoodStill(vcpu: Vcpu): void {
    for (const { id, fault } of this.#of('throttle', vcpu.vm))
      if (isOf(fault, vcpu)) this.#reports.acted(id, vcpu.vm, describe(fault), false);
  }

  /**
   * The cycle at which something happens by itself: an interrupt of a storm; or something does not happen for the first
   * time, since a device stands still.
   */
  nextEventAt(): number {
    let next = Infinity;
    for (const force of this.#active) {
      const { fault, hasActed } = force;
      if (isStorm(force)) next = Math.min(next, this.#nextPulseAt(force));
      if (fault.model !== 'device-unclocked' || hasActed) continue;
      const vm = this.#vm(fault.vm);
      if (vm.isAlive) next = Math.min(next, vm.board.missedEventAt(fault.device));
    }
    return next;
  }

  advance(now: number): void {
    this.hold();
    for (const force of this.#active) {
      const { id, fault, hasActed } = force;
      if (isStorm(force)) this.#storm(force, now);
      if (fault.model !== 'device-unclocked' || hasActed) continue;
      const vm = this.#vm(fault.vm);
      if (vm.isAlive && vm.board.missedEventAt(fault.device) <= now)
        this.#reports.acted(id, vm, unclocked(fault), false);
    }
  }

  /** A VM has started: its devices come out of their reset. */
  started(name: string): void {
    const vm = this.#vm(name);
    for (const force of this.#of('reset-value', vm)) this.#reset(force, vm);
    this.#settleTimebase(vm);
  }

  /** A VM has got a core. */
  scheduled(name: string, { at, hart = 0 }: Extract<TraceEvent, { kind: 'scheduled' }>): void {
    const { clock, seed } = this.#environment;
    const vm = this.#vm(name);
    const vcpu = vm.vcpus[hart]!;
    for (const { id, fault } of this.#of('scheduling-jitter', vm)) {
      if (!isOf(fault, vcpu)) continue;
      const delay = randomOf(seed, id, this.#reports.saw(id)).below(fault.upTo + 1);
      if (delay === 0) continue;
      vcpu.pace.stall(clock.nanosecondsToCycles(at) + clock.nanosecondsToCycles(delay));
      this.#reports.acted(id, vm, `scheduled up to ${fault.upTo} ns late`);
    }
  }

  #reset({ id, fault: { address, size, value } }: Force<'reset-value'>, vm: Vm): void {
    vm.board.storeUnfaulted(address, size as 1 | 2 | 4, value);
    this.#reports.acted(id, vm, `0x${address.toString(16)} is 0x${value.toString(16)} after reset`);
  }

  #nextPulseAt({ id, fault, since, seenBefore }: Force<'interrupt-storm'>): number {
    const period = this.#environment.clock.nanosecondsToCycles(fault.period);
    return since + (this.#reports.seen(id) - seenBefore) * period;
  }

  /** A storm goes on over a VM that is down, and nobody notices. */
  #storm(force: Force<'interrupt-storm'>, now: number): void {
    const { id, fault } = force;
    if (this.#nextPulseAt(force) > now) return;
    const vm = this.#vm(fault.vm);
    this.#reports.saw(id);
    if (!vm.isAlive) return;
    pulse(vm, vm.vcpus[fault.hart ?? 0]!, fault.line);
    this.#reports.acted(id, vm, `storm of interrupts on ${lineText(fault.line)}, every ${fault.period} ns`);
  }

  #settleVm(vm: Vm): void {
    const { clock } = this.#environment;
    const throttles = this.#of('throttle', vm);
    for (const vcpu of vm.vcpus) {
      vcpu.pace.throttles = throttles
        .filter(({ fault }) => isOf(fault, vcpu))
        .map(({ fault, since }): Throttle => ({
          since,
          period: clock.nanosecondsToCycles(fault.period),
          running: clock.nanosecondsToCycles(fault.running),
        }));
    }
    vm.board.setFaults([...this.#stuck.onBus(vm), ...busFaults(this.#active, vm, this.#reports)]);
    vm.board.flash.faults = flashFaults(this.#active, vm, this.#reports);
    settleLines(this.#active, vm, { reports: this.#reports, clock });
    this.#settleTimebase(vm);
    vm.board.stopClocks(this.#of('device-unclocked', vm).map(({ fault }) => fault.device));
  }

  /** Puts back what is stuck in memory, after others than a guest's instructions may have changed it. */
  hold(): void {
    this.#stuck.hold();
  }

  /** Harts are others than before: nothing that they were at is of any interest. */
  forget(): void {
    this.#stuck.forget();
  }

  #settleTimebase(vm: Vm): void {
    const drifts = this.#of('clock-drift', vm);
    const ppm = drifts.reduce((sum, { fault }) => sum + fault.ppm, 0);
    if (ppm !== vm.timebase.drift) drift(vm, this.#environment.cyclesOf(vm), ppm);
    if (vm.isAlive)
      for (const { id, fault, hasActed } of drifts)
        if (!hasActed) this.#reports.acted(id, vm, describe(fault), false);
  }

  #vm(name: string): Vm {
    return this.#environment.vms.find((vm) => vm.name === name)!;
  }

  #of<Model extends LastingEffect['model']>(model: Model, vm: Vm): readonly Force<Model>[] {
    return forcesOf(this.#active, model, vm);
  }
}

function activeForce({ id, fault, phase }: Injection): readonly Force[] {
  if (phase.is !== 'active' || !isLasting(fault)) return [];
  const { since, isRecorded, seenBefore } = phase;
  return [{ id, fault, since, hasActed: isRecorded, seenBefore } as Force];
}

const isStorm = (force: Force): force is Force<'interrupt-storm'> => force.fault.model === 'interrupt-storm';

/** A fault without a hart is about all of the VM's. */
const isOf = ({ hart }: Fault, { index }: Vcpu): boolean => hart === undefined || hart === index;

const failure = (error: SbiError): HypercallDecision['outcome'] => ({
  is: 'return',
  error,
  value: 0,
  copied: 0,
});

/** Numbers of a fault's own, other ones for each of its actions. */
const randomOf = (seed: number, fault: number, action: number): Random =>
  new Random((seed % 2 ** 32) + ((fault * 8191 + action) % 2 ** 21) * 2 ** 32);
