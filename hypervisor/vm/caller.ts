/** What a VM's hypercalls may see and do: the VM as the caller of one. */
import type { System } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { HypercallContext } from '../hypercalls';
import type { TraceEvent } from '../trace/events';
import type { Vm } from './vm';

export interface CallerEnvironment {
  readonly system: System;
  readonly clock: ClockConversion;
  readonly vms: readonly Vm[];
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
}

export function callerOf(
  vm: Vm,
  { system, clock, vms, cyclesOf, trace }: CallerEnvironment,
): HypercallContext {
  return {
    caller: vm,
    hart: vm.hart,
    memory: vm.memory,
    console: vm.console,
    periodic: vm.periodic,
    get ports() {
      return vm.ports;
    },
    vms,
    hasAuthorityOver: (number) => vm.definition.authorityOver.includes(vms[number]?.name ?? ''),
    costs: system.costs,
    clock,
    cycles: () => cyclesOf(vm),
    nanoseconds: () => vm.now,
    setTimer: (tick) => {
      vm.hart.setLine('stip', false);
      vm.timerAt = clock.ticksToCycles(tick);
    },
    armWatchdog: (cycles) => vm.board.watchdog.arm(cycles),
    setErrorHandler: (handler) => {
      vm.errorHandler = handler;
    },
    trace,
  };
}
