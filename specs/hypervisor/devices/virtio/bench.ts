/** Slots with devices, RAM and a clock around them: what register-level specs drive. */
import { Console, type ConsoleState } from '../../../../hypervisor/devices/console';
import { Media } from '../../../../hypervisor/devices/media/media';
import { bytesSource } from '../../../../hypervisor/devices/media/media-source';
import { BlockDevice } from '../../../../hypervisor/devices/virtio/block';
import { ConsoleDevice } from '../../../../hypervisor/devices/virtio/console';
import { WriteQuota } from '../../../../hypervisor/devices/media/write-quota';
import { EntropyDevice } from '../../../../hypervisor/devices/virtio/entropy';
import { VirtioSlots } from '../../../../hypervisor/devices/virtio/slots';
import type { MakeVirtioDevice } from '../../../../hypervisor/devices/virtio/virtio-device';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { Random } from '../../../../platform/random';
import { FakeVm } from '../fake-vm';
import type { Bench } from '../../laws/device-laws';
import { Driver, Queue } from './driver';
import { FakeRam } from './fake-ram';

export interface VirtioBench {
  readonly vm: FakeVm;
  readonly ram: FakeRam;
  readonly slots: VirtioSlots;
  /** What the VM was told of drivers that broke the rules. */
  readonly violations: readonly string[];
  driver(slot?: number): Driver;
  /** Lets so many cycles pass, event by event. */
  pass(cycles: number): void;
}

export const benchWith = (...devices: readonly MakeVirtioDevice[]): VirtioBench =>
  benchIn(new FakeRam(), devices);

function benchIn(ram: FakeRam, devices: readonly MakeVirtioDevice[]): VirtioBench {
  const vm = new FakeVm();
  const violations: string[] = [];
  const slots = new VirtioSlots({
    context: vm,
    dma: ram,
    devices,
    setInterrupt: (slot, level) => vm.setSource(slot, level),
    onViolation: (device, violation) => violations.push(`${device}: ${violation}`),
  });
  return {
    vm,
    ram,
    slots,
    violations,
    driver: (slot = 0) => new Driver(slots, ram, slot),
    pass: (cycles) => {
      const end = vm.now + cycles;
      for (let at = slots.nextEventAt(); at <= end; at = slots.nextEventAt()) {
        vm.now = Math.max(vm.now, at);
        slots.advance(vm.now);
      }
      vm.now = end;
      slots.advance(end);
    },
  };
}

/** Contents of which every sector is different. */
export const patterned = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >>> 9) * 13) & 0xff);

export interface DiskOptions {
  readonly contents?: Uint8Array;
  readonly size?: number;
  readonly readOnly?: boolean;
  readonly serial?: string;
  readonly writeQuota?: number;
  readonly costs?: { readonly blockRequest: number; readonly blockPerByte: number };
}

export const disk =
  (options: DiskOptions = {}): MakeVirtioDevice =>
  (port) => {
    const {
      contents = patterned(64 * 512),
      readOnly = false,
      serial = 'disk-0',
      costs = DEFAULT_COSTS,
    } = options;
    const media = new Media(bytesSource(contents), options.size ?? contents.length);
    const quota = new WriteQuota(options.writeQuota, () => {});
    return new BlockDevice(port, {
      media,
      faults: { meet: () => undefined },
      quota,
      readOnly,
      serial,
      costs,
    });
  };

export const entropy =
  (seed = 1, random = new Random(seed)): MakeVirtioDevice =>
  (port) =>
    new EntropyDevice(port, { random, costs: DEFAULT_COSTS });

export const lines = (): { readonly console: Console; readonly written: readonly string[] } => {
  const written: string[] = [];
  return { console: new Console({ capacity: 1024, onLine: (text) => written.push(text) }), written };
};

export const consoleOf =
  (console: Console): MakeVirtioDevice =>
  (port) =>
    new ConsoleDevice(port, { console, costs: DEFAULT_COSTS });

/**
 * A bench for the laws of every device: a slot with each kind of device, all of them in use. Besides typing, what comes
 * from outside is the driver's memory: bytes of the rings change.
 */
export function slotsOfAllKinds(): Bench {
  const { console } = lines();
  // No more RAM than the driver's queues and one buffer take: it is compared after every step.
  const random = new Random(1);
  const bench = benchIn(new FakeRam(0x9000), [disk(), consoleOf(console), entropy(1, random)]);
  return {
    vm: bench.vm,
    device: bench.slots,
    random,
    surroundings: {
      save: () => ({ ram: bench.ram.save(), console: console.save() }),
      restore: (state: { ram: Uint8Array; console: ConsoleState }) => {
        bench.ram.restore(state.ram);
        console.restore(state.console);
      },
    },
    stimulate: (value) => {
      if (value % 4 === 0) console.provide(new Uint8Array(value & 0x1f).fill(value >>> 8));
      else if (value % 4 === 1) {
        const driver = bench.driver((value >>> 2) % 3);
        driver.start((value >>> 2) % 3 === 1 ? 2 : 1);
      } else {
        const queue = new Queue(bench.driver((value >>> 2) % 3), 0, 8);
        queue.describe(
          (value >>> 4) & 7,
          bench.ram.base + 0x8000 + (value & 0xfff),
          value & 0x3ff,
          value & 3,
          (value >>> 5) & 7,
        );
        queue.offer((value >>> 4) & 7);
        queue.notify();
      }
    },
  };
}
