/** What a hart's hypercalls may see and do: its VM as the caller of one. */
import type { System } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { HealthDesk, HypercallContext } from '../hypercalls';
import type { TraceEvent } from '../trace/events';
import { configurationProblem } from './configuration';
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

export function callerOf(
  vcpu: Vcpu,
  { system, clock, vms, health, windows, updates, cyclesOf, trace }: CallerEnvironment,
): HypercallContext {
  const { vm } = vcpu;
  const portsOf = vms.find(({ name }) => name === vm.definition.shadowOf) ?? vm;
  const desk = updates.deskOf(vm, { vms });
  /** Something of the VM may be due at another cycle afterwards. */
  const rescheduled = (): Vm => {
    vcpu.isRescheduled = true;
    return vm;
  };
  return {
    caller: vm,
    hart: vcpu.hart,
    hartNumber: vcpu.index,
    harts: vm.vcpus,
    memory: vm.memory,
    get console() {
      return rescheduled().console;
    },
    get periodic() {
      return rescheduled().periodic;
    },
    health: health.deskOf(vm),
    schedules: {
      names: system.schedules.map(({ name }) => name),
      get status() {
        return windows.status;
      },
      maySwitch: vm.definition.switchesSchedules,
      set: (name) => windows.set(name, vm.name, vm.now),
    },
    get ports() {
      return portsOf.ports;
    },
    updates: {
      ...desk,
      of: (number) => {
        rescheduled();
        return desk.of(number);
      },
      get own() {
        rescheduled();
        return desk.own;
      },
    },
    vms,
    hasAuthorityOver: (number) => vm.definition.authorityOver.includes(vms[number]?.name ?? ''),
    mayDebug: (number) => {
      const other = vms[number];
      return other !== undefined && !other.isConfidential && vm.definition.debugs.includes(other.name);
    },
    debugged: (number) => vms[number]!,
    configurationProblem: (number, change) =>
      configurationProblem(vms, vms[number]!, change, system.scheduling),
    costs: system.costs,
    clock,
    cycles: () => cyclesOf(vm),
    nanoseconds: () => vm.now,
    setTimer: (tick) => {
      rescheduled();
      vcpu.setTimer(tick);
    },
    interrupt: (hart) => rescheduled().vcpus[hart]?.lines.drive('ssip', true),
    armWatchdog: (cycles) => rescheduled().board.watchdog.arm(cycles),
    setErrorHandler: (handler) => {
      vm.errorHandler = handler;
    },
    trace: vm.vcpus.length === 1 ? trace : (event) => trace({ ...event, hart: vcpu.index }),
  };
}
