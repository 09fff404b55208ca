import type { DeviceLayout } from './register';

/**
 * Platform-level interrupt controller (RISC-V Platform-Level Interrupt Controller Specification 1.0.0), wired as
 * on QEMU's `virt`: context 2·n is hart n's machine mode, context 2·n + 1 its supervisor mode, in both profiles.
 */
export const PLIC = {
  name: 'plic',
  doc: 'Routes the devices’ interrupts to harts. Context 2·n is hart n’s machine mode, 2·n + 1 its supervisor mode. Registers of sources and contexts that do not exist read as zero and ignore stores.',
  size: 0x60_0000,
  registers: {
    priority: {
      offset: 0,
      size: 4,
      access: 'read-write',
      stride: 4,
      doc: 'One for each source: 0 never interrupts, 7 is the most urgent.',
    },
    pending: {
      offset: 0x1000,
      size: 4,
      access: 'read',
      stride: 4,
      doc: 'Pending sources, 32 in a word; source n is bit n mod 32.',
    },
    enable: {
      offset: 0x2000,
      size: 4,
      access: 'read-write',
      stride: 0x80,
      doc: 'One block for each context: the sources that may interrupt it, 32 in a word.',
    },
    threshold: {
      offset: 0x20_0000,
      size: 4,
      access: 'read-write',
      stride: 0x1000,
      doc: 'One for each context: only sources of a higher priority interrupt it.',
    },
    claim: {
      offset: 0x20_0004,
      size: 4,
      access: 'read-write',
      stride: 0x1000,
      doc: 'One for each context. A load takes the most urgent pending source, 0 when there is none; storing its number completes it.',
    },
  },
} as const satisfies DeviceLayout;

/** Sources are numbered from 1 to this. */
export const PLIC_LAST_SOURCE = 95;
/** The most urgent priority; the registers hold three bits. */
export const PLIC_LARGEST_PRIORITY = 7;
/** The context of a hart's mode. */
export const plicContext = (hart: number, mode: 'machine' | 'supervisor'): number =>
  2 * hart + (mode === 'machine' ? 0 : 1);
