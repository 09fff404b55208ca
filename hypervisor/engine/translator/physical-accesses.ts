/** Accesses where addresses are physical ones and nothing is denied: every one is range-checked against the RAM window. */
import { SIZES, type MemoryKind, type Value } from '../../isa/semantics';
import { CLEAR_FROM } from '../../memory/code-changes';
import type { DataUse } from '../translated-address';
import type { Local } from '../wasm/code';
import { I32, Op } from '../wasm/opcodes';
import { type AccessGroup, isRegisterAndImmediate, isWithin } from './access-groups';
import { type CheckedPlace, GuestAccesses } from './guest-accesses';

export class PhysicalAccesses extends GuestAccesses {
  check(group: AccessGroup): void {
    const { rs1 } = this.guest;
    const known = this.frame.checked.get(rs1);
    if (known !== undefined && isWithin(group, known) && isWithin(group.stores, known.stores)) return;
    const { lowest, end, stores } = group;
    const offset = this.#offsetOf(lowest);
    this.#leaveIfOutside(offset, end - lowest);
    if (stores !== undefined) {
      const place = { base: offset, plus: stores.lowest - lowest, from: this.frame.place.ramLinear };
      this.#leaveIfCode(place, stores.end - stores.lowest);
    }
    this.frame.checked.set(rs1, { ...group, offset });
  }

  protected find(address: Value, kind: MemoryKind, use: DataUse): CheckedPlace {
    const from = this.frame.place.ramLinear;
    const { rs1, imm } = this.guest;
    const known = isRegisterAndImmediate(address) ? this.frame.checked.get(rs1) : undefined;
    const reach = { lowest: imm, end: imm + SIZES[kind] };
    // One that was too far from the group to be in it comes by the same register.
    if (known === undefined || !isWithin(reach, known)) {
      const base = this.frame.scratch(this.frame.xType);
      this.values.push(address);
      this.#setOffset(base, 0);
      this.#leaveIfOutside(base, SIZES[kind]);
      if (use === 'write') this.#leaveIfCode({ base, plus: 0, from });
      return { base, plus: 0, from };
    }
    const base = known.offset ?? this.#offsetOf(known.lowest);
    if (known.offset === undefined) this.frame.checked.set(rs1, { ...known, offset: base });
    const place = { base, plus: imm - known.lowest, from };
    if (use === 'write' && !isWithin(reach, known.stores)) this.#leaveIfCode(place);
    return place;
  }

  /** The offset into RAM of what is so many bytes from the instruction's register, in the local of that register. */
  #offsetOf(distance: number): Local {
    const { rs1 } = this.guest;
    const offset = this.frame.groupOf(rs1);
    this.frame.code.get(this.frame.register(rs1));
    this.#setOffset(offset, distance);
    return offset;
  }

  /** Takes an address from the stack. */
  #setOffset(local: Local, distance: number): void {
    const { code, xType, place } = this.frame;
    code.constant(xType, distance - place.ramBase);
    code.arithmetic(xType, 'add');
    code.set(local);
  }

  /** Where no page has a flag, which is nearly everywhere, one comparison says so. */
  #leaveIfCode(stored: CheckedPlace, size = 1): void {
    const { code, place } = this.frame;
    this.pushWrapped(stored.base);
    code.i32(0);
    code.access(Op.i32Load, place.codeChanges + CLEAR_FROM);
    code.compare(I32, 'ltU');
    code.if();
    this.leaveIfWatched(stored, size);
    code.end();
  }

  #leaveIfOutside(offset: Local, size: number): void {
    const { code, xType, place } = this.frame;
    code.get(offset);
    code.constant(xType, place.ramSize - size);
    code.compare(xType, 'gtU');
    this.frame.interpretIf(this.guest.address);
  }
}
