/**
 * fflags, frm and fcsr (unprivileged architecture, F, 11.2) and mstatus.FS (privileged architecture 3.1.6.6): all of it
 * is the hart's floating-point control word. A write of the CSRs makes FS Dirty.
 */
import { FloatControl, FloatState } from './float-control';
import type { CsrFile } from './csr-file';
import type { CsrRow, Halves } from './csr-row';
import { Slot } from './csr-slots';
import { FS_SHIFT, SD } from './status';

const { flags, rounding, roundingShift, fcsr, state, stateShift } = FloatControl;
const DIRTY = FloatState.dirty << stateShift;

/** A CSR that is some bits of the control word. */
const part = (number: number, name: string, bits: number, shift: number): CsrRow => ({
  number,
  name,
  slot: Slot.zero,
  read: (file) => file.answer((file.float[0]! & bits) >>> shift, 0),
  write: ({ float }, low) => {
    float[0] = (float[0]! & ~bits) | ((low << shift) & bits) | DIRTY;
  },
});

export const FLOAT_ROWS: readonly CsrRow[] = [
  part(0x001, 'fflags', flags, 0),
  part(0x002, 'frm', rounding, roundingShift),
  part(0x003, 'fcsr', fcsr, 0),
];

/** The FS field of a value written to mstatus or sstatus. */
export function writeFloatState({ float }: CsrFile, status: number): void {
  float[0] = (float[0]! & ~state) | (((status >>> FS_SHIFT) << stateShift) & state);
}

/** Answers with mstatus, or what of it is readable: FS, and SD in the top bit, are joined to it. */
export function answerStatus(file: CsrFile, [readableLow, readableHigh]: Halves): void {
  const floatState = file.float[0]! & state;
  const dirty = floatState === DIRTY ? SD : 0;
  const low = (file.words[2 * Slot.mstatus]! & readableLow) | ((floatState >>> stateShift) << FS_SHIFT);
  const high = file.words[2 * Slot.mstatus + 1]! & readableHigh;
  if (file.xlen === 64) file.answer(low, high | dirty);
  else file.answer(low | dirty, 0);
}
