/** Interrupt wiring, and the numbers and names of causes (The RISC-V Instruction Set Manual, volume II, tables of mcause and scause). */

/** Lines into the platform-level interrupt controller, as on QEMU's virt board. */
export const IRQ_LINES = {
  /** First of eight lines, one for each virtio-mmio slot. */
  virtio: 1,
  uart: 10,
  realTimeClock: 11,
} as const;
export type IrqLine = keyof typeof IRQ_LINES;

/** Exception codes of `mcause` and `scause`. */
export const EXCEPTIONS = {
  instructionAddressMisaligned: 0,
  instructionAccessFault: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadAddressMisaligned: 4,
  loadAccessFault: 5,
  storeAddressMisaligned: 6,
  storeAccessFault: 7,
  ecallFromUser: 8,
  ecallFromSupervisor: 9,
  ecallFromMachine: 11,
  instructionPageFault: 12,
  loadPageFault: 13,
  storePageFault: 15,
} as const;
export type ExceptionName = keyof typeof EXCEPTIONS;

/** Interrupt codes of `mcause` and `scause` (whose top bit is then set), and bit numbers in `mip`, `mie`, `sip`, `sie`. */
export const INTERRUPTS = {
  supervisorSoftware: 1,
  machineSoftware: 3,
  supervisorTimer: 5,
  machineTimer: 7,
  supervisorExternal: 9,
  machineExternal: 11,
} as const;
export type InterruptName = keyof typeof INTERRUPTS;

/** `storeAccessFault` → `store access fault`: an identifier of the tables above as words. */
const asWords = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const nameOf = (table: Readonly<Record<string, number>>, code: number): string | undefined => {
  const name = Object.keys(table).find((key) => table[key] === code);
  return name === undefined ? undefined : asWords(name);
};

/** An exception's name in words, for people: `load access fault`; `exception 10` when the code has none. */
export const exceptionName = (cause: number): string => nameOf(EXCEPTIONS, cause) ?? `exception ${cause}`;
/** An interrupt's name in words: `machine timer interrupt`. */
export const interruptName = (code: number): string =>
  `${nameOf(INTERRUPTS, code) ?? `unnamed (${code})`} interrupt`;
