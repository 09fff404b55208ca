import type { DeviceLayout } from './register';

/** SiFive's test finisher, as on QEMU's `virt`: ends or resets the VM. */
export const TEST_FINISHER = {
  name: 'test-finisher',
  doc: 'Powers the VM off, reports failure, or reboots it.',
  size: 0x1000,
  registers: {
    finish: {
      offset: 0,
      size: 4,
      access: 'read-write',
      doc: 'The low half is one of TEST_FINISHER_VALUES, the high half the code of a failure. Reads as zero.',
    },
  },
} as const satisfies DeviceLayout;

export const TEST_FINISHER_VALUES = { powerOff: 0x5555, fail: 0x3333, reboot: 0x7777 } as const;
