/**
 * Whose turn it is. Fixed-priority preemptive scheduling with budgets: on each core the ready hart of highest priority runs; equals take
 * turns. A hart has the priority of its VM, and a VM's budget is common to its harts. Priorities are inherited through
 * locks, and by servers from whoever waits for their reply. On a core that is divided into windows only the VM whose
 * window it is has a turn, or one that may use slack. On one that goes by deadlines the VM whose server's deadline is
 * next, and deadlines are what is inherited. Where harts move between cores, those of a domain are dealt out together
 * (`placement.ts`), by the same order. Deterministic: ties end at the order of declaration.
 */
import {
  type AnyChannel,
  type CeilingLock,
  inheritedPriorities,
  type InheritedLock,
  raisedToCeilings,
} from '../channels';
import { schedulingDomains } from '../../platform/scheduling-domains';
import type { System } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import type { Core } from './core';
import { Placement } from './placement';
import type { TraceEvent } from '../trace/events';
import { Servers } from './servers';
import { NOBODY, type Windows } from './windows';

const NO_HARTS: readonly Vcpu[] = [];
const NO_CORES: readonly Core[] = [];

export interface SchedulerEnvironment {
  readonly system: System;
  /** By number. */
  readonly cores: readonly Core[];
  readonly windows: Windows;
  readonly clock: ClockConversion;
  trace(event: TraceEvent): void;
}

export class Scheduler {
  readonly servers: Servers;
  readonly #byCore: readonly (readonly Vcpu[])[];
  /** Of each domain in which harts move. */
  readonly #placements: readonly Placement[];
  /** By core: that of its domain. */
  readonly #placementOf: readonly (Placement | undefined)[];
  readonly #own: readonly number[];
  readonly #locks: readonly InheritedLock[];
  readonly #ceilings: readonly CeilingLock[];
  readonly #vms: readonly Vm[];
  readonly #environment: SchedulerEnvironment;
  readonly #windows: Windows;
  /** Whether nobody ever inherits a priority. */
  readonly #hasOwnPriorities: boolean;
  /** By core. */
  readonly #byPriority: readonly boolean[];
  #lastTurn: number;

