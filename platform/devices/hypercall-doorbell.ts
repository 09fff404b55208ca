import type { DeviceLayout } from './register';

/** How a guest of the `machine` profile makes hypercalls: its `ecall` is its own. */
export const HYPERCALL_DOORBELL = {
  name: 'hypercall-doorbell',
  doc: 'A store makes a hypercall with the arguments in a0–a7, as an `ecall` from S-mode would.',
  size: 0x1000,
  registers: {
    ring: {
      offset: 0,
      size: 4,
      access: 'read-write',
      doc: 'Any 4-byte store makes the hypercall; a0 and a1 hold the answer at the next instruction. Reads as zero.',
    },
  },
} as const satisfies DeviceLayout;
