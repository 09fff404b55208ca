/**
 * The table of entries: for each VM's hart, which function stands for the code at a guest address. Direct-mapped, in the
 * machine's memory, so that translated code looks into it without a detour: 8 bytes a slot,
 *
 *     u32 address + 1 (0: empty) | u32 index in the table of functions
 *
 * The index is the low bits of the halfword's number, with bits from above mixed in.
 */
export const ENTRY_SLOTS = 4096;
export const ENTRY_MASK = ENTRY_SLOTS - 1;
export const ENTRY_TABLE_SIZE = ENTRY_SLOTS * 8;

/** Offset into the table of the slot of a guest address. */
export const entrySlot = (address: number): number =>
  (((address >>> 1) ^ (address >>> 12)) & ENTRY_MASK) << 3;