  constructor(vms: readonly Vm[], channels: readonly AnyChannel[], environment: SchedulerEnvironment) {
    const { system, windows, cores } = environment;
    this.#vms = vms;
    this.#environment = environment;
    this.servers = new Servers(vms);
    const vcpus = vms.flatMap((vm) => vm.vcpus);
    this.#byCore = Array.from({ length: system.cores }, (_, number) =>
      vcpus.filter(({ core }) => core === number),
    );
    const domains = schedulingDomains(system.cores, system.vms).filter(({ length }) => length > 1);
    this.#placements = domains.map(
      (domain) =>
        new Placement(
          vcpus,
          domain.map((core) => cores[core]!),
        ),
    );
    this.#placementOf = cores.map(({ number }) => {
      const domain = domains.findIndex((numbers) => numbers.includes(number));
      return domain === -1 ? undefined : this.#placements[domain];
    });
    this.#own = vms.map(({ definition }) => definition.priority);
    this.#locks = channels.flatMap((channel): readonly InheritedLock[] => {
      if (channel.kind === 'rpc') return [channel];
      return channel.kind === 'shared' && channel.protocol === 'priority-inheritance' ? [channel] : [];
    });
    this.#ceilings = channels.flatMap((channel) => {
      if (channel.kind !== 'shared' || channel.protocol !== 'priority-ceiling') return [];
      const users = vms.filter(({ number }) => channel.hasEnd(number));
      const ceiling = Math.max(...users.map(({ number }) => this.#own[number]!));
      return [
        {
          get holder() {
            return channel.holder;
          },
          ceiling,
        },
      ];
    });
    this.#windows = windows;
    this.#hasOwnPriorities = this.#locks.length === 0 && this.#ceilings.length === 0;
    this.#byPriority = cores.map(
      (core) => !this.isPartitioned(core) && !this.#goesByDeadline(core) && !this.isShared(core),
    );
    this.#lastTurn = vcpus.length;
  }

  /** Whether nothing but priorities and turns decides who has the core. */
  goesByPriority(core: Core): boolean {
    return this.#byPriority[core.number]!;
  }

  /** The priority at which a VM runs now. */
  priority(vm: number): number {
    return this.#priorities()[vm]!;
  }

  /**
   * Whether a core is divided into windows, so that whatever the hypervisor does there for a VM ends with the window and
   * goes on in the VM's next one.
   */
  isPartitioned(core: Core): boolean {
    return this.#windows.isPartitioned(core.number);
  }

  /** Whether harts move between this core and others. */
  isShared(core: Core): boolean {
    return this.#placementOf[core.number] !== undefined;
  }

  /**
   * Deals out the cores between which harts move. To be done after whatever may have made a hart ready, or not.
   * @param now cycles before which everything has happened
   * @returns cores that have lost the hart that they ran, and have no other
   */
  place(now: number): readonly Core[] {
    if (this.#placements.length === 0) return NO_CORES;
    for (const placement of this.#placements) {
      const byDeadline = this.#goesByDeadline(placement.cores[0]!);
      if (byDeadline) for (const { vm } of placement.harts) this.#observe(vm, now);
      placement.place(this.#order(byDeadline));
    }
    return this.#environment.cores.filter(
      (core) => core.current !== null && this.isShared(core) && !this.hasWork(core),
    );
  }

  /** The hart that should have the core; `undefined` when none is ready. */
  select(core: Core): Vcpu | undefined {
    const placement = this.#placementOf[core.number];
    if (placement !== undefined) return placement.on(core);
    if (this.#goesByDeadline(core)) return this.#earliest(core);
    const priorities = this.#priorities();
    let best: Vcpu | undefined;
    for (const vcpu of this.#candidates(core)) {
      if (!vcpu.isReady) continue;
      if (best === undefined) {
        best = vcpu;
        continue;
      }
      const difference = priorities[vcpu.vm.number]! - priorities[best.vm.number]!;
      if (difference > 0 || (difference === 0 && vcpu.turn < best.turn)) best = vcpu;
    }
    return best;
  }

  /**
   * Whether the hart that has the core would be selected again, where only it has done something since: it has taken or
   * released locks, perhaps, or is no longer ready.
   */
  isStill(core: Core, vcpu: Vcpu): boolean {
    if (core.current !== vcpu.number || !this.goesByPriority(core) || !vcpu.isReady) return false;
    return this.#hasOwnPriorities || this.select(core) === vcpu;
  }

  /** Whether another hart of the core is ready. */
  isContended(core: Core, vcpu: Vcpu): boolean {
    const placement = this.#placementOf[core.number];
    if (placement !== undefined) return placement.hasWaiting;
    for (const other of this.#candidates(core)) if (other !== vcpu && other.isReady) return true;
    return false;
  }

  /** Whether any hart of the core is ready, or the one that it was given. */
  hasWork(core: Core): boolean {
    const placement = this.#placementOf[core.number];
    if (placement !== undefined) return placement.on(core)?.isReady ?? false;
    for (const vcpu of this.#candidates(core)) if (vcpu.isReady) return true;
    return false;
  }

  /** The hart's turn is over: its equals come first. */
  endTurn(vcpu: Vcpu): void {
    vcpu.turn = ++this.#lastTurn;
  }

  /**
   * A hart that has run is perhaps no longer ready. Where others may use its slack, its return is a context switch whether
   * one has or not: it must not be able to tell.
   */
  rest(core: Core, vcpu: Vcpu): void {
    if (this.#goesByDeadline(core)) this.#observe(vcpu.vm, core.time);
    if (!this.isPartitioned(core) || this.#windows.slack.size === 0 || vcpu.isReady) return;
    core.current = null;
    core.last = null;
  }

  save(): number {
    return this.#lastTurn;
  }

  restore(lastTurn: number): void {
    this.#lastTurn = lastTurn;
  }

  #goesByDeadline(core: Core): boolean {
    return this.#environment.system.scheduling[core.number] === 'earliest-deadline-first';
  }

  /** The ready hart whose VM's deadline is next; after those with deadlines, which are promised their time, by priority. */
  #earliest(core: Core): Vcpu | undefined {
    const harts = this.#byCore[core.number]!;
    for (const { vm } of harts) this.#observe(vm, core.time);
    const priorities = this.#priorities();
    const urgencies = this.#urgencies();
    let best: Vcpu | undefined;
    for (const vcpu of harts) {
      if (!vcpu.isReady) continue;
      if (best === undefined || this.#isBefore(vcpu, best, urgencies, priorities)) best = vcpu;
    }
    return best;
  }

  /** Who of two harts comes first: negative where it is the first one. */
  #order(byDeadline: boolean): (one: Vcpu, other: Vcpu) => number {
    const priorities = this.#priorities();
    const urgencies = byDeadline ? this.#urgencies() : priorities;
    return (one, other) => (this.#isBefore(one, other, urgencies, priorities) ? -1 : 1);
  }

  #isBefore(one: Vcpu, other: Vcpu, urgencies: readonly number[], priorities: readonly number[]): boolean {
    const [mine, its] = [one.vm.number, other.vm.number];
    if (urgencies[mine] !== urgencies[its]) return urgencies[mine]! > urgencies[its]!;
    if (priorities[mine] !== priorities[its]) return priorities[mine]! > priorities[its]!;
    return one.turn < other.turn;
  }

  /** By VM number: the earlier its deadline, or the one that it inherits, the greater. */
  #urgencies(): readonly number[] {
    const own = this.#vms.map((vm) => -this.servers.deadline(vm));
    return this.#locks.some(({ waiters }) => waiters.length > 0)
      ? inheritedPriorities(own, this.#locks)
      : own;
  }

  /** A server sees whether its VM has something to do, and whether its budget is used up. */
  #observe(vm: Vm, now: number): void {
    const { servers } = this;
    if (!servers.serves(vm)) return;
    const isReady = vm.vcpus.some((vcpu) => vcpu.isReady);
    servers.observe(vm, isReady, now);
    while (isReady && vm.budgetLeft <= 0) {
      const { clock, trace } = this.#environment;
      const deadline = clock.cyclesToNanoseconds(servers.postpone(vm));
      trace({ at: clock.cyclesToNanoseconds(now), kind: 'deadline-postponed', vm: vm.name, deadline });
    }
  }

  /** The harts that may have the core now. */
  #candidates(core: Core): readonly Vcpu[] {
    const all = this.#byCore[core.number]!;
    if (!this.isPartitioned(core)) return all;
    const owner = this.#windows.owner(core.number);
    if (owner !== NOBODY) {
      const own = all.filter(({ vm }) => vm.number === owner);
      if (own.some(({ isReady }) => isReady)) return own;
    }
    const { slack } = this.#windows;
    return slack.size === 0 ? NO_HARTS : all.filter(({ vm }) => slack.has(vm.number));
  }

  #priorities(): readonly number[] {
    const raised = this.#ceilings.length === 0 ? this.#own : raisedToCeilings(this.#own, this.#ceilings);
    for (const lock of this.#locks) {
      if (lock.waiters.length > 0) return inheritedPriorities(raised, this.#locks);
    }
    return raised;
  }
}
