/**
 * Sstc (supervisor-mode timer interrupts, version 1.0): stimecmp, which raises STIP by itself once `time` has reached
 * it, as long as menvcfg.STCE says so. The comparison is made when something of it changes, and when the VM says that
 * the moment has come (`timerTick`): between those, STIP stays as it is.
 */
import { InterruptBit } from './causes';
import type { CsrFile } from './csr-file';
import { ALL, type CsrRow } from './csr-row';
import { Slot } from './csr-slots';

const COMPARE = 2 * Slot.stimecmp;
const ENVIRONMENT = 2 * Slot.menvcfg;
const TWO_TO_32 = 0x1_0000_0000;

/** FIOM, in the low half of menvcfg; nothing is left to order, so it does nothing (3.1.18). */
export const FIOM = 1;
/** STCE, in the high half. */
export const STCE = 0x8000_0000;

/** Whether stimecmp is in use: then nobody else decides about STIP. */
export const hasTimer = ({ words }: CsrFile): boolean => (words[ENVIRONMENT + 1]! & STCE) !== 0;

/** Brings STIP up to date. */
export function settleTimer(file: CsrFile): void {
  const isDue = hasTimer(file) && file.clock.ticks() >= compareOf(file);
  file.words[2 * Slot.timer] = isDue ? InterruptBit.stip : 0;
}

/** The tick of `time` at which STIP will rise by itself; `Infinity` where it will not. */
export function timerTick(file: CsrFile): number {
  return hasTimer(file) && file.words[2 * Slot.timer] === 0 ? compareOf(file) : Infinity;
}

/** What is above 2^53 is rounded: time does not get there, and all ones are never. */
const compareOf = ({ words }: CsrFile): number => {
  const tick = words[COMPARE + 1]! * TWO_TO_32 + words[COMPARE]!;
  return tick > Number.MAX_SAFE_INTEGER ? Infinity : tick;
};

function change(file: CsrFile, word: number, value: number): void {
  const before = timerTick(file);
  file.words[word] = value;
  settleTimer(file);
  if (timerTick(file) !== before) file.timerChanged = true;
}

function writeEnvironment(file: CsrFile, word: number, value: number): void {
  change(file, word, value);
  // What software had set is not to be seen any more.
  if (hasTimer(file)) file.words[2 * Slot.mip]! &= ~InterruptBit.stip;
}

export const TIMER_ROWS: readonly CsrRow[] = [
  {
    number: 0x14d,
    name: 'stimecmp',
    slot: Slot.stimecmp,
    reset: () => ALL,
    write: (file, low, high) => {
      if (file.xlen === 64) file.words[COMPARE + 1] = high;
      change(file, COMPARE, low);
    },
  },
  {
    number: 0x15d,
    name: 'stimecmph',
    slot: Slot.stimecmp,
    half: 'high',
    xlen: 32,
    write: (file, value) => change(file, COMPARE + 1, value),
  },
  {
    number: 0x30a,
    name: 'menvcfg',
    slot: Slot.menvcfg,
    write: (file, low, high) => {
      file.words[ENVIRONMENT] = low & FIOM;
      if (file.xlen === 64) writeEnvironment(file, ENVIRONMENT + 1, high & STCE);
    },
  },
  {
    number: 0x31a,
    name: 'menvcfgh',
    slot: Slot.menvcfg,
    half: 'high',
    xlen: 32,
    write: (file, value) => writeEnvironment(file, ENVIRONMENT + 1, value & STCE),
  },
];
