/** Slots with devices, RAM and a clock around them: what register-level specs drive. */
import { Console } from '../../../../hypervisor/devices/console';
import { Media } from '../../../../hypervisor/devices/media/media';
import { bytesSource } from '../../../../hypervisor/devices/media/media-source';
import { BlockDevice } from '../../../../hypervisor/devices/virtio/block';
import { ConsoleDevice } from '../../../../hypervisor/devices/virtio/console';
import { EntropyDevice } from '../../../../hypervisor/devices/virtio/entropy';
import { VirtioSlots } from '../../../../hypervisor/devices/virtio/slots';
import type { MakeVirtioDevice } from '../../../../hypervisor/devices/virtio/virtio-device';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { Random } from '../../../../platform/random';
import { FakeVm } from '../fake-vm';
import { Driver } from './driver';
import { FakeRam } from './fake-ram';

export interface VirtioBench {
  readonly vm: FakeVm;
  readonly ram: FakeRam;
  readonly slots: VirtioSlots;
  driver(slot?: number): Driver;
  /** Lets so many cycles pass, event by event. */
  pass(cycles: number): void;
}

export function benchWith(...devices: readonly MakeVirtioDevice[]): VirtioBench {
  const vm = new FakeVm();
  const ram = new FakeRam();
  const slots = new VirtioSlots({
    context: vm,
    dma: ram,
    devices,
    setInterrupt: (slot, level) => vm.setSource(slot, level),
  });
  return {
    vm,
    ram,
    slots,
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
    return new BlockDevice(port, { media, readOnly, serial, costs });
  };

export const entropy =
  (seed = 1): MakeVirtioDevice =>
  (port) =>
    new EntropyDevice(port, { seed: new Random(seed).save(), costs: DEFAULT_COSTS });

export const lines = (): { readonly console: Console; readonly written: readonly string[] } => {
  const written: string[] = [];
  return { console: new Console({ capacity: 1024, onLine: (text) => written.push(text) }), written };
};

export const consoleOf =
  (console: Console): MakeVirtioDevice =>
  (port) =>
    new ConsoleDevice(port, { console, costs: DEFAULT_COSTS });
