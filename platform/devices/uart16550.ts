import type { DeviceLayout } from './register';

/** 16550A UART (National Semiconductor PC16550D data sheet), registers one byte apart, as on QEMU's `virt`. */
export const UART16550 = {
  name: 'uart16550',
  doc: '16550A UART: the VM’s console.',
  size: 8,
  registers: {
    receiveBuffer: {
      offset: 0,
      size: 1,
      access: 'read',
      doc: 'RBR: takes the oldest received byte. With DLAB set this is the divisor’s low byte.',
    },
    transmitHolding: {
      offset: 0,
      size: 1,
      access: 'write',
      doc: 'THR: sends a byte. With DLAB set this is the divisor’s low byte.',
    },
    interruptEnable: {
      offset: 1,
      size: 1,
      access: 'read-write',
      doc: 'IER. With DLAB set this is the divisor’s high byte.',
      bits: { receivedData: 0x01, transmitterEmpty: 0x02, lineStatus: 0x04, modemStatus: 0x08 },
    },
    interruptIdentification: {
      offset: 2,
      size: 1,
      access: 'read',
      doc: 'IIR: the pending interrupt of the highest priority; reading it acknowledges transmitterEmpty.',
      bits: { none: 0x01, id: 0x0f, fifosEnabled: 0xc0 },
    },
    fifoControl: {
      offset: 2,
      size: 1,
      access: 'write',
      doc: 'FCR. Bits 6–7 select the receive trigger level: 1, 4, 8 or 14 bytes.',
      bits: { enable: 0x01, clearReceive: 0x02, clearTransmit: 0x04, dmaMode: 0x08, trigger: 0xc0 },
    },
    lineControl: {
      offset: 3,
      size: 1,
      access: 'read-write',
      doc: 'LCR: format of a character, and divisor latch access (DLAB).',
      bits: {
        wordLength: 0x03,
        twoStopBits: 0x04,
        parityEnable: 0x08,
        breakControl: 0x40,
        divisorLatchAccess: 0x80,
      },
    },
    modemControl: {
      offset: 4,
      size: 1,
      access: 'read-write',
      doc: 'MCR: output lines, and loopback.',
      bits: { dtr: 0x01, rts: 0x02, out1: 0x04, out2: 0x08, loopback: 0x10 },
    },
    lineStatus: {
      offset: 5,
      size: 1,
      access: 'read',
      doc: 'LSR; reading it clears overrun and break.',
      bits: {
        dataReady: 0x01,
        overrun: 0x02,
        parityError: 0x04,
        framingError: 0x08,
        break: 0x10,
        transmitHoldingEmpty: 0x20,
        transmitterEmpty: 0x40,
      },
    },
    modemStatus: {
      offset: 6,
      size: 1,
      access: 'read',
      doc: 'MSR; reading it clears the deltas.',
      bits: { deltas: 0x0f, cts: 0x10, dsr: 0x20, ri: 0x40, dcd: 0x80 },
    },
    scratch: { offset: 7, size: 1, access: 'read-write', doc: 'SCR: holds a byte, nothing more.' },
  },
} as const satisfies DeviceLayout;

/** What the IIR’s low four bits name, by descending priority. */
export const UART16550_INTERRUPTS = {
  lineStatus: 0x06,
  characterTimeout: 0x0c,
  receivedData: 0x04,
  transmitterEmpty: 0x02,
  modemStatus: 0x00,
  none: 0x01,
} as const;

/** Bytes that each FIFO holds. */
export const UART16550_FIFO_SIZE = 16;
/** Receive trigger levels by FCR bits 6–7. */
export const UART16550_TRIGGER_LEVELS = [1, 4, 8, 14] as const;
/** The UART's input clock in Hz; a bit takes 16 × divisor of its cycles. */
export const UART16550_CLOCK = 3_686_400;
