/**
 * Every CSR, as a table (privileged architecture, chapter 2, version 1.12). Where the architecture leaves freedom, it
 * is what QEMU's `virt` board does.
 */
import type { CsrFile } from './csr-file';
import { ALL, type CsrRow, type Halves } from './csr-row';
import { COUNTER_ROWS } from './csr-counters';
import { answerStatus, FLOAT_ROWS, writeFloatState } from './csr-float';
import { FIOM, hasTimer, TIMER_ROWS } from './csr-timer';
import { Slot } from './csr-slots';
import { DELEGABLE_EXCEPTIONS, InterruptBit, MACHINE_INTERRUPTS, SUPERVISOR_INTERRUPTS } from './causes';
import { MODE_SHIFT, SCHEMES } from './paging/schemes';
import { PMP_ROWS } from './pmp-csrs';
import {
  MPP_SHIFT,
  MSTATUS,
  SSTATUS,
  STATUS_HIGH_64,
  Status,
  SUPERVISOR_STATUS,
  SUPERVISOR_STATUS_HIGH_64,
  WRITABLE_STATUS,
} from './status';

const low = (mask: number): Halves => [mask, 0];
/** Instruction addresses: bit 0 is always zero, bit 1 may be set since there are compressed instructions. */
const INSTRUCTION_ADDRESS: Halves = [0xfffffffe, 0xffffffff];
const EXTENSIONS = [...'ACDFIMSU'].reduce((bits, letter) => bits | (1 << (letter.charCodeAt(0) - 65)), 0);
/** satp's mode without translation. */
const BARE = 0;

const zero = (number: number, name: string): CsrRow => ({ number, name, slot: Slot.zero });
const stored = (number: number, name: string, slot: number, writable: Halves = ALL): CsrRow => ({
  number,
  name,
  slot,
  writable,
});

/** Trap vectors: modes 2 and 3 are reserved, and a write of them changes nothing. */
const trapVector = (number: number, name: string, slot: number): CsrRow => ({
  number,
  name,
  slot,
  write: ({ words }, lowHalf, highHalf) => {
    if ((lowHalf & 2) !== 0) return;
    words[2 * slot] = lowHalf;
    words[2 * slot + 1] = highHalf;
  },
});

function writeStatus(file: CsrFile, value: number, writable: number): void {
  const before = file.words[2 * Slot.mstatus]!;
  // MPP is WARL: 2 is no mode.
  const keeps = ((value & Status.MPP) >> MPP_SHIFT === 2 ? Status.MPP : 0) | ~writable;
  const after = (before & keeps) | (value & ~keeps);
  file.words[2 * Slot.mstatus] = after;
  writeFloatState(file, value);
  const changed = before ^ after;
  const borrowsRights = ((before | after) & Status.MPRV) !== 0;
  if (
    (changed & (Status.SUM | Status.MXR)) !== 0 ||
    (borrowsRights && (changed & (Status.MPRV | Status.MPP)) !== 0)
  ) {
    file.contextChanged = true;
  }
}

/** A mode that there is not makes the whole write have no effect (4.1.11). */
function writeSatp(file: CsrFile, lowHalf: number, highHalf: number): void {
  const { words, xlen } = file;
  const mode = (xlen === 32 ? lowHalf : highHalf) >>> MODE_SHIFT[xlen];
  if (mode !== BARE && SCHEMES[xlen][mode] === undefined) return;
  words[2 * Slot.satp] = lowHalf;
  words[2 * Slot.satp + 1] = xlen === 64 ? highHalf : 0;
  file.contextChanged = true;
}

const delegated = (file: CsrFile): number => file.words[2 * Slot.mideleg]!;
const writePending = (file: CsrFile, value: number, writable: number): void => {
  const { words } = file;
  const bits = hasTimer(file) ? writable & ~InterruptBit.stip : writable;
  words[2 * Slot.mip] = (words[2 * Slot.mip]! & ~bits) | (value & bits);
};
const readPending = (file: CsrFile, mask: number): void => {
  const { words } = file;
  file.answer((words[2 * Slot.mip]! | words[2 * Slot.lines]! | words[2 * Slot.timer]!) & mask, 0);
};

