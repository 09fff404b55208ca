/**
 * Accesses of translated code to memory. Every one is range-checked against the RAM window here; what is outside, what
 * would trap, and stores to pages or lines that need care are the interpreter's: the function leaves before the
 * instruction, which has then changed nothing.
 */
import { SIZES, type MemoryKind, type MemoryRead, type Step, type Value } from '../../isa/semantics';
import { CODE_LINE_SHIFT } from '../../memory/code-lines';
import { PAGE_SHIFT, PageFlag } from '../../memory/page-flags';
import { LOADS, STORES } from '../interpreter/accesses';
import type { Local } from '../wasm/code';
import { F64, I32, I64, Op } from '../wasm/opcodes';
import { type AccessGroup, isRegisterAndImmediate } from './access-groups';
import type { FunctionFrame } from './function-frame';
import type { InstructionValues } from './instruction-values';
import type { GuestInstruction } from './region';

export type AccessStep = MemoryRead | Extract<Step, { readonly op: 'store' | 'atomicStore' }>;

/** Offset into RAM of an access that is wholly inside: a local, plus so many bytes. */
interface CheckedPlace {
  readonly offset: Local;
  readonly plus: number;
}

export class GuestAccesses {
  /** Offset into RAM that an atomic's load has checked for its store. */
  #checked: CheckedPlace | undefined;

  constructor(
    readonly frame: FunctionFrame,
    readonly values: InstructionValues,
    readonly guest: GuestInstruction,
  ) {}

  /** Checks all accesses of a group, of which this instruction's is the first. */
  begin({ lowest, end }: AccessGroup): void {
    const { code, xType, place } = this.frame;
    const { rs1 } = this.guest;
    const offset = this.frame.groupOf(rs1);
    code.get(this.frame.register(rs1));
    code.constant(xType, lowest - place.ramBase);
    code.arithmetic(xType, 'add');
    code.tee(offset);
    code.constant(xType, place.ramSize - (end - lowest));
    code.compare(xType, 'gtU');
    this.frame.interpretIf(this.guest.address);
    this.frame.checked.set(rs1, { offset, lowest, end });
  }

  write(step: AccessStep): void {
    switch (step.op) {
      case 'load':
        this.#loadAt(this.#checkInGroup(step.address, step.kind), step);
        break;
      case 'store': {
        const place = this.#checkInGroup(step.address, step.kind);
        this.#leaveIfWatched(place);
        this.#storeAt(place, step.kind, step.value);
        break;
      }
      case 'atomicLoad': {
        this.#leaveIfMisaligned(step.address, step.kind);
        this.#checked = { offset: this.#check(step.address, step.kind), plus: 0 };
        this.#leaveIfWatched(this.#checked);
        this.#loadAt(this.#checked, step);
        break;
      }
      case 'atomicStore':
        this.#storeAt(this.#checked!, step.kind, step.value);
        break;
      default:
        throw new Error(`${step.op} is not translated`);
    }
  }

  /** Where an access is that is wholly inside of RAM: known by its group, or checked now. */
  #checkInGroup(address: Value, kind: MemoryKind): CheckedPlace {
    const { rs1, imm } = this.guest;
    const group = isRegisterAndImmediate(address) ? this.frame.checked.get(rs1) : undefined;
    // One that was too far from the group to be in it comes by the same register.
    if (group === undefined || imm < group.lowest || imm + SIZES[kind] > group.end) {
      return { offset: this.#check(address, kind), plus: 0 };
    }
    return { offset: group.offset, plus: imm - group.lowest };
  }

  /** The offset into RAM of an access that is wholly inside. */
  #check(addressValue: Value, kind: MemoryKind): Local {
    const { code, xType, place } = this.frame;
    const offset = this.frame.scratch(xType);
    this.values.push(addressValue);
    code.constant(xType, place.ramBase);
    code.arithmetic(xType, 'sub');
    code.tee(offset);
    code.constant(xType, place.ramSize - SIZES[kind]);
    code.compare(xType, 'gtU');
    this.frame.interpretIf(this.guest.address);
    return offset;
  }

  #leaveIfMisaligned(addressValue: Value, kind: MemoryKind): void {
    const { code } = this.frame;
    this.#pushWrapped(this.values.local(addressValue));
    code.i32(SIZES[kind] - 1);
    code.arithmetic(I32, 'and');
    this.frame.interpretIf(this.guest.address);
  }

  /** A page with a flag other than `code`, or a line with code, is the interpreter's to write to. */
  #leaveIfWatched({ offset, plus }: CheckedPlace): void {
    const { code, place } = this.frame;
    const flags = this.frame.scratch(I32);
    this.#pushWrapped(offset, plus);
    code.i32(PAGE_SHIFT);
    code.arithmetic(I32, 'shrU');
    code.access(Op.i32Load8U, place.pageFlags);
    code.tee(flags);
    code.if();
    code.get(flags);
    code.i32(PageFlag.code);
    code.compare(I32, 'ne');
    this.#pushWrapped(offset, plus);
    code.i32(CODE_LINE_SHIFT);
    code.arithmetic(I32, 'shrU');
    code.access(Op.i32Load8U, place.codeLines);
    code.arithmetic(I32, 'or');
    this.frame.interpretIf(this.guest.address);
    code.end();
  }

  #loadAt({ offset, plus }: CheckedPlace, step: MemoryRead): void {
    const { code, place } = this.frame;
    if (step.type === 'd') {
      const double = this.frame.scratch(F64);
      this.#pushWrapped(offset);
      code.access(Op.f64Load, place.ramLinear + plus);
      code.set(double);
      this.values.numbers!.define(step, double);
      return;
    }
    const type = this.values.typeOf(step);
    const result = this.frame.scratch(type);
    this.#pushWrapped(offset);
    code.access(LOADS[type][step.kind], place.ramLinear + plus);
    code.set(result);
    this.values.define(step, result);
  }

  #storeAt({ offset, plus }: CheckedPlace, kind: MemoryKind, value: Value): void {
    const { code, place } = this.frame;
    this.#pushWrapped(offset);
    const double = SIZES[kind] === 8 ? this.values.doubleOf(value) : undefined;
    if (double !== undefined) {
      code.get(double);
      code.access(Op.f64Store, place.ramLinear + plus);
      return;
    }
    this.values.push(value);
    code.access(STORES[this.values.typeOf(value)][SIZES[kind]], place.ramLinear + plus);
  }

  #pushWrapped(local: Local, plus = 0): void {
    const { code } = this.frame;
    code.get(local);
    if (local.type === I64) code.op(Op.i32WrapI64);
    if (plus === 0) return;
    code.i32(plus);
    code.arithmetic(I32, 'add');
  }
}
