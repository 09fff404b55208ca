/**
 * Time partitioning (ARINC 653 part 1, partition scheduling): which VM's window each core is in, and which of the
 * machine's schedules (part 2, multiple module schedules). Windows come at moments of virtual time and never because of
 * what a VM does.
 */
import type { System, SystemSchedule } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { TraceEvent } from '../trace/events';
import type { Vcpu } from '../vm/vcpu';

/** A window that nobody owns: a core rests, or the schedule's slack is used. */
export const NOBODY = -1;

export interface WindowsState {
  /** Numbers of schedules. */
  readonly current: number;
  readonly next: number;
  /** Virtual nanoseconds at which the current schedule, and the present major frame, began. */
  readonly switchedAt: number;
  readonly frameAt: number;
  /** Cycles at which the next window or rest begins. */
  readonly changesAt: number;
  /** By core: the VM whose window it is, and the virtual nanoseconds at which it began. */
  readonly owners: readonly number[];
  readonly beganAt: readonly number[];
  /** VMs, by number, that the switch to the current schedule restarts in windows that have not come yet. */
  readonly restarts: readonly number[];
}

/** What the machine's schedules are at a moment; times in virtual nanoseconds. */
export interface ScheduleStatus {
  readonly current: string;
  readonly next: string;
  readonly switchedAt: number;
  readonly frameEndsAt: number;
}

export interface WindowsEnvironment {
  readonly system: System;
  readonly clock: ClockConversion;
  readonly vcpus: readonly Vcpu[];
  /** Virtual nanoseconds now. */
  now(): number;
  trace(event: TraceEvent): void;
  /** A core's window has ended, and another one, or none, has begun. */
  changed(core: number): void;
  /** The switch to this schedule restarts the VM, whose window has begun. */
  restart(vm: number, kind: 'warm' | 'cold', schedule: string): void;
}

interface Plan {
  readonly definition: SystemSchedule;
  /** Nanoseconds within the major frame at which windows begin or end, and its end. */
  readonly edges: readonly number[];
  /** By core. */
  readonly windows: readonly (readonly {
    readonly vm: number;
    readonly start: number;
    readonly end: number;
  }[])[];
  /** VMs that may use slack, by number. */
  readonly slack: ReadonlySet<number>;
  /** What a switch to it does to VMs, by number. */
  readonly restarts: ReadonlyMap<number, 'warm' | 'cold'>;
}

export class Windows {
  readonly #environment: WindowsEnvironment;
  readonly #plans: readonly Plan[];
  readonly #partitioned: readonly boolean[];
  /** Harts that run in windows only. */
  readonly #vcpus: readonly Vcpu[];
  #state: WindowsState;

