/** What a machine keeps without power: contents of disks and flash, rollback counters, updates. Nothing of what runs. */
import type { MediaState } from '../devices/media/media';
import type { RollbackCounters, SecureBoot } from '../secure-boot/secure-boot';
import { slotsOf, type UpdatesStorage } from '../update/boot-slots';
import { readRecord } from '../update/slots';
import type { Updates } from '../update/updates';
import { flashSegments } from '../vm/load-guest';
import type { Vm } from '../vm/vm';

export interface MachineStorage {
  /** Image slots and boot records of VMs that can be updated, by VM name. */
  readonly updates: UpdatesStorage;
  /** By VM name. */
  readonly vms: Readonly<Record<string, VmStorage>>;
  readonly counters: RollbackCounters;
}

export interface VmStorage {
  readonly disks: readonly MediaState[];
  /** Bytes ever written to each disk, and last to the flash. */
  readonly written: readonly number[];
  readonly flash: MediaState;
}

/** What is there now: an operation of the flash that is under way is torn, as a loss of power tears it. */
export function storageOf(vms: readonly Vm[], secureBoot: SecureBoot, updates: Updates): MachineStorage {
  for (const vm of vms) vm.board.reset();
  return {
    vms: Object.fromEntries(
      vms.map((vm) => [
        vm.name,
        {
          disks: vm.virtio.disks.map((disk) => disk.save()),
          written: vm.virtio.quotas.map(({ written }) => written),
          flash: vm.board.flash.contents.save(),
        },
      ]),
    ),
    counters: secureBoot.save(),
    updates: updates.storage(),
  };
}

/** Gives machines that have not started yet what another one of their system kept. */
export function restoreStorage(vms: readonly Vm[], storage: MachineStorage): void {
  for (const vm of vms) {
    const kept = storage.vms[vm.name];
    if (kept === undefined) continue;
    vm.virtio.disks.forEach((disk, number) => disk.restore(kept.disks[number]!));
    vm.virtio.quotas.forEach((quota, number) => {
      quota.written = kept.written[number] ?? 0;
    });
    vm.board.flash.contents.restore(kept.flash);
    // Another image may be booted than the one that ran when the power went.
    if (readRecord(slotsOf(storage, vm.name)).sequence > 0) flashSegments(vm.image, vm.board.flash.contents);
  }
}
