import { BootRom } from '../../../hypervisor/devices/boot-rom/boot-rom';
import { Clint } from '../../../hypervisor/devices/clint/clint';
import { Console } from '../../../hypervisor/devices/console';
import { FlashContents } from '../../../hypervisor/devices/flash/contents';
import { Flash } from '../../../hypervisor/devices/flash/flash';
import { GoldfishRtc } from '../../../hypervisor/devices/goldfish-rtc/goldfish-rtc';
import { HypercallDoorbell } from '../../../hypervisor/devices/hypercall-doorbell/hypercall-doorbell';
import { Plic } from '../../../hypervisor/devices/plic/plic';
import { TestFinisher } from '../../../hypervisor/devices/test-finisher/test-finisher';
import { Uart16550 } from '../../../hypervisor/devices/uart16550/uart16550';
import { Watchdog } from '../../../hypervisor/devices/watchdog/watchdog';
import type { Device } from '../../../hypervisor/devices/device';
import { DEVICES } from '../../../platform/devices';
import { deviceLaws, type Bench } from '../laws/device-laws';
import { FakeVm } from './fake-vm';
import { slotsOfAllKinds } from './virtio/bench';

const alone = (build: (vm: FakeVm) => Device) => (): Bench => {
  const vm = new FakeVm();
  return { vm, device: build(vm) };
};

const uartWithConsole = (): Bench => {
  const vm = new FakeVm();
  const console = new Console({ capacity: 64, onLine: () => {} });
  const device = new Uart16550(vm, { console, setInterrupt: (level) => vm.setInterrupt(level) });
  const stimulate = (value: number): void => {
    console.provide(new Uint8Array(value & 0x1f).fill(value >>> 8));
  };
  return { vm, device, surroundings: console, stimulate };
};

const plic = (): Bench => {
  const vm = new FakeVm(undefined, 2);
  const device = new Plic(vm);
  const stimulate = (value: number): void => device.setSource(1 + (value % 95), value > 0x7fff);
  return { vm, device, stimulate };
};

const flash = (): Bench => {
  const vm = new FakeVm();
  const contents = new FlashContents();
  const device = new Flash(vm, { contents, times: { program: 0, erase: 0 }, seed: 1 });
  return { vm, device, surroundings: contents };
};

/** One entry for each device of the platform. */
const BENCHES: Readonly<Record<string, () => Bench>> = {
  uart16550: uartWithConsole,
  'virtio-mmio': slotsOfAllKinds,
  clint: alone((vm) => new Clint(vm)),
  plic,
  'boot-rom': alone(() => new BootRom(Uint8Array.of(1, 2, 3, 4, 5))),
  'cfi-flash': flash,
  'goldfish-rtc': alone(
    (vm) => new GoldfishRtc(vm, { epoch: 1e9, setInterrupt: (level) => vm.setInterrupt(level) }),
  ),
  'test-finisher': alone((vm) => new TestFinisher(vm)),
  watchdog: alone((vm) => new Watchdog(vm)),
  'hypercall-doorbell': alone((vm) => new HypercallDoorbell(vm)),
};

describe.each(DEVICES.map(({ layout }) => layout))('$name', ({ name, registers }) => {
  const offsets = Object.values(registers).flatMap(({ offset, size }) =>
    size === 8 ? [offset, offset + 4] : [offset],
  );
  deviceLaws(BENCHES[name]!, offsets);
});
