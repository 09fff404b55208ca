/**
 * Entering and leaving traps (privileged architecture 3.1.6.1, 3.1.7, 3.1.8, 3.3.2), and which interrupt comes
 * next (3.1.9). Hot: guests take thousands of traps a second; nothing here allocates.
 */
import { INTERRUPT, INTERRUPT_PRIORITY } from './causes';
import type { CsrFile } from './csr-file';
import { RESERVATION_VALID } from './layout';
import { Mode } from './mode';
import { MPP_SHIFT, SPP_SHIFT, Status } from './status';
import type { Registers } from './registers';
import { Slot } from './csr-slots';

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { SIE, MIE, SPIE, MPIE, SPP, MPP, MPRV } = Status;
const { user: USER, supervisor: SUPERVISOR, machine: MACHINE } = Mode;
const MIP = 2 * Slot.mip;
const LINES = 2 * Slot.lines;
const TIMER = 2 * Slot.timer;
const ENABLED = 2 * Slot.mie;
const STATUS = 2 * Slot.mstatus;
const RESERVATION = RESERVATION_VALID >> 2;
const NO_INTERRUPT = -1;

export class Traps {
  readonly #registers: Registers;
  readonly #csrs: CsrFile;
  /** Where the last trap entered went to. */
  handlerLow = 0;
  handlerHigh = 0;

  constructor(registers: Registers, csrs: CsrFile) {
    this.#registers = registers;
    this.#csrs = csrs;
  }

  /** Pending interrupts that mie enables, whatever mstatus says. */
  get pending(): number {
    const { words } = this.#csrs;
    return (words[MIP]! | words[LINES]! | words[TIMER]!) & words[ENABLED]!;
  }

  /** The code of the interrupt to take now, or -1. */
  nextInterrupt(): number {
    const pending = this.pending;
    if (pending === 0) return NO_INTERRUPT;
    const { words } = this.#csrs;
    const mode = this.#registers.mode;
    const status = words[STATUS]!;
    const delegated = words[2 * Slot.mideleg]!;
    let deliverable = 0;
    if (mode !== MACHINE || (status & MIE) !== 0) deliverable = pending & ~delegated;
    if (deliverable === 0 && (mode === USER || (mode === SUPERVISOR && (status & SIE) !== 0))) {
      deliverable = pending & delegated;
    }
    if (deliverable === 0) return NO_INTERRUPT;
    return INTERRUPT_PRIORITY.find((code) => (deliverable & (1 << code)) !== 0) ?? NO_INTERRUPT;
  }

  /** The mode that handles a trap taken in the present mode. `cause` has `INTERRUPT` set for interrupts. */
  modeFor(cause: number): Mode {
    if (this.#registers.mode === MACHINE) return MACHINE;
    const delegation = this.#csrs.words[2 * (cause >= INTERRUPT ? Slot.mideleg : Slot.medeleg)]!;
    return (delegation & (1 << (cause & 31))) !== 0 ? SUPERVISOR : MACHINE;
  }

  /** Whether the mode has a handler: one at address 0 is none. */
  hasHandler(mode: Mode): boolean {
    const { words } = this.#csrs;
    const slot = mode === MACHINE ? Slot.mtvec : Slot.stvec;
    return (words[2 * slot]! & ~3) !== 0 || words[2 * slot + 1]! !== 0;
  }

  /** Enters the handler in `mode`; the pc is the trap's. */
  enter(mode: Mode, cause: number, valueLow: number, valueHigh: number): void {
    const registers = this.#registers;
    const csrs = this.#csrs;
    const { words } = csrs;
    const interrupt = cause >= INTERRUPT;
    const code = interrupt ? cause - INTERRUPT : cause;
    const high = csrs.xlen === 64 && interrupt ? INTERRUPT : 0;
    const low = csrs.xlen === 32 ? cause : code;
    const machine = mode === MACHINE;
    this.#store(machine ? Slot.mcause : Slot.scause, low, high);
    this.#store(machine ? Slot.mepc : Slot.sepc, registers.pcLow, registers.pcHigh);
    this.#store(machine ? Slot.mtval : Slot.stval, valueLow, valueHigh);

    const status = words[STATUS]!;
    const before = registers.mode;
    if (machine) {
      words[STATUS] =
        (status & ~(MIE | MPIE | MPP)) | ((status & MIE) !== 0 ? MPIE : 0) | (before << MPP_SHIFT);
    } else {
      words[STATUS] =
        (status & ~(SIE | SPIE | SPP)) | ((status & SIE) !== 0 ? SPIE : 0) | ((before & 1) << SPP_SHIFT);
    }
    if (before !== mode || (status & MPRV) !== 0) csrs.contextChanged = true;
    registers.mode = mode;
    registers.words[RESERVATION] = 0;

    const vector = machine ? Slot.mtvec : Slot.stvec;
    const vectorLow = words[2 * vector]!;
    const vectored = interrupt && (vectorLow & 3) === 1;
    registers.setPc((vectorLow & ~3) >>> 0, words[2 * vector + 1]!);
    if (vectored) registers.advancePc(4 * code);
    this.handlerLow = registers.pcLow;
    this.handlerHigh = registers.pcHigh;
  }

  /** MRET. */
  returnFromMachine(): void {
    const { words } = this.#csrs;
    const status = words[STATUS]!;
    const mode = ((status & MPP) >> MPP_SHIFT) as Mode;
    let after = status & ~(MIE | MPP);
    if ((status & MPIE) !== 0) after |= MIE;
    after |= MPIE;
    this.#return(mode, after, Slot.mepc);
  }

  /** SRET. */
  returnFromSupervisor(): void {
    const { words } = this.#csrs;
    const status = words[STATUS]!;
    const mode = ((status & SPP) >> SPP_SHIFT) as Mode;
    let after = status & ~(SIE | SPP);
    if ((status & SPIE) !== 0) after |= SIE;
    after |= SPIE;
    this.#return(mode, after, Slot.sepc);
  }

  #return(mode: Mode, status: number, address: number): void {
    const registers = this.#registers;
    const csrs = this.#csrs;
    if (mode !== registers.mode || (status & MPRV) !== 0) csrs.contextChanged = true;
    csrs.words[STATUS] = mode === MACHINE ? status : status & ~MPRV;
    registers.mode = mode;
    registers.words[RESERVATION] = 0;
    registers.setPc(csrs.words[2 * address]!, csrs.words[2 * address + 1]!);
  }

  #store(slot: number, low: number, high: number): void {
    const { words } = this.#csrs;
    words[2 * slot] = low;
    words[2 * slot + 1] = high;
  }
}
