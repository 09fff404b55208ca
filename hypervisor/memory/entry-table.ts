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
/** From an address to the number of its halfword, to the bits mixed in, and from a slot's number to its offset. */
export const ENTRY_SHIFTS = { halfword: 1, mixedIn: 12, slot: 3 } as const;
export const ENTRY_TABLE_SIZE = ENTRY_SLOTS << ENTRY_SHIFTS.slot;

/**
 * The same for code at virtual addresses, 16 bytes a slot:
 *
 *     i64 address (RV32: u32) | u32 context | u32 index in the table of functions
 *
 * A context is a number for what all pages of code were, at some time, in some address space: 0 is none. The present one
 * stands behind the slots, so another number there empties the table. After it follows what the interpreter needs to
 * enter translated code by itself (translator/dispatcher-entry.ts):
 *
 *     u32 present context | u32 changes of code seen | u32 instructions retired so | u32 cycles at a time | u32 contexts of the banks of fetches
 */
export const VIRTUAL_ENTRY = { address: 0, context: 8, index: 12, shift: 4 } as const;
export const PRESENT_CONTEXT = ENTRY_SLOTS << VIRTUAL_ENTRY.shift;
/** VM's count of code changes (code-changes.ts) up to which the contexts are good. */
export const CHANGES_SEEN = PRESENT_CONTEXT + 4;
/** Instructions, modulo 2^32, that ran translated without the translator's doing. */
export const RETIRED_UNSEEN = PRESENT_CONTEXT + 8;
/** Cycles that translated code may run at a time. */
export const LONGEST_RUN = PRESENT_CONTEXT + 12;
/** By number of fetch bank: its context, or 0 where that must be found out. */
export const BANK_CONTEXTS = PRESENT_CONTEXT + 16;
export const VIRTUAL_TABLE_SIZE = PRESENT_CONTEXT + 64;

/** Offset into the table of the slot of a guest address. Translated code computes it too: engine/translator/entry-slot.ts. */
export const entrySlot = (address: number, shift: number = ENTRY_SHIFTS.slot): number =>
  (((address >>> ENTRY_SHIFTS.halfword) ^ (address >>> ENTRY_SHIFTS.mixedIn)) & ENTRY_MASK) << shift;
