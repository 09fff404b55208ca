import type { DeviceLayout } from './register';

/**
 * Core-local interruptor (SiFive CLINT; RISC-V ACLINT specification 1.0). 8-byte registers take 4-byte accesses to
 * either half. Registers of harts that the VM does not have are not there.
 */
export const CLINT = {
  name: 'clint',
  doc: 'Machine-mode software and timer interrupts.',
  size: 0x1_0000,
  registers: {
    msip: {
      offset: 0,
      size: 4,
      access: 'read-write',
      stride: 4,
      doc: 'One for each hart: bit 0 drives the hart’s machine software interrupt.',
      bits: { pending: 0x01 },
    },
    mtimecmp: {
      offset: 0x4000,
      size: 8,
      access: 'read-write',
      stride: 8,
      doc: 'One for each hart: the machine timer interrupt is pending while mtime ≥ mtimecmp.',
    },
    mtime: { offset: 0xbff8, size: 8, access: 'read-write', doc: 'Counts the 10 MHz timebase.' },
  },
} as const satisfies DeviceLayout;
