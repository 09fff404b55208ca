/**
 * What system instructions do, once, in plain code: engines stop at them. The instruction tables say which operation an
 * instruction is; operands come from its bits. CSR accesses are hot: nothing allocates.
 */
import { HypervisorBug } from '../bug';
import { Decoded, decoderOf } from '../isa/decode';
import type { SystemOperation } from '../isa/semantics';
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

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { next: NEXT, jumped: JUMPED, trap: TRAP, hypercall: HYPERCALL, waiting: WAITING } = Outcome;
const { supervisor: SUPERVISOR, machine: MACHINE } = Mode;
const STATUS = 2 * Slot.mstatus;

/** A floating-point instruction gets here where it is illegal: mstatus.FS is Off, or the rounding mode is reserved. */
const FLOAT = { is: 'float' } as const;

type Operation = SystemOperation['is'] | typeof FLOAT.is;
type CsrOperation = Extract<SystemOperation, { is: 'csr' }>;
type Execute = (system: SystemInstructions, bits: number, prepared: Prepared) => Outcome;

/** What decoding an encoding came to: nothing of it is looked at twice. */
interface Prepared {
  readonly execute: Execute;
  readonly csr: number;
  readonly does: CsrOperation['does'];
  readonly rd: number;
  readonly writes: boolean;
  /** The register to take the operand from, or -1 and the operand. */
  readonly rs1: number;
  readonly immediate: number;
}

/** Decoded encodings are remembered by a few of their bits; a power of two. */
const REMEMBERED = 512;
/** Mixes funct3 and registers with the CSR's number: what differs between the accesses of one program. */
const placeOf = (bits: number): number => ((bits >>> 7) ^ (bits >>> 18)) & (REMEMBERED - 1);
const IMMEDIATE = -1;

const EXECUTE: Readonly<Record<Operation, Execute>> = {
  csr: (system, bits, prepared) => system.accessCsr(bits, prepared),
  ecall: (system) => {
    const { mode } = system.registers;
    if (mode === SUPERVISOR && system.hypercalls) return HYPERCALL;
    return system.raise(Cause.ecallFromUser + mode, 0);
  },
  ebreak: (system) => system.raise(Cause.breakpoint, 0),
  mret: (system, bits) => {
    if (system.registers.mode !== MACHINE) return system.illegal(bits);
    system.traps.returnFromMachine();
    return JUMPED;
  },
  sret: (system, bits) => {
    if (!system.allowsSupervisor(Status.TSR)) return system.illegal(bits);
    system.traps.returnFromSupervisor();
    return JUMPED;
  },
  // Where S-mode exists, U-mode may not wait (3.3.3).
  wfi: (system, bits) => {
    if (!system.allowsSupervisor(Status.TW)) return system.illegal(bits);
    return system.traps.pending === 0 ? WAITING : NEXT;
  },
  float: (system, bits) => system.illegal(bits),
  // A store to a page table is seen by the next access: nothing is left to forget.
  'sfence.vma': (system, bits) => (system.allowsSupervisor(Status.TVM) ? NEXT : system.illegal(bits)),
};

export class SystemInstructions {
  /** After `TRAP`. */
  cause = 0;
  /** The trap's value; it fits 32 bits for all that is raised here. */
  value = 0;

  /** By place; an encoding of 0 is none. */
  readonly #encodings = new Int32Array(REMEMBERED);
  readonly #prepared: Prepared[] = [];
  readonly #decoded = new Decoded();

  /** @param hypercalls whether ecall from supervisor mode is a hypercall, not a trap. */
  constructor(
    readonly registers: Registers,
    readonly csrs: CsrFile,
    readonly traps: Traps,
    readonly hypercalls: boolean,
  ) {}

  /**
   * Executes a system instruction, but for advancing the pc.
   * @param bits its encoding
   */
  execute(bits: number): Outcome {
    const place = placeOf(bits);
    const prepared =
      this.#encodings[place] === (bits | 0) ? this.#prepared[place]! : this.#prepare(bits, place);
    return prepared.execute(this, bits, prepared);
  }

  #prepare(bits: number, place: number): Prepared {
    const { instruction, rd, rs1, imm, csr } = decoderOf(this.csrs.xlen).decode(bits, this.#decoded);
    const operation = instruction?.facts.system ?? (instruction?.facts.needsFloat ? FLOAT : undefined);
    if (operation === undefined) {
      throw new HypervisorBug(`an engine took 0x${bits.toString(16)} for a system instruction`);
    }
    const isCsr = operation.is === 'csr';
    const isImmediate = isCsr && operation.source === 'imm';
    const does = isCsr ? operation.does : 'write';
    const prepared: Prepared = {
      execute: EXECUTE[operation.is],
      csr,
      does,
      rd,
      // CSRRS and CSRRC of x0 or 0 do not write, so that read-only CSRs can be read.
      writes: does === 'write' || (isImmediate ? imm : rs1) !== 0,
      rs1: isImmediate ? IMMEDIATE : rs1,
      immediate: imm,
    };
    this.#encodings[place] = bits;
    this.#prepared[place] = prepared;
    return prepared;
  }

  raise(cause: number, value: number): Outcome {
    this.cause = cause;
    this.value = value;
    return TRAP;
  }

  /** mtval gets the instruction's bits (3.1.16). */
  illegal(bits: number): Outcome {
    return this.raise(Cause.illegalInstruction, bits >>> 0);
  }

  /** Whether something meant for S-mode may run: in M, and in S unless this bit of mstatus traps it. */
  allowsSupervisor(trapped: number): boolean {
    const { mode } = this.registers;
    if (mode === MACHINE) return true;
    return mode === SUPERVISOR && (this.csrs.words[STATUS]! & trapped) === 0;
  }

  /** CSRRW, CSRRS, CSRRC and their immediate forms (unprivileged architecture, Zicsr). */
  accessCsr(bits: number, { csr, does, rd, writes, rs1, immediate }: Prepared): Outcome {
    const { csrs, registers } = this;
    if (!csrs.permits(csr, registers.mode, writes)) return this.illegal(bits);
    csrs.read(csr);
    const resultLow = csrs.low;
    const resultHigh = csrs.high;
    if (writes) {
      const low = rs1 === IMMEDIATE ? immediate : registers.low(rs1);
      const high = rs1 === IMMEDIATE ? 0 : registers.high(rs1);
      if (does === 'write') csrs.write(csr, low, high);
      else {
        csrs.readToModify(csr);
        if (does === 'set') csrs.write(csr, csrs.low | low, csrs.high | high);
        else csrs.write(csr, csrs.low & ~low, csrs.high & ~high);
      }
    }
    registers.set(rd, resultLow, resultHigh);
    return NEXT;
  }
}
