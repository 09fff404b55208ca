/**
 * What system instructions do, once, in plain code: engines stop at them. Each is named as its row in the
 * instruction tables; operands come from the instruction's bits. CSR accesses are hot: nothing allocates.
 */
import { Cause } from './causes';
import type { CsrFile } from './csr-file';
import { Mode } from './mode';
import type { Registers } from './registers';
import { Slot } from './csr-slots';
import { Status } from './status';
import type { Traps } from './traps';

/** How a system instruction ended. */
export const Outcome = {
  /** Retired; the next instruction follows. */
  next: 0,
  /** Retired; it has set the pc. */
  jumped: 1,
  /** Raises `cause` with `value`; nothing has changed. */
  trap: 2,
  /** Asks the hypervisor; the instruction is not completed. */
  hypercall: 3,
  /** Retired; the hart waits for an interrupt. */
  waiting: 4,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

type Execute = (system: SystemInstructions, bits: number) => Outcome;

const next: Execute = () => Outcome.next;

const ebreak: Execute = (system) => system.raise(Cause.breakpoint, 0);

/** By the names of their rows in the instruction tables. */
export const SYSTEM_INSTRUCTIONS: Readonly<Record<string, Execute>> = {
  csrrw: (system, bits) =>
    system.accessCsr(bits, system.registers.low(rs1(bits)), system.registers.high(rs1(bits))),
  csrrs: (system, bits) =>
    system.accessCsr(bits, system.registers.low(rs1(bits)), system.registers.high(rs1(bits))),
  csrrc: (system, bits) =>
    system.accessCsr(bits, system.registers.low(rs1(bits)), system.registers.high(rs1(bits))),
  csrrwi: (system, bits) => system.accessCsr(bits, rs1(bits), 0),
  csrrsi: (system, bits) => system.accessCsr(bits, rs1(bits), 0),
  csrrci: (system, bits) => system.accessCsr(bits, rs1(bits), 0),
  ecall: (system) => {
    const { mode } = system.registers;
    if (mode === Mode.supervisor && system.hypercalls) return Outcome.hypercall;
    return system.raise(Cause.ecallFromUser + mode, 0);
  },
  ebreak,
  'c.ebreak': ebreak,
  mret: (system, bits) => {
    if (system.registers.mode !== Mode.machine) return system.illegal(bits);
    system.traps.returnFromMachine();
    return Outcome.jumped;
  },
  sret: (system, bits) => {
    if (!system.allowsSupervisor(Status.TSR)) return system.illegal(bits);
    system.traps.returnFromSupervisor();
    return Outcome.jumped;
  },
  // Where S-mode exists, U-mode may not wait (3.3.3).
  wfi: (system, bits) => {
    if (!system.allowsSupervisor(Status.TW)) return system.illegal(bits);
    return system.traps.pending === 0 ? Outcome.waiting : Outcome.next;
  },
  // Without paging there is nothing to forget.
  'sfence.vma': (system, bits) => (system.allowsSupervisor(Status.TVM) ? Outcome.next : system.illegal(bits)),
  fence: next,
  // Code is coherent (engine/step-contract.ts).
  'fence.i': next,
};

const rs1 = (bits: number): number => (bits >>> 15) & 31;

export class SystemInstructions {
  /** After `Outcome.trap`. */
  cause = 0;
  /** The trap's value; it fits 32 bits for all that is raised here. */
  value = 0;

  /** @param hypercalls whether ecall from supervisor mode is a hypercall, not a trap. */
  constructor(
    readonly registers: Registers,
    readonly csrs: CsrFile,
    readonly traps: Traps,
    readonly hypercalls: boolean,
  ) {}

  raise(cause: number, value: number): Outcome {
    this.cause = cause;
    this.value = value;
    return Outcome.trap;
  }

  /** mtval gets the instruction's bits (3.1.16). */
  illegal(bits: number): Outcome {
    return this.raise(Cause.illegalInstruction, bits >>> 0);
  }

  /** Whether something meant for S-mode may run: in M, and in S unless this bit of mstatus traps it. */
  allowsSupervisor(trapped: number): boolean {
    const { mode } = this.registers;
    if (mode === Mode.machine) return true;
    return mode === Mode.supervisor && (this.csrs.words[2 * Slot.mstatus]! & trapped) === 0;
  }

  /** CSRRW, CSRRS, CSRRC and their immediate forms (unprivileged architecture, Zicsr). */
  accessCsr(bits: number, low: number, high: number): Outcome {
    const { csrs, registers } = this;
    const number = bits >>> 20;
    const operation = (bits >>> 12) & 3;
    const writes = operation === WRITE || rs1(bits) !== 0;
    if (!csrs.permits(number, registers.mode, writes)) return this.illegal(bits);
    csrs.read(number);
    const resultLow = csrs.low;
    const resultHigh = csrs.high;
    if (writes) {
      if (operation === WRITE) csrs.write(number, low, high);
      else {
        csrs.readToModify(number);
        if (operation === SET) csrs.write(number, csrs.low | low, csrs.high | high);
        else csrs.write(number, csrs.low & ~low, csrs.high & ~high);
      }
    }
    registers.set((bits >>> 7) & 31, resultLow, resultHigh);
    return Outcome.next;
  }
}

/** funct3 of CSRRW and CSRRS, without the bit that says "immediate". */
const WRITE = 1;
const SET = 2;