const INTERRUPT_ROWS: readonly CsrRow[] = [
  stored(0x304, 'mie', Slot.mie, low(SUPERVISOR_INTERRUPTS | MACHINE_INTERRUPTS)),
  {
    number: 0x344,
    name: 'mip',
    slot: Slot.mip,
    read: (file) => readPending(file, -1),
    // A set or clear of bits must not make a line's level its own.
    modify: (file) => file.answer(file.words[2 * Slot.mip]!, 0),
    write: (file, value) => writePending(file, value, SUPERVISOR_INTERRUPTS),
  },
  {
    number: 0x104,
    name: 'sie',
    slot: Slot.mie,
    read: (file) => file.answer(file.words[2 * Slot.mie]! & delegated(file), 0),
    write: ({ words }, value) => {
      const writable = words[2 * Slot.mideleg]!;
      words[2 * Slot.mie] = (words[2 * Slot.mie]! & ~writable) | (value & writable);
    },
  },
  {
    number: 0x144,
    name: 'sip',
    slot: Slot.mip,
    read: (file) => readPending(file, delegated(file)),
    modify: (file) => file.answer(file.words[2 * Slot.mip]! & delegated(file), 0),
    write: (file, value) => writePending(file, value, InterruptBit.ssip & delegated(file)),
  },
];

const numbered = (first: number, name: (index: number) => string, xlen?: 32): CsrRow[] =>
  Array.from({ length: 29 }, (_, index) => ({
    ...zero(first + index, name(index + 3)),
    ...(xlen === undefined ? {} : { xlen }),
  }));

export const CSR_ROWS: readonly CsrRow[] = [
  ...FLOAT_ROWS,
  {
    number: MSTATUS,
    name: 'mstatus',
    slot: Slot.mstatus,
    reset: (xlen) => [0, xlen === 64 ? STATUS_HIGH_64 : 0],
    read: (file) => answerStatus(file, ALL),
    write: (file, value) => writeStatus(file, value, WRITABLE_STATUS),
  },
  { ...zero(0x310, 'mstatush'), xlen: 32 },
  {
    number: SSTATUS,
    name: 'sstatus',
    slot: Slot.mstatus,
    read: (file) => answerStatus(file, [SUPERVISOR_STATUS, SUPERVISOR_STATUS_HIGH_64]),
    write: (file, value) => writeStatus(file, value, SUPERVISOR_STATUS),
  },
  {
    number: 0x301,
    name: 'misa',
    slot: Slot.misa,
    reset: (xlen) => (xlen === 64 ? [EXTENSIONS, 0x80000000] : [EXTENSIONS | 0x40000000, 0]),
  },
  stored(0x302, 'medeleg', Slot.medeleg, low(DELEGABLE_EXCEPTIONS)),
  stored(0x303, 'mideleg', Slot.mideleg, low(SUPERVISOR_INTERRUPTS)),
  ...INTERRUPT_ROWS,
  trapVector(0x305, 'mtvec', Slot.mtvec),
  trapVector(0x105, 'stvec', Slot.stvec),
  stored(0x340, 'mscratch', Slot.mscratch),
  stored(0x140, 'sscratch', Slot.sscratch),
  stored(0x341, 'mepc', Slot.mepc, INSTRUCTION_ADDRESS),
  stored(0x141, 'sepc', Slot.sepc, INSTRUCTION_ADDRESS),
  stored(0x342, 'mcause', Slot.mcause),
  stored(0x142, 'scause', Slot.scause),
  stored(0x343, 'mtval', Slot.mtval),
  stored(0x143, 'stval', Slot.stval),
  stored(0x306, 'mcounteren', Slot.mcounteren, low(0xffffffff)),
  stored(0x106, 'scounteren', Slot.scounteren, low(0xffffffff)),
  ...TIMER_ROWS,
  stored(0x10a, 'senvcfg', Slot.senvcfg, low(FIOM)),
  { number: 0x180, name: 'satp', slot: Slot.satp, write: writeSatp },
  zero(0xf11, 'mvendorid'),
  zero(0xf12, 'marchid'),
  zero(0xf13, 'mimpid'),
  { number: 0xf14, name: 'mhartid', slot: Slot.mhartid, reset: (_, hartId) => [hartId, 0] },
  zero(0xf15, 'mconfigptr'),
  // No triggers: type 0 in tdata1 says that there is none at this tselect (debug specification 5.2).
  zero(0x7a0, 'tselect'),
  zero(0x7a1, 'tdata1'),
  zero(0x7a2, 'tdata2'),
  zero(0x7a3, 'tdata3'),
  ...COUNTER_ROWS,
  ...numbered(0x323, (index) => `mhpmevent${index}`),
  ...numbered(0xb03, (index) => `mhpmcounter${index}`),
  ...numbered(0xb83, (index) => `mhpmcounter${index}h`, 32),
  ...numbered(0xc03, (index) => `hpmcounter${index}`),
  ...numbered(0xc83, (index) => `hpmcounter${index}h`, 32),
  ...PMP_ROWS,
];
