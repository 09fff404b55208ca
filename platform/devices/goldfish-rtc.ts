import type { DeviceLayout } from './register';

/** Real-time clock of the Goldfish virtual platform (Android emulator, goldfish-virtual-hardware.txt), as on QEMU's `virt`. */
export const GOLDFISH_RTC = {
  name: 'goldfish-rtc',
  doc: 'Nanoseconds since 1970-01-01 UTC: the system’s epoch plus virtual time; one alarm.',
  size: 0x1000,
  registers: {
    timeLow: {
      offset: 0x00,
      size: 4,
      access: 'read-write',
      doc: 'Low half of the time; a load keeps the high half of the same moment for timeHigh. A store sets it, with the high half stored before.',
    },
    timeHigh: {
      offset: 0x04,
      size: 4,
      access: 'read-write',
      doc: 'High half of the time last loaded; a store waits for that to timeLow.',
    },
    alarmLow: {
      offset: 0x08,
      size: 4,
      access: 'read-write',
      doc: 'Low half of the alarm’s time. A store sets the alarm, with the high half stored before.',
    },
    alarmHigh: { offset: 0x0c, size: 4, access: 'read-write', doc: 'High half of the alarm’s time.' },
    interruptEnable: {
      offset: 0x10,
      size: 4,
      access: 'read-write',
      doc: 'Whether a pending alarm interrupts.',
      bits: { enabled: 0x01 },
    },
    clearAlarm: { offset: 0x14, size: 4, access: 'write', doc: 'Any store calls the alarm off.' },
    alarmStatus: {
      offset: 0x18,
      size: 4,
      access: 'read',
      doc: 'Whether an alarm is set and not due yet.',
      bits: { running: 0x01 },
    },
    clearInterrupt: { offset: 0x1c, size: 4, access: 'write', doc: 'Any store clears a pending alarm.' },
  },
} as const satisfies DeviceLayout;
