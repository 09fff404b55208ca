/**
 * Accesses of translated code to memory. Every one is checked by whoever finds out where it happens (the two that extend
 * this); what is outside of RAM, what would trap, and stores to pages or lines that need care are the interpreter's: the
 * function leaves before the instruction, which has then changed nothing.
 */
import { RESERVATION_ADDRESS, RESERVATION_VALID, RESERVATION_VALUE } from '../../hart/layout';
import { SIZES, type MemoryKind, type MemoryRead, type Step, type Value } from '../../isa/semantics';
import { CODE_LINE_SHIFT, CODE_LINE_SIZE } from '../../memory/code-lines';
import { PAGE_SHIFT, PageFlag } from '../../memory/page-flags';
import { LOADS, STORES } from '../interpreter/accesses';
import type { DataUse } from '../translated-address';
import type { Local } from '../wasm/code';
import { F64, I32, I64, Op } from '../wasm/opcodes';
import type { AccessGroup } from './access-groups';
import type { FunctionFrame } from './function-frame';
import type { InstructionValues } from './instruction-values';
import type { GuestInstruction } from './region';

export type AccessStep = MemoryRead | Extract<Step, { readonly op: 'store' | 'atomicStore' }>;

/** Where an access is that is wholly inside of RAM: an address in a local, and so many bytes from there. */
export interface CheckedPlace {
  readonly base: Local;
  readonly plus: number;
  /** What to add to get the linear address: `ramShift` of a guest address, 0 of one that is linear. */
  readonly shift: number;
}

export abstract class GuestAccesses {
  /** What an atomic's load has checked for its store. */
  #checked: CheckedPlace | undefined;

  constructor(
    readonly frame: FunctionFrame,
    readonly values: InstructionValues,
    readonly guest: GuestInstruction,
  ) {}

  /** Checks all accesses of a group, of which this instruction's is the first. */
  abstract check(group: AccessGroup): void;

  /** Where an access happens; the function leaves if the interpreter must do it, and before stores that are watched. */
  protected abstract find(address: Value, kind: MemoryKind, use: DataUse): CheckedPlace;

  write(step: AccessStep): void {
    switch (step.op) {
      case 'load':
        this.#load(this.find(step.address, step.kind, 'read'), step);
        break;
      case 'store':
        this.#storeAt(this.find(step.address, step.kind, 'write'), step.kind, step.value);
        break;
      case 'atomicLoad':
        this.#leaveIfMisaligned(step.address, step.kind);
        this.#checked = this.find(step.address, step.kind, 'write');
        this.#load(this.#checked, step);
        break;
      case 'atomicStore':
        this.#storeAt(this.#checked!, step.kind, step.value);
        break;
      case 'loadReserved':
        this.#leaveIfMisaligned(step.address, step.kind);
        this.#loadReserved(step);
        break;
      case 'storeConditional':
        this.#leaveIfMisaligned(step.address, step.kind);
        this.#storeConditional(step);
        break;
    }
  }

