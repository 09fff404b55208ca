import type { CsrFile } from './csr-file';

/** The low and high 32 bits of a value. On RV32 the high half of a CSR is ignored. */
export type Halves = readonly [low: number, high: number];

export const ALL: Halves = [0xffffffff, 0xffffffff];
export const NONE: Halves = [0, 0];

/**
 * One CSR. What is not said is the common case: all bits readable, none writable, no side effects.
 * The number itself says who may access it and whether it is read-only (privileged architecture 2.1).
 */
export interface CsrRow {
  readonly number: number;
  readonly name: string;
  /** Where it exists; absent: on both. */
  readonly xlen?: 32 | 64;
  /** Index of its pair in the hart's block (csr-slots.ts). */
  readonly slot: number;
  /** `high`: the CSR is the high half of the pair (RV32's `…h` CSRs). */
  readonly half?: 'high';
  readonly readable?: Halves;
  readonly writable?: Halves;
  /** Value after a reset; absent: zero. */
  readonly reset?: (xlen: 32 | 64, hartId: number) => Halves;
  /** Leaves the value in `file.low` and `file.high`, in place of `slot` and `readable`. */
  readonly read?: (file: CsrFile) => void;
  /** Legalises and stores a value, in place of `slot` and `writable`. */
  readonly write?: (file: CsrFile, low: number, high: number) => void;
  /** The value that CSRRS and CSRRC start from, where it is not the one they return (mip, 3.1.9). */
  readonly modify?: (file: CsrFile) => void;
}
