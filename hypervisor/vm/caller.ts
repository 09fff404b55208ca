/** What a hart's hypercalls may see and do: its VM as the caller of one. */
import type { System } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { CallerSchedules, ErrorHandler, HealthDesk, HypercallContext, UpdateDesk } from '../hypercalls';
import type { TraceEvent } from '../trace/events';
import { type Configuration, type ConfigurationProblem, configurationProblem } from './configuration';
import type { Updates } from '../update/updates';
import type { Windows } from '../scheduler/windows';
import type { Vcpu } from './vcpu';
import type { Vm } from './vm';

export interface CallerEnvironment {
  readonly system: System;
  readonly clock: ClockConversion;
  readonly vms: readonly Vm[];
  readonly health: { deskOf(supervisor: Vm): HealthDesk };
  readonly windows: Windows;
  readonly updates: Updates;
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
}

/** One for each hart, all of one shape: hypercalls look at little else. */
export class Caller implements HypercallContext {
  readonly caller: Vm;
  readonly hart: Vcpu['hart'];
  readonly hartNumber: number;
  readonly harts: readonly Vcpu[];
  readonly memory: Vm['memory'];
  readonly health: HealthDesk;
  readonly schedules: CallerSchedules;
  readonly updates: UpdateDesk;
  readonly vms: readonly Vm[];
  readonly costs: System['costs'];
  readonly clock: ClockConversion;
  readonly #vcpu: Vcpu;
  readonly #environment: CallerEnvironment;
  /** Whose ports it has. */
  readonly #connected: Vm;
  readonly #hasHarts: boolean;

  constructor(vcpu: Vcpu, environment: CallerEnvironment) {
    const { system, clock, vms, health, windows, updates } = environment;
    const { vm } = vcpu;
    this.caller = vm;
    this.hart = vcpu.hart;
    this.hartNumber = vcpu.index;
    this.harts = vm.vcpus;
    this.memory = vm.memory;
    this.health = health.deskOf(vm);
    this.schedules = {
      names: system.schedules.map(({ name }) => name),
      get status() {
        return windows.status;
      },
      maySwitch: vm.definition.switchesSchedules,
      set: (name) => windows.set(name, vm.name, vm.now),
    };
    const desk = updates.deskOf(vm, { vms });
    const rescheduled = (): UpdateDesk => {
      this.#rescheduled();
      return desk;
    };
    this.updates = {
      mayUpdate: desk.mayUpdate,
      ofShadow: desk.ofShadow,
      of: (number) => rescheduled().of(number),
      get own() {
        return rescheduled().own;
      },
    };
    this.vms = vms;
    this.costs = system.costs;
    this.clock = clock;
    this.#vcpu = vcpu;
    this.#environment = environment;
    this.#connected = vms.find(({ name }) => name === vm.definition.shadowOf) ?? vm;
    this.#hasHarts = vm.vcpus.length > 1;
  }

  get ports(): Vm['ports'] {
    return this.#connected.ports;
  }

  get console(): Vm['console'] {
    return this.#rescheduled().console;
  }

  get periodic(): Vm['periodic'] {
    return this.#rescheduled().periodic;
  }

  hasAuthorityOver(number: number): boolean {
    return this.caller.definition.authorityOver.includes(this.vms[number]?.name ?? '');
  }

  mayDebug(number: number): boolean {
    const other = this.vms[number];
    return other !== undefined && !other.isConfidential && this.caller.definition.debugs.includes(other.name);
  }

  debugged(number: number): Vm {
    return this.vms[number]!;
  }

  configurationProblem(number: number, change: Configuration): ConfigurationProblem | undefined {
    const { vms } = this;
    return configurationProblem(vms, vms[number]!, change, this.#environment.system.scheduling);
  }

  cycles(): number {
    return this.#environment.cyclesOf(this.caller);
  }

  nanoseconds(): number {
    return this.caller.now;
  }

  setTimer(tick: number): void {
    this.#rescheduled();
    this.#vcpu.setTimer(tick);
  }

  interrupt(hart: number): void {
    this.#rescheduled().vcpus[hart]?.lines.drive('ssip', true);
  }

  armWatchdog(cycles: number): void {
    this.#rescheduled().board.watchdog.arm(cycles);
  }

  setErrorHandler(handler: ErrorHandler | undefined): void {
    this.caller.errorHandler = handler;
  }

  trace(event: TraceEvent): void {
    this.#environment.trace(this.#hasHarts ? { ...event, hart: this.hartNumber } : event);
  }

  /** Something of the VM may be due at another cycle afterwards. */
  #rescheduled(): Vm {
    this.#vcpu.isRescheduled = true;
    return this.caller;
  }
}
