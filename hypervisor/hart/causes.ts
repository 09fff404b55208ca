/** Exception causes (privileged architecture, table of mcause values). */
export const Cause = {
  fetchMisaligned: 0,
  fetchAccessFault: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadAccessFault: 5,
  storeMisaligned: 6,
  storeAccessFault: 7,
  ecallFromUser: 8,
  ecallFromSupervisor: 9,
  ecallFromMachine: 11,
  fetchPageFault: 12,
  loadPageFault: 13,
  storePageFault: 15,
} as const;

/** The interrupt flag of a cause: mcause's top bit, kept in the top bit of 32 wherever a cause is one number. */
export const INTERRUPT = 0x80000000;

/** Interrupts by mip bit (privileged architecture 3.1.9). */
export const InterruptBit = {
  ssip: 1 << 1,
  msip: 1 << 3,
  stip: 1 << 5,
  mtip: 1 << 7,
  seip: 1 << 9,
  meip: 1 << 11,
} as const;

/** Codes of the interrupts from the most to the least urgent (privileged architecture 3.1.9). */
export const INTERRUPT_PRIORITY = [11, 3, 7, 9, 1, 5] as const;

export const SUPERVISOR_INTERRUPTS = InterruptBit.ssip | InterruptBit.stip | InterruptBit.seip;
export const MACHINE_INTERRUPTS = InterruptBit.msip | InterruptBit.mtip | InterruptBit.meip;

/** Exceptions that medeleg can delegate: all but ecall from M, which never comes from below. */
export const DELEGABLE_EXCEPTIONS = 0xb3ff;
