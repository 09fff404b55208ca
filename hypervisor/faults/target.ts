/** What a fault is about, of a machine's parts. Each throws a `RangeError` for what the system does not have. */
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import type { Fault } from './fault';

/** Where a fault acts: a VM, one of its harts, and those harts that a fault of the whole VM is about. */
export interface Target {
  readonly vm: Vm;
  readonly vcpu: Vcpu;
  readonly vcpus: readonly Vcpu[];
}

export const hartOf = ({ hart = 0 }: Fault): number => hart;

export function vmOf(fault: Fault, vms: readonly Vm[]): Vm {
  const vm = vms.find(({ name }) => 'vm' in fault && name === fault.vm);
  if (vm === undefined)
    throw new RangeError(
      `the fault names VM ${'vm' in fault ? fault.vm : ''}, which the system does not have`,
    );
  return vm;
}

export function targetOf(fault: Fault, vms: readonly Vm[]): Target {
  const vm = vmOf(fault, vms);
  const vcpu = vm.vcpus[hartOf(fault)];
  if (vcpu === undefined)
    throw new RangeError(`the fault names hart ${fault.hart}, which VM ${vm.name} does not have`);
  return { vm, vcpu, vcpus: fault.hart === undefined ? vm.vcpus : [vcpu] };
}
