/**
 * Where a hart's state lives in the machine's memory: byte offsets from the hart's block. Engines, CSRs,
 * traps and snapshots all use these names; a snapshot of the block is a snapshot of the hart.
 */

/** Bytes of one hart's block. */
export const HART_BLOCK_SIZE = 4096;

/** x0..x31 and, at index 32, the sink that writes to x0 go to. Stride: XLEN / 8 bytes. */
export const X_REGISTERS = 0;
/** Index that a decoded record names in place of x0 as a destination. */
export const X_SINK = 32;
/** Place of f0..f31, 8 bytes each. */
export const F_REGISTERS = 272;

/** i64 (zero-extended on RV32): the next instruction's address, whenever no engine is running. */
export const PC = 528;
/** i32: cycles that may still be spent; an engine stops before the first instruction at which it is ≤ 0. */
export const CYCLES_LEFT = 536;
/** i32: instructions that may still be retired; counted apart only where costs are not all 1. */
export const INSTRUCTIONS_LEFT = 540;

/**
 * Window of guest addresses that instructions are fetched from: i64 base, u32 size in bytes, u32 linear address of its
 * first record. Direct runs stay in it; translated runs move base and records to the page that they are in, and begin
 * in the window if it holds the PC.
 */
export const FETCH_BASE = 544;
export const FETCH_SIZE = 552;
export const FETCH_RECORDS = 556;
/** Window of private RAM: i64 guest base, u32 size, u32 linear address of its first byte, u32 linear address of its page flags. */
export const RAM_BASE = 560;
export const RAM_SIZE = 568;
export const RAM_LINEAR = 572;
export const PAGE_FLAGS = 576;

/** LR/SC: u32 valid, i64 address, i64 value loaded. */
export const RESERVATION_VALID = 580;
export const RESERVATION_ADDRESS = 584;
export const RESERVATION_VALUE = 592;

/** Filled by an engine that stops with `trap`: u32 cause, i64 value for mtval/stval. */
export const TRAP_CAUSE = 600;
export const TRAP_VALUE = 608;

/**
 * An access that an engine leaves to its host: i64 guest address, i64 data (to store, or loaded; of an atomic, the
 * linear address in the low half).
 */
export const ACCESS_ADDRESS = 616;
export const ACCESS_DATA = 624;

/** u32 linear address of the record of the RAM window's first halfword (memory/records.ts). */
export const RAM_RECORDS = 632;

/**
 * What translated runs look into (memory/translation-banks.ts): u32 linear addresses of the present banks for data and
 * for fetches; u32 limit of the fetch entry that FETCH_BASE and FETCH_RECORDS are from.
 */
export const DATA_BANK = 636;
export const FETCH_BANK = 640;
export const FETCH_LIMIT = 644;

/**
 * u32 of floating-point control: fcsr in bits 7:0 as the CSR has it, mstatus.FS in bits 9:8, zeros above. One word, so
 * that engines ask one question of it.
 */
export const FLOAT_CONTROL = 960;
/** An operation that an engine leaves to soft float: three i64 operands, i64 result. */
export const FLOAT_OPERANDS = 968;
export const FLOAT_RESULT = 992;

/** u32 linear address of the count of changes to decoded code (memory/vm-memory.ts). */
export const CODE_CHANGES = 1016;

/** CSRs, as pairs of u32 (low, high); which index is which CSR is hart/csrs.ts's business. */
export const CSRS = 1024;