  #leaveIfMisaligned(address: Value, kind: MemoryKind): void {
    const { code } = this.frame;
    this.pushWrapped(this.values.local(address));
    code.i32(SIZES[kind] - 1);
    code.arithmetic(I32, 'and');
    this.frame.interpretIf(this.guest.address);
  }

  /**
   * A page with a flag other than `code`, or a line with code, is the interpreter's to write to.
   * @param size of what is stored in, if it is more than one store
   * @returns an i32 that is 0 where nothing need be looked at again, whatever else is stored to the page
   */
  protected leaveIfWatched({ base, plus, shift }: CheckedPlace, size = 1): Local {
    const { code, place } = this.frame;
    const flags = this.frame.scratch(I32);
    const pushPlaceIn = (unit: number, more = 0): void => {
      this.pushWrapped(base, plus + more);
      code.i32(unit);
      code.arithmetic(I32, 'shrU');
    };
    const within = (table: number, unit: number): number => table - (place.ramShift - shift) / 2 ** unit;
    const pageFlags = within(place.pageFlags, PAGE_SHIFT);
    pushPlaceIn(PAGE_SHIFT);
    code.access(Op.i32Load8U, pageFlags);
    if (size > 1) {
      pushPlaceIn(PAGE_SHIFT, size - 1);
      code.access(Op.i32Load8U, pageFlags);
      code.arithmetic(I32, 'or');
    }
    code.tee(flags);
    code.if();
    code.get(flags);
    code.i32(PageFlag.code);
    code.compare(I32, 'ne');
    pushPlaceIn(CODE_LINE_SHIFT);
    this.#loadLines(within(place.codeLines, CODE_LINE_SHIFT), size);
    code.arithmetic(I32, 'or');
    this.frame.interpretIf(this.guest.address);
    code.end();
    return flags;
  }

  /** Not 0 where one of the lines has code that bytes from a place on lie in, wherever in its line that is. */
  #loadLines(table: number, size: number): void {
    const { code } = this.frame;
    const lines = Math.ceil((size - 1) / CODE_LINE_SIZE) + 1;
    if (lines === 1) return code.access(Op.i32Load8U, table);
    if (lines <= 4) {
      code.access(Op.i32Load, table);
      if (lines === 4) return;
      code.i32(2 ** (8 * lines) - 1);
      return code.arithmetic(I32, 'and');
    }
    code.access(Op.i64Load, table);
    if (lines < 8) {
      code.i64((1n << BigInt(8 * lines)) - 1n);
      code.arithmetic(I64, 'and');
    }
    code.i64(0n);
    code.compare(I64, 'ne');
  }

  /** The rules of reservations are the interpreter's (interpreter/accesses.ts). */
  #loadReserved(step: MemoryRead): void {
    const { code, place } = this.frame;
    const address = this.values.local(step.address);
    const result = this.#load(this.find(step.address, step.kind, 'read'), step);
    code.i32(0);
    code.i32(1);
    code.access(Op.i32Store, place.hart + RESERVATION_VALID);
    code.i32(0);
    this.#pushWide(address);
    code.access(Op.i64Store, place.hart + RESERVATION_ADDRESS);
    code.i32(0);
    this.#pushWide(result);
    code.access(Op.i64Store, place.hart + RESERVATION_VALUE);
  }

  #storeConditional(step: MemoryRead): void {
    if (step.op !== 'storeConditional') return;
    const { code, place, xType } = this.frame;
    const address = this.values.local(step.address);
    const found = this.find(step.address, step.kind, 'write');
    const failed = this.frame.scratch(xType);
    const pushField = (field: number): void => {
      code.i32(0);
      code.access(Op.i64Load, place.hart + field);
    };
    this.values.local(step.value);
    code.constant(xType, 1);
    code.set(failed);
    code.i32(0);
    code.access(Op.i32Load, place.hart + RESERVATION_VALID);
    pushField(RESERVATION_ADDRESS);
    this.#pushWide(address);
    code.compare(I64, 'eq');
    code.arithmetic(I32, 'and');
    pushField(RESERVATION_VALUE);
    code.access(LOADS[xType][step.kind], this.#pushPlace(found));
    if (xType === I32) code.op(Op.i64ExtendI32U);
    code.compare(I64, 'eq');
    code.arithmetic(I32, 'and');
    code.if();
    this.#storeAt(found, step.kind, step.value);
    code.constant(xType, 0);
    code.set(failed);
    code.end();
    code.i32(0);
    code.i32(0);
    code.access(Op.i32Store, place.hart + RESERVATION_VALID);
    this.values.define(step, failed);
  }

  #load(place: CheckedPlace, step: MemoryRead): Local {
    const { code } = this.frame;
    if (step.type === 'd') {
      const double = this.frame.scratch(F64);
      code.access(Op.f64Load, this.#pushPlace(place));
      code.set(double);
      this.values.numbers!.define(step, double);
      return place.base;
    }
    const type = this.values.typeOf(step);
    const result = this.frame.scratch(type);
    code.access(LOADS[type][step.kind], this.#pushPlace(place));
    code.set(result);
    this.values.define(step, result);
    return result;
  }

  #storeAt(place: CheckedPlace, kind: MemoryKind, value: Value): void {
    const { code } = this.frame;
    const offset = this.#pushPlace(place);
    const double = SIZES[kind] === 8 ? this.values.doubleOf(value) : undefined;
    if (double !== undefined) {
      code.get(double);
      code.access(Op.f64Store, offset);
      return;
    }
    this.values.push(value);
    code.access(STORES[this.values.typeOf(value)][SIZES[kind]], offset);
  }

  /** Leaves the address of an access on the stack. @returns the offset from there that the access has in its instruction */
  #pushPlace({ base, plus, shift }: CheckedPlace): number {
    if (shift >= 0) this.pushWrapped(base);
    else this.pushWrapped(base, shift);
    return Math.max(shift, 0) + plus;
  }

  #pushWide(local: Local): void {
    this.frame.code.get(local);
    if (local.type === I32) this.frame.code.op(Op.i64ExtendI32U);
  }

  protected pushWrapped(local: Local, plus = 0): void {
    const { code } = this.frame;
    code.get(local);
    if (local.type === I64) code.op(Op.i32WrapI64);
    if (plus === 0) return;
    code.i32(plus);
    code.arithmetic(I32, 'add');
  }
}
