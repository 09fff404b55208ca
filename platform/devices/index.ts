/** Every device of the platform: its registers, where it answers, and what its devicetree node calls it. */
import { MEMORY_MAP, type RegionName } from '../memory-map';
import { BOOT_ROM } from './boot-rom';
import { CFI_FLASH } from './cfi-flash';
import { CLINT } from './clint';
import { GOLDFISH_RTC } from './goldfish-rtc';
import { HYPERCALL_DOORBELL } from './hypercall-doorbell';
import { PLIC } from './plic';
import type { DeviceLayout } from './register';
import { TEST_FINISHER } from './test-finisher';
import { UART16550 } from './uart16550';
import { VIRTIO_MMIO } from './virtio-mmio';
import { WATCHDOG } from './watchdog';

export interface PlacedDevice {
  readonly layout: DeviceLayout;
  readonly region: RegionName;
  /** `compatible` strings, most specific first; none: the devicetree does not show it. */
  readonly compatible: readonly string[];
}

export const DEVICES: readonly PlacedDevice[] = [
  { layout: BOOT_ROM, region: 'bootRom', compatible: [] },
  { layout: TEST_FINISHER, region: 'testFinisher', compatible: ['sifive,test1', 'sifive,test0', 'syscon'] },
  { layout: GOLDFISH_RTC, region: 'realTimeClock', compatible: ['google,goldfish-rtc'] },
  { layout: CLINT, region: 'clint', compatible: ['sifive,clint0', 'riscv,clint0'] },
  { layout: HYPERCALL_DOORBELL, region: 'hypercallDoorbell', compatible: ['testvisor,hypercall-doorbell'] },
  { layout: WATCHDOG, region: 'watchdog', compatible: ['testvisor,watchdog'] },
  { layout: PLIC, region: 'plic', compatible: ['sifive,plic-1.0.0', 'riscv,plic0'] },
  { layout: UART16550, region: 'uart', compatible: ['ns16550a'] },
  { layout: VIRTIO_MMIO, region: 'virtio', compatible: ['virtio,mmio'] },
  { layout: CFI_FLASH, region: 'flash', compatible: ['cfi-flash'] },
];

for (const { layout, region } of DEVICES)
  if (layout.size > MEMORY_MAP[region].size)
    throw new Error(`The registers of ${layout.name} do not fit the region ${region}.`);
