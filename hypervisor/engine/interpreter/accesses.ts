import { ACCESS_DATA, RESERVATION_ADDRESS, RESERVATION_VALID, RESERVATION_VALUE } from '../../hart/layout';
import { SIZES, type MemoryKind, type MemoryRead, type Step, type Value } from '../../isa/semantics';
import { PAGE_SHIFT } from '../../memory/page-flags';
import { Intent } from '../engine-contract';
import { Access } from '../step-contract';
import { pushIsMiss, pushLinear, type DataUse } from '../translated-address';
import type { Local } from '../wasm/code';
import { I32, I64, Op } from '../wasm/opcodes';
import type { Frame } from './frame';
import type { Values } from './values';

/** Exception causes (privileged architecture, table 3.6). */
const Cause = { loadMisaligned: 4, loadAccess: 5, storeMisaligned: 6, storeAccess: 7 } as const;

/** Attention is remembered in the cycles: so few that the run ends before the next instruction. */
export const ATTENTION_SHIFT = 29;

/** By the type of the value: on RV32 too, floating-point registers are loaded and stored in 64 bits. */
export const LOADS = {
  [I32]: { i8: Op.i32Load8S, u8: Op.i32Load8U, i16: Op.i32Load16S, u16: Op.i32Load16U, i32: Op.i32Load, u32: Op.i32Load, i64: Op.unreachable },
  [I64]: { i8: Op.i64Load8S, u8: Op.i64Load8U, i16: Op.i64Load16S, u16: Op.i64Load16U, i32: Op.i64Load32S, u32: Op.i64Load32U, i64: Op.i64Load },
} as const; // prettier-ignore
export const STORES = {
  [I32]: { 1: Op.i32Store8, 2: Op.i32Store16, 4: Op.i32Store, 8: Op.unreachable },
  [I64]: { 1: Op.i64Store8, 2: Op.i64Store16, 4: Op.i64Store32, 8: Op.i64Store },
} as const;

type AccessStep = MemoryRead | Extract<Step, { readonly op: 'store' | 'atomicStore' }>;

/**
 * Writes the code of memory accesses. Every one is checked by the one place that says whether it is the host's
 * (`#pushIsHosts`): in direct runs the range check against the RAM window, in translated runs the look-up in the TLB.
 * Where it is not, `#pushLinear` gives the linear address.
 */
export class Accesses {
  /** Linear address that an atomic's load has checked for its store. */
  #checked: Local | undefined;
  /** What the check has found: the offset into RAM, or the TLB's entry. */
  #found: Local | undefined;

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

  /** An access that is the host's makes the host put the value where the load then finds it. */
  #load(step: MemoryRead): void {
    const { code, hart, helpers } = this.frame;
    const size = SIZES[step.kind];
    const address = this.values.local(step.address);
    const linear = this.frame.scratch(I32);
    const result = this.frame.scratch(this.values.typeOf(step));

    this.#pushIsHosts(address, size, 'read');
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
    this.#pushLinear(address);
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
    const linear = this.frame.scratch(I32);

    this.#pushIsHosts(address, size, 'write');
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
    this.#pushLinear(address);
    code.set(linear);
    this.#storeAt(linear, kind, value);
    code.end();
  }

  /** Stores to a checked linear address, and forgets code that is overwritten. */
  #storeAt(linear: Local, kind: MemoryKind, value: Value): void {
    const { code, hart, ramLinear, pageFlags, helpers } = this.frame;
    const size = SIZES[kind];
    code.get(linear);
    this.values.push(value);
    code.access(STORES[this.values.typeOf(value)][size]);
    code.get(linear);
    code.i32(PAGE_SHIFT);
    code.arithmetic(I32, 'shrU');
    code.get(pageFlags);
    code.arithmetic(I32, 'add');
    code.access(Op.i32Load8U);
    code.if();
    code.get(hart);
    code.get(linear);
    code.get(ramLinear);
    code.arithmetic(I32, 'sub');
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
    const { code, hart, helpers, translated } = this.frame;
    const size = SIZES[step.kind];
    const address = this.values.local(step.address);
    const linear = this.frame.scratch(I32);
    this.#pushWrapped(address);
    code.i32(size - 1);
    code.arithmetic(I32, 'and');
    this.#trapIf(misaligned, address);
    this.#pushIsHosts(address, size, intent === Intent.read ? 'read' : 'write');
    if (translated) {
      code.if();
      this.#expose(address);
      code.i32(size);
      code.i32(intent);
      code.call(helpers.place);
      this.#obeyAnswer();
      code.get(hart);
      code.access(Op.i32Load, ACCESS_DATA);
      code.set(linear);
      code.else();
      this.#pushLinear(address);
      code.set(linear);
      code.end();
    } else {
      this.#trapIf(accessFault, address);
      this.#pushLinear(address);
      code.set(linear);
    }
    this.#checked = linear;
  }

  #loadChecked(step: MemoryRead): Local {
    const { code, xType } = this.frame;
    const result = this.frame.scratch(xType);
    code.get(this.#checked!);
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

  /** Leaves on the stack whether the access is to be left to the host. */
  #pushIsHosts(address: Local, size: 1 | 2 | 4 | 8, use: DataUse): void {
    const { code, ramBase, lastOffset, dataBank, xType, translated } = this.frame;
    if (translated) {
      const entry = this.frame.scratch(I32);
      this.#found = entry;
      pushIsMiss(code, { address, size, use, bank: dataBank, entry });
      return;
    }
    const offset = this.frame.scratch(xType);
    this.#found = offset;
    code.get(address);
    code.get(ramBase);
    code.arithmetic(xType, 'sub');
    code.tee(offset);
    code.get(lastOffset[size]);
    code.compare(xType, 'gtU');
  }

  /** Leaves the linear address on the stack, where `#pushIsHosts` has said no. */
  #pushLinear(address: Local): void {
    const { code, ramLinear, translated } = this.frame;
    if (translated) {
      pushLinear(code, address, this.#found!);
      return;
    }
    this.#pushWrapped(this.#found!);
    code.get(ramLinear);
    code.arithmetic(I32, 'add');
  }

  #pushWrapped(local: Local): void {
    const { code, xType } = this.frame;
    code.get(local);
    if (xType === I64) code.op(Op.i32WrapI64);
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
