import { ACCESS_DATA, RESERVATION_ADDRESS, RESERVATION_VALID, RESERVATION_VALUE } from '../../hart/layout';
import { SIZES, type MemoryKind, type MemoryRead, type Step, type Value } from '../../isa/semantics';
import { PAGE_SHIFT, PageFlag } from '../../memory/page-flags';
import { Intent } from '../engine-contract';
import { Access } from '../step-contract';
import type { Local } from '../wasm/code';
import { I32, I64, Op } from '../wasm/opcodes';
import type { Frame } from './frame';
import type { Values } from './values';

/** Exception causes (privileged architecture, table 3.6). */
const Cause = { loadMisaligned: 4, loadAccess: 5, storeMisaligned: 6, storeAccess: 7 } as const;

/** Attention is remembered in the cycles: so few that the run ends before the next instruction. */
export const ATTENTION_SHIFT = 29;

/** By the type of the value: on RV32 too, floating-point registers are loaded and stored in 64 bits. */
const LOADS = {
  [I32]: { i8: Op.i32Load8S, u8: Op.i32Load8U, i16: Op.i32Load16S, u16: Op.i32Load16U, i32: Op.i32Load, u32: Op.i32Load, i64: Op.unreachable },
  [I64]: { i8: Op.i64Load8S, u8: Op.i64Load8U, i16: Op.i64Load16S, u16: Op.i64Load16U, i32: Op.i64Load32S, u32: Op.i64Load32U, i64: Op.i64Load },
} as const; // prettier-ignore
const STORES = {
  [I32]: { 1: Op.i32Store8, 2: Op.i32Store16, 4: Op.i32Store, 8: Op.unreachable },
  [I64]: { 1: Op.i64Store8, 2: Op.i64Store16, 4: Op.i64Store32, 8: Op.i64Store },
} as const;

type AccessStep = MemoryRead | Extract<Step, { readonly op: 'store' | 'atomicStore' }>;

/**
 * Writes the code of memory accesses. Every one is range-checked against the RAM window, by the one place that turns a
 * guest address into a linear one (`#offsetInRam`); what lies outside is the host's.
 */
export class Accesses {
  /** Offset into RAM that an atomic's load has checked for its store. */
  #checked: Local | undefined;

  constructor(
    readonly frame: Frame,
    readonly values: Values,
  ) {}

  emit(step: AccessStep): void {
    switch (step.op) {
      case 'load':
        return this.#load(step);
      case 'store':
        return this.#store(step.kind, step.address, step.value);
      case 'atomicLoad':
        return this.#atomicLoad(step);
      case 'atomicStore':
        return this.#storeAt(this.#checked!, step.kind, step.value);
      case 'loadReserved':
        return this.#loadReserved(step);
      case 'storeConditional':
        return this.#storeConditional(step);
    }
  }

  /** An access outside of RAM makes the host put the value where the load then finds it. */
  #load(step: MemoryRead): void {
    const { code, hart, helpers, ramLinear } = this.frame;
    const size = SIZES[step.kind];
    const address = this.values.local(step.address);
    const offset = this.#offset(address);
    const linear = this.frame.scratch(I32);
    const result = this.frame.scratch(this.values.typeOf(step));

