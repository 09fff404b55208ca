/** One VM at one moment, to be put back later, or into another machine of the same system. */
import type { SystemVm } from '../../platform/system';
import type { StartReason } from '../trace/events';
import type { Checkpoint, VmSnapshot } from './contract';
import type { GuestImage } from './guest-image';
import type { VmLife } from './state';
import type { Vm } from './vm';

/**
 * What is a VM's own: memory, harts, devices with their disks and flash, and its life. Messages in channels and what its
 * consoles show are not: they have left it. Plain data but for the image.
 */
export interface GuestCapture {
  readonly vm: string;
  /** Cycles since the machine started. */
  readonly takenAt: number;
  readonly life: VmLife;
  readonly current: number;
  readonly budgetLeft: number;
  readonly guest: Checkpoint;
  readonly image: GuestImage;
  readonly definition: SystemVm;
  readonly ramSize: number;
  /** Shared channels whose lock it held, by number. */
  readonly locks: readonly number[];
  /** What a VM takes along into another machine, and a snapshot leaves as it is by then. */
  readonly history: VmHistory;
}

/** What became of a VM, and what its consoles show and hold. */
export type VmHistory = Pick<
  VmSnapshot,
  | 'generation'
  | 'restarts'
  | 'restartCount'
  | 'lastFault'
  | 'cyclesUsed'
  | 'console'
  | 'virtio'
  | 'checkpoint'
  | 'account'
>;

const historyOf = ({ generation, restarts, restartCount, ...rest }: VmSnapshot): VmHistory => {
  const { lastFault, cyclesUsed, console, virtio, checkpoint, account } = rest;
  return { generation, restarts, restartCount, lastFault, cyclesUsed, console, virtio, checkpoint, account };
};

export function captureGuest(vm: Vm, takenAt: number): GuestCapture {
  const locks = vm.ports.filter((port) => port.kind === 'shared' && port.holder === vm.number);
  return {
    vm: vm.name,
    takenAt,
    life: vm.life,
    current: vm.current.index,
    budgetLeft: vm.budgetLeft,
    guest: vm.capture(),
    image: vm.image,
    definition: vm.definition,
    ramSize: vm.ram.ramSize,
    locks: locks.map(({ number }) => number),
    history: historyOf(vm.save()),
  };
}

/**
 * Puts a VM back, as a new generation. The guest finds the time that it is by now: what was due in the meantime is due at
 * once. A snapshot's period begins anew; one that comes from another machine keeps its releases.
 */
export function restoreGuest(vm: Vm, capture: GuestCapture, reason: StartReason): void {
  vm.stop({ is: 'created' });
  vm.become(capture);
  vm.returnTo(capture.guest);
  vm.life = capture.life;
  vm.current = vm.vcpus[capture.current]!;
  vm.startReason = reason;
  if (reason === 'migration') {
    vm.takeOver(capture.history);
    vm.periodic.restore(capture.guest.periodic);
    vm.budgetLeft = capture.budgetLeft;
  } else {
    vm.periodic.startLike(capture.guest.periodic);
    if (!vm.isAlive) vm.periodic.stop();
  }
  vm.generation++;
  for (const number of capture.locks) {
    const lock = vm.ports.find((port) => port.number === number);
    if (lock?.kind === 'shared') lock.tryLock(vm.number);
  }
  // Whether what it waits for has come true, it looks itself.
  if (vm.mayWake) for (const vcpu of vm.vcpus) vcpu.isWoken = vcpu.state.is === 'waiting';
}

/** The locks that it would need and another VM holds, by number. */
export const locksTaken = (vm: Vm, { locks }: GuestCapture): readonly number[] =>
  locks.filter((number) => {
    const lock = vm.ports.find((port) => port.number === number);
    return lock?.kind !== 'shared' || (lock.holder !== null && lock.holder !== vm.number);
  });
