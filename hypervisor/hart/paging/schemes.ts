/** The page-based virtual-memory systems (privileged architecture 4.3 to 4.5), by the mode that satp names. */
export interface Scheme {
  readonly name: 'Sv32' | 'Sv39' | 'Sv48';
  /** Page tables on the way to a 4 KiB page. */
  readonly levels: 2 | 3 | 4;
  /** Bits of the address that index one table. */
  readonly indexBits: 9 | 10;
  /** Bytes of an entry. */
  readonly entrySize: 4 | 8;
  /** Bits of a virtual address; those above must equal the highest of them. */
  readonly addressBits: 32 | 39 | 48;
}

/** By satp.MODE. Bare, which is 0, is no scheme; a mode that is not here cannot be written. */
export const SCHEMES: Readonly<Record<32 | 64, Readonly<Partial<Record<number, Scheme>>>>> = {
  32: { 1: { name: 'Sv32', levels: 2, indexBits: 10, entrySize: 4, addressBits: 32 } },
  64: {
    8: { name: 'Sv39', levels: 3, indexBits: 9, entrySize: 8, addressBits: 39 },
    9: { name: 'Sv48', levels: 4, indexBits: 9, entrySize: 8, addressBits: 48 },
  },
};

/** Where satp keeps its mode: shift within its low word on RV32, within its high word on RV64 (4.1.11). */
export const MODE_SHIFT = { 32: 31, 64: 28 } as const;
/** Bits of the root table's page number: in the low word, and in the high one. */
export const ROOT_MASKS = { 32: [0x3f_ffff, 0], 64: [0xffff_ffff, 0xfff] } as const;