  constructor(environment: WindowsEnvironment) {
    const { system, vcpus } = environment;
    this.#environment = environment;
    const cores = Array.from({ length: system.cores }, (_, core) => core);
    this.#partitioned = cores.map((core) =>
      system.schedules.some(({ windows }) => windows.some((window) => window.core === core)),
    );
    this.#vcpus = vcpus.filter(({ core }) => this.#partitioned[core]);
    const numberOf = (name: string): number => system.vms.findIndex((vm) => vm.name === name);
    this.#plans = system.schedules.map((definition) => ({
      definition,
      edges: [
        ...new Set([...definition.windows.flatMap(({ start, end }) => [start, end]), definition.majorFrame]),
      ].sort((one, other) => one - other),
      windows: cores.map((core) =>
        definition.windows
          .filter((window) => window.core === core)
          .map(({ vm, start, end }) => ({ vm: numberOf(vm), start, end })),
      ),
      slack: new Set(definition.slack.map(numberOf)),
      restarts: new Map(definition.restarts.map(({ vm, kind }) => [numberOf(vm), kind])),
    }));
    this.#state = {
      current: 0,
      next: 0,
      switchedAt: 0,
      frameAt: 0,
      changesAt: 0,
      owners: cores.map(() => NOBODY),
      beganAt: cores.map(() => -1),
      restarts: [],
    };
  }

  /** Whether a core is divided into windows. */
  isPartitioned(core: number): boolean {
    return this.#partitioned[core]!;
  }

  /** The VM whose window a partitioned core is in, or `NOBODY`. */
  owner(core: number): number {
    return this.#state.owners[core]!;
  }

  /** The VMs that may use what windows leave now, by number. */
  get slack(): ReadonlySet<number> {
    return this.#plans[this.#state.current]!.slack;
  }

  /** `undefined` in a system without schedules. */
  get status(): ScheduleStatus | undefined {
    if (this.#plans.length === 0) return undefined;
    const { current, next, switchedAt } = this.#state;
    const { majorFrame } = this.#plans[current]!.definition;
    const frames = Math.floor((this.#environment.now() - switchedAt) / majorFrame) + 1;
    return {
      current: this.#plans[current]!.definition.name,
      next: this.#plans[next]!.definition.name,
      switchedAt,
      frameEndsAt: switchedAt + frames * majorFrame,
    };
  }

  /** The machine switches to this schedule at the end of the major frame. The system has it. */
  set(schedule: string, by: string, at: number): void {
    const next = this.#plans.findIndex(({ definition }) => definition.name === schedule);
    this.#state = { ...this.#state, next };
    this.#environment.trace({ at, kind: 'schedule-set', schedule, by });
  }

  /** As long as nobody could run and no switch is asked for, it does not matter which window it is. */
  nextEventAt(): number {
    if (this.#plans.length === 0) return Infinity;
    const { current, next, changesAt, restarts } = this.#state;
    return current !== next || restarts.length > 0 || this.#vcpus.some(({ isReady }) => isReady)
      ? changesAt
      : Infinity;
  }

  advance(now: number): void {
    while (this.#plans.length > 0 && now >= this.#state.changesAt) this.#change(now);
  }

  save(): WindowsState {
    return this.#state;
  }

  restore(state: WindowsState): void {
    this.#state = state;
  }

  /** Goes to the window of this cycle, but not past the end of the frame in which a switch is due. */
  #change(now: number): void {
    const { clock, trace, changed } = this.#environment;
    const before = this.#state;
    let { current, switchedAt, frameAt, restarts } = before;
    const { majorFrame } = this.#plans[current]!.definition;
    const passed = Math.floor((clock.cyclesToNanoseconds(now) - frameAt) / majorFrame);
    if (passed > 0) frameAt += (before.next === current ? passed : 1) * majorFrame;
    if (passed > 0 && before.next !== current) {
      [current, switchedAt] = [before.next, frameAt];
      restarts = [...this.#plans[current]!.restarts.keys()];
      const schedule = this.#plans[current]!.definition.name;
      trace({ at: frameAt, kind: 'schedule-switched', schedule });
    }
    const plan = this.#plans[current]!;
    const cyclesOf = (edge: number): number => clock.nanosecondsToCycles(frameAt + edge);
    const changesAt = cyclesOf(plan.edges.find((edge) => cyclesOf(edge) > now) ?? plan.definition.majorFrame);
    const present = plan.windows.map((windows) =>
      windows.find(({ start, end }) => cyclesOf(start) <= now && now < cyclesOf(end)),
    );
    const owners = present.map((window) => window?.vm ?? NOBODY);
    const beganAt = present.map((window) => (window === undefined ? -1 : frameAt + window.start));
    this.#state = { ...before, current, switchedAt, frameAt, changesAt, owners, beganAt, restarts };
    owners.forEach((owner, core) => {
      if (owner !== before.owners[core] || beganAt[core] !== before.beganAt[core]) changed(core);
    });
    for (const vm of restarts) if (owners.includes(vm)) this.#restart(vm);
  }

  /** The VM's first window since the switch has begun. */
  #restart(vm: number): void {
    const { current, restarts } = this.#state;
    const { definition, restarts: kinds } = this.#plans[current]!;
    this.#state = { ...this.#state, restarts: restarts.filter((other) => other !== vm) };
    this.#environment.restart(vm, kinds.get(vm)!, definition.name);
  }
}
