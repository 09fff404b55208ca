/**
 * System instructions that have no consequence but their own: those that kernels switch interrupts off and on by, all the
 * time, where none is waiting to be taken, and SFENCE.VMA, which has nothing left to do (step-contract.ts). What of them
 * is anything else when it runs (illegal in the mode, other bits of the status, an interrupt) is left to the hart.
 */
import { CSRS, FLOAT_CONTROL } from '../../hart/layout';
import { FloatControl, FloatState } from '../../hart/float-control';
import { Mode } from '../../hart/mode';
import { Slot } from '../../hart/csr-slots';
import {
  FS_SHIFT,
  MSTATUS,
  SD,
  SSTATUS,
  Status,
  SUPERVISOR_STATUS,
  SUPERVISOR_STATUS_HIGH_64,
} from '../../hart/status';
import type { Instruction } from '../../isa/instruction-set';
import type { SystemOperation } from '../../isa/semantics';
import type { Local } from '../wasm/code';
import { I32, I64, Op } from '../wasm/opcodes';
import type { FunctionFrame } from './function-frame';
import type { GuestInstruction } from './region';

type CsrOperation = Extract<SystemOperation, { is: 'csr' }>;

interface StatusRegister {
  /** Its bit that enables interrupts. */
  readonly enable: number;
  readonly readableLow: number;
  readonly readableHigh: number;
}

/** By number of the CSR. */
const STATUS_REGISTERS: Readonly<Record<number, StatusRegister>> = {
  [SSTATUS]: {
    enable: Status.SIE,
    readableLow: SUPERVISOR_STATUS,
    readableHigh: SUPERVISOR_STATUS_HIGH_64,
  },
  [MSTATUS]: { enable: Status.MIE, readableLow: -1, readableHigh: -1 },
};

/** A CSR's number says who may access it (privileged architecture 2.1). */
const leastModeOf = (encoding: number): number => (encoding >>> 28) & 3;
const csrOf = (encoding: number): StatusRegister | undefined => STATUS_REGISTERS[encoding >>> 20];
/** Of CSRRSI and CSRRCI. */
const immediateOf = (encoding: number): number => (encoding >>> 15) & 31;

export function isQuick({ facts: { system } }: Instruction, encoding: number): boolean {
  if (system?.is === 'sfence.vma') return true;
  if (system?.is !== 'csr' || system.does === 'write') return false;
  const status = csrOf(encoding);
  return status !== undefined && (system.source === 'rs1' || (immediateOf(encoding) & ~status.enable) === 0);
}

/** Writes the code of one. */
export class QuickSystem {
  constructor(
    readonly frame: FunctionFrame,
    readonly guest: GuestInstruction,
  ) {}

  write(): void {
    const { code } = this.frame;
    const { instruction, encoding } = this.guest;
    const status = csrOf(encoding);
    if (instruction.facts.system?.is === 'csr' && status !== undefined)
      return this.#accessStatus(status, instruction.facts.system);
    this.#pushIsBelow(Mode.supervisor);
    this.#pushSlot(Slot.mstatus);
    code.i32(Status.TVM);
    code.arithmetic(I32, 'and');
    code.arithmetic(I32, 'or');
    this.frame.interpretIf(this.guest.address);
  }

  #accessStatus(status: StatusRegister, { does, source }: CsrOperation): void {
    const { frame, guest } = this;
    const { code, xType, place } = frame;
    const changes = source === 'imm' ? immediateOf(guest.encoding) !== 0 : guest.rs1 !== 0;
    this.#pushIsBelow(leastModeOf(guest.encoding));
    if (source === 'rs1' && changes) {
      code.get(frame.register(guest.rs1));
      code.constant(xType, ~status.enable);
      code.arithmetic(xType, 'and');
      code.constant(xType, 0);
      code.compare(xType, 'ne');
      code.arithmetic(I32, 'or');
    }
    if (does === 'set' && changes) {
      this.pushWaiting();
      code.arithmetic(I32, 'or');
    }
    frame.interpretIf(guest.address);
    const before = frame.scratch(I32);
    this.#pushSlot(Slot.mstatus);
    code.set(before);
    if (changes) {
      code.i32(0);
      code.get(before);
      if (source === 'imm') code.i32(status.enable);
      else {
        code.get(frame.register(guest.rs1));
        if (xType === I64) code.op(Op.i32WrapI64);
      }
      if (does === 'clear') {
        code.i32(-1);
        code.arithmetic(I32, 'xor');
      }
      code.arithmetic(I32, does === 'clear' ? 'and' : 'or');
      code.access(Op.i32Store, place.hart + CSRS + 8 * Slot.mstatus);
    }
    if (guest.rd === 0) return;
    this.#pushAnswer(before, status);
    code.set(frame.register(guest.rd));
  }

  /** What it answers, as hart/csr-float.ts does: with FS of the control word, and SD where that is Dirty. */
  #pushAnswer(before: Local, { readableLow, readableHigh }: StatusRegister): void {
    const { code, xType } = this.frame;
    code.get(before);
    code.i32(readableLow);
    code.arithmetic(I32, 'and');
    this.#pushFloatState();
    code.i32(FS_SHIFT - FloatControl.stateShift);
    code.arithmetic(I32, 'shl');
    code.arithmetic(I32, 'or');
    if (xType === I64) {
      code.op(Op.i64ExtendI32U);
      this.#pushSlot(Slot.mstatus, 4);
      code.i32(readableHigh);
      code.arithmetic(I32, 'and');
    }
    this.#pushFloatState();
    code.i32(FloatState.dirty << FloatControl.stateShift);
    code.compare(I32, 'eq');
    code.i32(SD);
    code.arithmetic(I32, 'mul');
    code.arithmetic(I32, 'or');
    if (xType === I32) return;
    code.op(Op.i64ExtendI32U);
    code.i64(32n);
    code.arithmetic(I64, 'shl');
    code.arithmetic(I64, 'or');
  }

  /** Leaves on the stack what interrupts are waiting, of those that mie enables. */
  pushWaiting(): void {
    const { code } = this.frame;
    for (const slot of [Slot.mip, Slot.lines, Slot.timer]) this.#pushSlot(slot);
    code.arithmetic(I32, 'or');
    code.arithmetic(I32, 'or');
    this.#pushSlot(Slot.mie);
    code.arithmetic(I32, 'and');
  }

  #pushIsBelow(mode: number): void {
    this.#pushSlot(Slot.mode);
    this.frame.code.i32(mode);
    this.frame.code.compare(I32, 'ltU');
  }

  #pushFloatState(): void {
    const { code, place } = this.frame;
    code.i32(0);
    code.access(Op.i32Load, place.hart + FLOAT_CONTROL);
    code.i32(FloatControl.state);
    code.arithmetic(I32, 'and');
  }

  #pushSlot(slot: number, offset = 0): void {
    const { code, place } = this.frame;
    code.i32(0);
    code.access(Op.i32Load, place.hart + CSRS + 8 * slot + offset);
  }
}
