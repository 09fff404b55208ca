/** What a VM has used, and what became of it. */
import type { AccountState, Machine } from '../../hypervisor';

/** All since the machine started; nothing of it goes back when the VM restarts or a snapshot of it is restored. */
export interface VmAccount extends AccountState {
  /** Virtual nanoseconds of core time. */
  readonly cpuTime: number;
  /** Bytes of RAM that it has now, and that it may be given. */
  readonly ram: number;
  readonly ramLimit: number;
  /** Virtual nanoseconds of core time in a period; undefined where it is not limited. */
  readonly budget: number | undefined;
}

export function accountOf(machine: Machine, name: string): VmAccount {
  const vm = machine.vm(name);
  return {
    cpuTime: machine.clock.cyclesToNanoseconds(vm.cyclesUsed),
    ram: vm.ram.ramSize,
    ramLimit: vm.ram.ramCapacity,
    budget: vm.definition.budget,
    ...vm.account.save(),
  };
}
