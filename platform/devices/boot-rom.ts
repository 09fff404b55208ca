import type { DeviceLayout } from './register';

/** The boot ROM, as on QEMU's `virt`; what it holds is made in platform/boot-rom.ts. A supervisor guest, which never ran it, has none. */
export const BOOT_ROM = {
  name: 'boot-rom',
  doc: 'The reset vector: it loads a0 with the hart’s number, a1 with the address of the devicetree, a2 with that of `firmwareInfo`, and jumps to the firmware by t0. Harts start as if it had run. Under the `machine` profile.',
  size: 0xf000,
  registers: {
    resetVector: { offset: 0x00, size: 4, access: 'read', doc: 'Its first instruction.' },
    entry: { offset: 0x18, size: 8, access: 'read', doc: 'Where it jumps to.' },
    devicetree: { offset: 0x20, size: 8, access: 'read', doc: 'Where the devicetree is.' },
    firmwareInfo: {
      offset: 0x28,
      size: 8,
      access: 'read',
      doc: 'What a dynamic firmware is told of its next stage: OpenSBI’s `struct fw_dynamic_info`.',
    },
  },
} as const satisfies DeviceLayout;
