/** The devicetree a guest is handed: the shape of QEMU's `virt` board, with the platform's own devices. */
import { chosen } from './devicetree/chosen';
import { cpus } from './devicetree/cpus';
import { flattenDevicetree, type DevicetreeNode } from './devicetree/flattened';
import { deviceNode, HANDLES, ranges, unit } from './devicetree/nodes';
import { soc } from './devicetree/soc';
import type { DevicetreeSource } from './devicetree/source';
import { FLASH_BANK_SIZE, FLASH_BANKS, FLASH_CHIP_WIDTH, FLASH_CHIPS } from './devices/cfi-flash';
import { TEST_FINISHER_VALUES } from './devices/test-finisher';
import { MEMORY_MAP } from './memory-map';

export type { DevicetreeSource, SharedRegionView } from './devicetree/source';

/** What the operating systems' generic system-controller drivers store, and where, to end or reboot. */
const syscon = (compatible: string, value: number): DevicetreeNode => ({
  properties: { compatible, regmap: [HANDLES.testFinisher], offset: [0], value: [value] },
});

/** Each bank is a flash of its own to drivers. */
function flash(): readonly [string, DevicetreeNode] {
  const banks = Array.from({ length: FLASH_BANKS }, (_, bank) => ({
    base: MEMORY_MAP.flash.base + bank * FLASH_BANK_SIZE,
    size: FLASH_BANK_SIZE,
  }));
  return deviceNode('flash', 'flash', {
    reg: ranges(...banks),
    'bank-width': [FLASH_CHIPS * FLASH_CHIP_WIDTH],
  });
}

/** The flattened devicetree of one VM. The same source gives the same bytes. */
export function devicetreeBlob(source: DevicetreeSource): Uint8Array {
  const ram = { base: MEMORY_MAP.ram.base, size: source.ram };
  return flattenDevicetree({
    properties: {
      '#address-cells': [2],
      '#size-cells': [2],
      compatible: ['testvisor,virt', 'riscv-virtio'],
      model: 'testvisor,virt',
    },
    children: {
      chosen: chosen(source),
      [unit('memory', ram.base)]: { properties: { device_type: 'memory', reg: ranges(ram) } },
      cpus: cpus(source),
      ...Object.fromEntries([flash()]),
      soc: soc(source),
      poweroff: syscon('syscon-poweroff', TEST_FINISHER_VALUES.powerOff),
      reboot: syscon('syscon-reboot', TEST_FINISHER_VALUES.reboot),
    },
  });
}
