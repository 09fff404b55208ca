import { EXCEPTIONS, INTERRUPTS } from '../../platform/interrupts';

/** Exception causes, by the hart's shorter names; the numbers are the platform's table's. */
export const Cause = {
  fetchMisaligned: EXCEPTIONS.instructionAddressMisaligned,
  fetchAccessFault: EXCEPTIONS.instructionAccessFault,
  illegalInstruction: EXCEPTIONS.illegalInstruction,
  breakpoint: EXCEPTIONS.breakpoint,
  loadMisaligned: EXCEPTIONS.loadAddressMisaligned,
  loadAccessFault: EXCEPTIONS.loadAccessFault,
  storeMisaligned: EXCEPTIONS.storeAddressMisaligned,
  storeAccessFault: EXCEPTIONS.storeAccessFault,
  ecallFromUser: EXCEPTIONS.ecallFromUser,
  ecallFromSupervisor: EXCEPTIONS.ecallFromSupervisor,
  ecallFromMachine: EXCEPTIONS.ecallFromMachine,
  fetchPageFault: EXCEPTIONS.instructionPageFault,
  loadPageFault: EXCEPTIONS.loadPageFault,
  storePageFault: EXCEPTIONS.storePageFault,
} as const;

/** The interrupt flag of a cause: mcause's top bit, kept in the top bit of 32 wherever a cause is one number. */
export const INTERRUPT = 0x80000000;

/** Interrupts by mip bit (privileged architecture 3.1.9). */
export const InterruptBit = {
  ssip: 1 << INTERRUPTS.supervisorSoftware,
  msip: 1 << INTERRUPTS.machineSoftware,
  stip: 1 << INTERRUPTS.supervisorTimer,
  mtip: 1 << INTERRUPTS.machineTimer,
  seip: 1 << INTERRUPTS.supervisorExternal,
  meip: 1 << INTERRUPTS.machineExternal,
} as const;

/** Codes of the interrupts from the most to the least urgent (privileged architecture 3.1.9). */
export const INTERRUPT_PRIORITY = [
  INTERRUPTS.machineExternal,
  INTERRUPTS.machineSoftware,
  INTERRUPTS.machineTimer,
  INTERRUPTS.supervisorExternal,
  INTERRUPTS.supervisorSoftware,
  INTERRUPTS.supervisorTimer,
] as const;

export const SUPERVISOR_INTERRUPTS = InterruptBit.ssip | InterruptBit.stip | InterruptBit.seip;
export const MACHINE_INTERRUPTS = InterruptBit.msip | InterruptBit.mtip | InterruptBit.meip;

/** Exceptions that medeleg can delegate: all but ecall from M, which never comes from below. */
export const DELEGABLE_EXCEPTIONS = 0xb3ff;
