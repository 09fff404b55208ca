import type { DeviceLayout } from './register';

/** The VM's watchdog. The hypercall `partition heartbeat` feeds the same one. */
export const WATCHDOG = {
  name: 'watchdog',
  doc: 'Unless it is fed in time, the VM crashes with the fault `watchdog`.',
  size: 0x1000,
  registers: {
    timeout: {
      offset: 0x00,
      size: 4,
      access: 'read-write',
      doc: 'Microseconds that may pass between two feeds. A store arms and feeds the watchdog; 0 disarms it. At most what the system declares, if it does.',
    },
    feed: {
      offset: 0x04,
      size: 4,
      access: 'write',
      doc: 'Any store feeds an armed watchdog.',
    },
    remaining: {
      offset: 0x08,
      size: 4,
      access: 'read',
      doc: 'Microseconds until the watchdog expires, rounded up; 0 when it is not armed.',
    },
  },
} as const satisfies DeviceLayout;