    this.#pushIsOutside(offset, size);
    code.if();
    this.#expose(address);
    code.i32(size);
    code.call(helpers.load);
    this.#obeyAnswer();
    code.get(hart);
    code.i32(ACCESS_DATA);
    code.arithmetic(I32, 'add');
    code.set(linear);
    code.else();
    this.#askIfFlagged(address, offset, size, Intent.read);
    this.#pushWrapped(offset);
    code.get(ramLinear);
    code.arithmetic(I32, 'add');
    code.set(linear);
    code.end();
    code.get(linear);
    code.access(LOADS[result.type][step.kind]);
    code.set(result);
    this.values.define(step, result);
  }

  #store(kind: MemoryKind, addressValue: Value, value: Value): void {
    const { code, hart, helpers } = this.frame;
    const size = SIZES[kind];
    const address = this.values.local(addressValue);
    const data = this.values.local(value);
    const offset = this.#offset(address);

    this.#pushIsOutside(offset, size);
    code.if();
    this.#expose(address);
    code.get(hart);
    code.get(data);
    if (data.type === I32) code.op(Op.i64ExtendI32U);
    code.access(Op.i64Store, ACCESS_DATA);
    code.i32(size);
    code.call(helpers.store);
    this.#obeyAnswer();
    code.else();
    this.#askIfFlagged(address, offset, size, Intent.write);
    this.#storeAt(offset, kind, value);
    code.end();
  }

  /** Stores to a checked offset, and forgets code that is overwritten. */
  #storeAt(offset: Local, kind: MemoryKind, value: Value): void {
    const { code, hart, ramLinear, helpers } = this.frame;
    const size = SIZES[kind];
    this.#pushWrapped(offset);
    code.get(ramLinear);
    code.arithmetic(I32, 'add');
    this.values.push(value);
    code.access(STORES[this.values.typeOf(value)][size]);
    this.#pushFlags(offset, 0);
    if (this.frame.guarded) {
      code.i32(PageFlag.code);
      code.arithmetic(I32, 'and');
    }
    code.if();
    code.get(hart);
    this.#pushWrapped(offset);
    code.i32(size);
    code.call(helpers.forget);
    code.end();
  }

  #atomicLoad(step: MemoryRead): void {
    this.#checkAtomic(step, Cause.storeMisaligned, Cause.storeAccess, Intent.readAndWrite);
    this.values.define(step, this.#loadChecked(step));
  }

  #loadReserved(step: MemoryRead): void {
    const { code, hart, xType } = this.frame;
    this.#checkAtomic(step, Cause.loadMisaligned, Cause.loadAccess, Intent.read);
    const result = this.#loadChecked(step);
    this.values.define(step, result);
    code.get(hart);
    code.i32(1);
    code.access(Op.i32Store, RESERVATION_VALID);
    code.get(hart);
    code.get(this.values.local(step.address));
    if (xType === I32) code.op(Op.i64ExtendI32U);
    code.access(Op.i64Store, RESERVATION_ADDRESS);
    code.get(hart);
    code.get(result);
    if (xType === I32) code.op(Op.i64ExtendI32U);
    code.access(Op.i64Store, RESERVATION_VALUE);
  }

  /** Stores if the reservation is for this address and memory still holds what was loaded, as QEMU decides it. */
  #storeConditional(step: MemoryRead): void {
    if (step.op !== 'storeConditional') return;
    const { code, hart, xType } = this.frame;
    this.#checkAtomic(step, Cause.storeMisaligned, Cause.storeAccess, Intent.write);
    const loaded = this.#loadChecked(step);
    const failed = this.frame.scratch(xType);
    const pushField = (field: number): void => {
      code.get(hart);
      code.access(Op.i64Load, field);
    };
    const pushWide = (local: Local): void => {
      code.get(local);
      if (xType === I32) code.op(Op.i64ExtendI32U);
    };
    this.values.local(step.value);
    code.constant(xType, 1);
    code.set(failed);
    code.get(hart);
    code.access(Op.i32Load, RESERVATION_VALID);
    pushField(RESERVATION_ADDRESS);
    pushWide(this.values.local(step.address));
    code.compare(I64, 'eq');
    code.arithmetic(I32, 'and');
    pushField(RESERVATION_VALUE);
    pushWide(loaded);
    code.compare(I64, 'eq');
    code.arithmetic(I32, 'and');
    code.if();
    this.#storeAt(this.#checked!, step.kind, step.value);
    code.constant(xType, 0);
    code.set(failed);
    code.end();
    code.get(hart);
    code.i32(0);
    code.access(Op.i32Store, RESERVATION_VALID);
    this.values.define(step, failed);
  }

  /** Atomics must be aligned and in RAM: no device of the platform takes part in them. */
  #checkAtomic(step: MemoryRead, misaligned: number, accessFault: number, intent: Intent): void {
    const { code } = this.frame;
    const size = SIZES[step.kind];
    const address = this.values.local(step.address);
    const offset = this.#offset(address);
    this.#pushWrapped(address);
    code.i32(size - 1);
    code.arithmetic(I32, 'and');
    this.#trapIf(misaligned, address);
    this.#pushIsOutside(offset, size);
    this.#trapIf(accessFault, address);
    this.#askIfFlagged(address, offset, size, intent);
    this.#checked = offset;
  }

  #loadChecked(step: MemoryRead): Local {
    const { code, ramLinear, xType } = this.frame;
    const result = this.frame.scratch(xType);
    this.#pushWrapped(this.#checked!);
    code.get(ramLinear);
    code.arithmetic(I32, 'add');
    code.access(LOADS[xType][step.kind]);
    code.set(result);
    return result;
  }

  /** Takes the condition from the stack. */
  #trapIf(cause: number, address: Local): void {
    const { code, hart, helpers, labels, xType } = this.frame;
    code.if();
    code.get(hart);
    code.i32(cause);
    code.get(address);
    if (xType === I32) code.op(Op.i64ExtendI32U);
    code.call(helpers.trap);
    code.br(labels.trap);
    code.end();
  }

  /** The offset into RAM of a guest address; not to be used before `#pushIsOutside` has said no. */
  #offset(address: Local): Local {
    const { code, ramBase, xType } = this.frame;
    const offset = this.frame.scratch(xType);
    code.get(address);
    code.get(ramBase);
    code.arithmetic(xType, 'sub');
    code.set(offset);
    return offset;
  }

  #pushIsOutside(offset: Local, size: 1 | 2 | 4 | 8): void {
    const { code, lastOffset, xType } = this.frame;
    code.get(offset);
    code.get(lastOffset[size]);
    code.compare(xType, 'gtU');
  }

  #pushWrapped(local: Local): void {
    const { code, xType } = this.frame;
    code.get(local);
    if (xType === I64) code.op(Op.i32WrapI64);
  }

  /** The flags of the page that holds the byte at an offset into RAM plus some bytes. */
  #pushFlags(offset: Local, plus: number): void {
    const { code, pageFlags } = this.frame;
    this.#pushWrapped(offset);
    if (plus > 0) {
      code.i32(plus);
      code.arithmetic(I32, 'add');
    }
    code.i32(PAGE_SHIFT);
    code.arithmetic(I32, 'shrU');
    code.get(pageFlags);
    code.arithmetic(I32, 'add');
    code.access(Op.i32Load8U);
  }

  /** Guarded engines ask the host before they touch a flagged page. */
  #askIfFlagged(address: Local, offset: Local, size: 1 | 2 | 4 | 8, intent: Intent): void {
    const { code, guarded, helpers } = this.frame;
    if (!guarded) return;
    this.#pushFlags(offset, 0);
    if (size > 1) {
      this.#pushFlags(offset, size - 1);
      code.arithmetic(I32, 'or');
    }
    const read = intent & Intent.read ? PageFlag.noRead : 0;
    const write = intent & Intent.write ? PageFlag.noWrite : 0;
    code.i32(PageFlag.ask | read | write);
    code.arithmetic(I32, 'and');
    code.if();
    this.#expose(address);
    code.i32(size);
    code.i32(intent);
    code.call(helpers.permit);
    this.#obeyAnswer();
    code.end();
  }

  #expose(address: Local): void {
    const { code, hart, record, cycles, instructions, helpers, xType } = this.frame;
    code.get(hart);
    code.get(record);
    code.get(cycles);
    code.get(instructions);
    code.get(address);
    if (xType === I32) code.op(Op.i64ExtendI32U);
    code.call(helpers.expose);
  }

  /** Takes the host's answer from the stack. */
  #obeyAnswer(): void {
    const { code, cycles, labels } = this.frame;
    const answer = this.frame.scratch(I32);
    code.tee(answer);
    code.i32(Access.trap);
    code.compare(I32, 'eq');
    code.brIf(labels.trap);
    code.get(cycles);
    code.get(answer);
    code.i32(Access.attention);
    code.arithmetic(I32, 'and');
    code.i32(ATTENTION_SHIFT);
    code.arithmetic(I32, 'shl');
    code.arithmetic(I32, 'sub');
    code.set(cycles);
  }
}
