/** Whether a VM is at a quiescent point: nothing that it has begun is half done, nor what its disks, cards and flash do for it. */
import type { Quiescence } from '../../platform/update/update-definition';
import type { WaitReason } from '../vm/state';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';

/** What a hart waits for that has done all it had to do. Sleep is none: what is slept in may be in the middle of anything. */
const IDLE: readonly WaitReason['for'][] = ['message', 'signal', 'activity', 'release', 'health'];

/** When a guest says so itself, its other harts must be idle all the same. */
export function isQuiescent(vm: Vm, quiescence: Quiescence): boolean {
  const { flash, virtio } = vm.board;
  const isAtWork = Math.min(flash.nextEventAt(), virtio.nextEventAt()) < Infinity;
  if (vm.life.is !== 'running' || isAtWork) return false;
  const awaited = quiescence === 'when-idle' ? IDLE : [...IDLE, 'rollback' as const];
  if (!vm.vcpus.every((vcpu) => vcpu.state.is === 'stopped' || waitsFor(vcpu, awaited))) return false;
  if (quiescence === 'when-offered' && !vm.vcpus.some((vcpu) => waitsFor(vcpu, ['rollback']))) return false;
  return !vm.ports.some((port) => {
    if (port.kind === 'shared') return port.holder === vm.number;
    return port.kind === 'rpc' && port.server === vm.number && port.save().taken.length > 0;
  });
}

const waitsFor = ({ state, hasOpenCall }: Vcpu, reasons: readonly WaitReason['for'][]): boolean =>
  state.is === 'waiting' && hasOpenCall && reasons.includes(state.wait.for);
