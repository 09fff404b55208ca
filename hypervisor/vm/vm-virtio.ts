/** A VM's virtio devices as its system declares them, and what of them a test sees: disks and a second console. */
import { Random } from '../../platform/random';
import type { System, SystemVm } from '../../platform/system';
import { type SlotContent, virtioSlots } from '../../platform/virtio/slots';
import { HypervisorBug } from '../bug';
import type { Console, ConsoleState } from '../devices/console';
import { Media } from '../devices/media/media';
import type { MediaSource } from '../devices/media/media-source';
import { BlockDevice } from '../devices/virtio/block';
import { ConsoleDevice } from '../devices/virtio/console';
import { DiskFaults, type DiskFaultsState } from '../devices/virtio/disk-faults';
import { WriteQuota } from '../devices/media/write-quota';
import { EntropyDevice } from '../devices/virtio/entropy';
import { NetDevice } from '../devices/virtio/net';
import type { MakeVirtioDevice } from '../devices/virtio/virtio-device';
import type { NetworkPort } from '../network/port';

/** Numbers drawn from the machine's seed for each VM: a generator's state. */
const WORDS_OF_A_SEED = 4;

export interface VmVirtioOptions {
  readonly system: Pick<System, 'costs'>;
  readonly definition: SystemVm;
  /** The VM's number, and the machine's seed. */
  readonly number: number;
  readonly seed: number;
  /** What its disks hold at first, one for each. */
  readonly disks: readonly MediaSource[];
  /** Where its network cards are plugged in, one for each. */
  readonly nics: readonly NetworkPort[];
  /** Whether a guest is alive in the VM. */
  readonly isAlive: () => boolean;
  /** The other end of the virtio console. */
  readonly console: Console;
  /** Virtual nanoseconds, for records. */
  readonly now: () => number;
  /** A fault has made a request to a disk fail. */
  readonly onDiskFault: (fault: number, description: string) => void;
  /** A request would have written more to a disk than its quota, or an operation to the flash. */
  readonly onQuotaExceeded: (medium: string) => void;
}

/** What outlasts restarts of the VM besides the contents of its disks. */
export interface VmVirtioState {
  readonly console: ConsoleState;
  readonly diskFaults: readonly DiskFaultsState[];
  /** Bytes written to each disk, and to the flash. */
  readonly written: readonly number[];
}

export class VmVirtio {
  /** The other end of the virtio console; silent where the VM has none. */
  readonly console: Console;
  readonly disks: readonly Media[];
  /** Faults of each disk. */
  readonly diskFaults: readonly DiskFaults[];
  /** What may still be written to each disk, and last to the flash. */
  readonly quotas: readonly WriteQuota[];
  /** What sits in slot 0, 1 and so on. */
  readonly devices: readonly MakeVirtioDevice[];
  /** Of its source of entropy, which saves it. */
  readonly random = new Random(0);

  constructor(options: VmVirtioOptions) {
    const { system, definition, number, seed, disks, nics, isAlive, console, now, onDiskFault } = options;
    const { costs } = system;
    this.console = console;
    this.disks = definition.disks.map(({ size }, disk) => {
      const source = disks[disk];
      if (source === undefined) throw new HypervisorBug(`disk ${disk} of ${definition.name} has no contents`);
      return new Media(source, size ?? source.size);
    });
    this.diskFaults = this.disks.map((_, disk) => {
      const onFailure = (fault: number, request: string): void =>
        onDiskFault(fault, `disk ${disk}: ${request}`);
      return new DiskFaults({ now, onFailure });
    });
    this.quotas = [...definition.disks, definition.flash].map(
      ({ writeQuota }, disk, { length }) =>
        new WriteQuota(writeQuota, () =>
          options.onQuotaExceeded(disk === length - 1 ? 'flash' : `disk ${disk}`),
        ),
    );
    this.random.restore(seedOf(seed, number));
    const make = (content: SlotContent): MakeVirtioDevice => {
      switch (content.kind) {
        case 'block': {
          const { readOnly, serial } = definition.disks[content.disk]!;
          const media = this.disks[content.disk]!;
          const faults = this.diskFaults[content.disk]!;
          const quota = this.quotas[content.disk]!;
          return (port) => new BlockDevice(port, { media, faults, quota, readOnly, serial, costs });
        }
        case 'net':
          return (port) => new NetDevice(port, nics[content.nic]!, isAlive);
        case 'console':
          return (port) => new ConsoleDevice(port, { console, costs });
        case 'entropy':
          return (port) => new EntropyDevice(port, { random: this.random, costs });
      }
    };
    this.devices = virtioSlots(definition).map(make);
  }

  /** Disks hold what they held at first. */
  deliverDisks(): void {
    for (const disk of this.disks) disk.restore({ blocks: [], contents: [] });
  }

  save(): VmVirtioState {
    return {
      console: this.console.save(),
      diskFaults: this.diskFaults.map((faults) => faults.save()),
      written: this.quotas.map(({ written }) => written),
    };
  }

  restore({ console, diskFaults, written }: VmVirtioState): void {
    this.console.restore(console);
    this.diskFaults.forEach((faults, disk) => faults.restore(diskFaults[disk]!));
    this.quotas.forEach((quota, medium) => {
      quota.written = written[medium]!;
    });
  }
}

/** Differs between the VMs of a machine, and with its seed. */
function seedOf(seed: number, vm: number): ReturnType<Random['save']> {
  const random = new Random(seed);
  for (let skipped = 0; skipped < vm * WORDS_OF_A_SEED; skipped++) random.next();
  return [random.next(), random.next(), random.next(), random.next()];
}
