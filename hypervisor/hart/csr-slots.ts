/**
 * Where CSRs are stored: indices of u32 pairs from `CSRS` in the hart's block (layout.ts). State of the
 * privileged architecture that is no CSR (the mode, the interrupt lines) lives beside them, so that the block
 * is all there is to a snapshot.
 */
export const Slot = {
  /** Always zero: what read-only-zero CSRs read, and what the high half of a 32-bit CSR is. */
  zero: 0,
  mode: 1,
  /** Levels of the lines that are driven from outside, as bits of mip. */
  lines: 2,
  /** Bits of mip that software has set. */
  mip: 3,
  mie: 4,
  mideleg: 5,
  medeleg: 6,
  mstatus: 7,
  misa: 8,
  mtvec: 9,
  mscratch: 10,
  mepc: 11,
  mcause: 12,
  mtval: 13,
  mcounteren: 14,
  mcountinhibit: 15,
  menvcfg: 16,
  stvec: 17,
  sscratch: 18,
  sepc: 19,
  scause: 20,
  stval: 21,
  scounteren: 22,
  senvcfg: 23,
  mhartid: 24,
  /** What to add to the host's count of cycles to get mcycle; while inhibited, mcycle itself. */
  mcycle: 25,
  /** The same for minstret. */
  minstret: 26,
  satp: 27,
  stimecmp: 28,
  /** The bit of mip that stimecmp has raised. */
  timer: 29,
  /** 16 bytes: pmp0cfg to pmp15cfg. */
  pmpcfg: 32,
  /** 16 pairs. */
  pmpaddr: 34,
} as const;

export const SLOT_COUNT = Slot.pmpaddr + 16;
