import type { MmioSlotState } from '../devices/virtio/mmio-slot';
import type { WatchdogState } from '../devices/watchdog/watchdog';
import type { PeriodicState } from '../vm/periodic-job';
import type { Vm } from '../vm/vm';

/** What a guest that stands still leaves where it was: its watchdog and a period that it has set itself would run on, and its devices are another's. */
export interface Paused {
  readonly watchdog: WatchdogState;
  readonly periodic: PeriodicState;
  /** What it has agreed with its virtio devices; nothing of what they hold. */
  readonly virtio: readonly MmioSlotState[];
}

/** The guest stands still from now on: it does not have to feed its watchdog, and misses nothing. */
export function pause({ board, periodic }: Vm): Paused {
  const paused = {
    watchdog: board.watchdog.save(),
    periodic: periodic.save(),
    virtio: board.virtio.save(),
  };
  board.watchdog.reset();
  if (!periodic.isDeclared) periodic.stop();
  return paused;
}

/**
 * It goes on in this VM. A period that it has set itself begins anew; a declared one is the VM's, and has gone on. Devices
 * with which it has agreed on nothing are as after a reset. What is on disks stays, whoever has written it.
 */
export function resume({ board, periodic, virtio }: Vm, paused: Paused): void {
  board.watchdog.restore(paused.watchdog);
  if (!periodic.isDeclared) periodic.startLike(paused.periodic);
  const disks = virtio.disks.map((disk) => disk.save());
  board.virtio.restore(paused.virtio);
  virtio.disks.forEach((disk, number) => disk.restore(disks[number]!));
}
