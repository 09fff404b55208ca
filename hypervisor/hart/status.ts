/** Numbers of the CSRs. */
export const MSTATUS = 0x300;
export const SSTATUS = 0x100;

/** Fields of mstatus and sstatus that lie in the low 32 bits (privileged architecture 3.1.6). */
export const Status = {
  SIE: 1 << 1,
  MIE: 1 << 3,
  SPIE: 1 << 5,
  MPIE: 1 << 7,
  SPP: 1 << 8,
  MPP: 3 << 11,
  MPRV: 1 << 17,
  SUM: 1 << 18,
  MXR: 1 << 19,
  TVM: 1 << 20,
  TW: 1 << 21,
  TSR: 1 << 22,
} as const;

/** FS lies in the hart's floating-point control word, where engines look at it; SD says that it is Dirty (3.1.6.6). */
export const FS = 3 << 13;
export const FS_SHIFT = 13;
export const SD = 0x80000000;

export const MPP_SHIFT = 11;
export const SPP_SHIFT = 8;

/** What software may write, but for FS. */
export const WRITABLE_STATUS = Object.values(Status).reduce((mask, field) => mask | field, 0);

/** The part of it that is sstatus. */
export const SUPERVISOR_STATUS = Status.SIE | Status.SPIE | Status.SPP | Status.SUM | Status.MXR;

/** High half on RV64: UXL and SXL read as 2, XLEN = 64 in every mode. */
export const STATUS_HIGH_64 = 0b1010;
export const SUPERVISOR_STATUS_HIGH_64 = 0b0010;
