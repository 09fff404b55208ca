/**
 * Decoded records: 8 bytes for every halfword of RAM, whether or not an instruction starts there, so that pc and
 * record are each other's arithmetic: record = records + (pc - RAM base) * 4.
 *
 *     u16 op (0: not decoded) | u8 a | u8 b | i32 c
 *
 * An op with `MARKED` in it is a marker: there is translated code for this, and without that bit it is the instruction's.
 */
export const MARKED = 0x8000;
export const RECORD_SIZE = 8;
/** Shift from bytes of code to bytes of records. */
export const RECORD_SHIFT = 2;
/** Bytes of records for each byte of code: for offsets of 512 MiB and more, which the shift would make negative. */
export const RECORD_SCALE = 2 ** RECORD_SHIFT;
/**
 * Bytes of never decoded slots before and after a window's records: running off its end meets one, and a store at
 * its very start may forget what would begin before it.
 */
export const RECORD_PADDING = 64;

/** Bytes for the records of a window of code, with padding. */
export const recordsSize = (codeSize: number): number => codeSize * 2 ** RECORD_SHIFT + 2 * RECORD_PADDING;

/** How far before a changed byte a record may start that depends on it: a 4-byte instruction's last two bytes. */
export const RECORD_REACH = 2;
