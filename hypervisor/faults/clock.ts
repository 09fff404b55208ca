/** Faults of a VM's time. */
import type { Vm } from '../vm/vm';

/** From a cycle on it runs faster by so many parts of a million. */
export function drift(vm: Vm, cycles: number, ppm: number): void {
  vm.timebase.driftFrom(cycles, ppm);
  settleTimers(vm);
}

/** It jumps by so many ticks. */
export function jump(vm: Vm, cycles: number, ticks: number): void {
  vm.timebase.jumpAt(cycles, ticks);
  settleTimers(vm);
}

/** Timers are due at other moments than before. */
function settleTimers(vm: Vm): void {
  vm.board.clint.advance();
  for (const vcpu of vm.vcpus) vcpu.timebaseChanged();
}
