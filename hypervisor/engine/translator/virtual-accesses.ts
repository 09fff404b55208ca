/** Accesses behind page tables and physical memory protection: every one is looked up in the hart's TLB. */
import { SIZES, type MemoryKind, type Value } from '../../isa/semantics';
import { type DataUse, pushIsMiss, pushLinear } from '../translated-address';
import type { Local } from '../wasm/code';
import { I32 } from '../wasm/opcodes';
import { type AccessGroup, isRegisterAndImmediate } from './access-groups';
import { type CheckedPlace, GuestAccesses } from './guest-accesses';

/** What is further apart would too often lie in two pages, and then be the interpreter's. */
export const MOST_APART_IN_PAGE = 128;

export class VirtualAccesses extends GuestAccesses {
  check(group: AccessGroup): void {
    const { lowest, end, use } = group;
    const { code, xType } = this.frame;
    const { rs1 } = this.guest;
    const address = this.frame.scratch(xType);
    const offset = this.frame.groupOf(rs1);
    code.get(this.frame.register(rs1));
    code.constant(xType, lowest);
    code.arithmetic(xType, 'add');
    code.set(address);
    this.#lookUp(address, end - lowest, use, offset);
    this.frame.checked.set(rs1, { ...group, offset });
  }

  protected find(addressValue: Value, kind: MemoryKind, use: DataUse): CheckedPlace {
    const { rs1, imm } = this.guest;
    const group = isRegisterAndImmediate(addressValue) ? this.frame.checked.get(rs1) : undefined;
    const isInGroup =
      group !== undefined &&
      imm >= group.lowest &&
      imm + SIZES[kind] <= group.end &&
      (use === 'read' || group.use === 'write');
    const place = isInGroup
      ? { base: group.offset!, plus: imm - group.lowest, from: 0 }
      : { base: this.frame.scratch(I32), plus: 0, from: 0 };
    if (!isInGroup) this.#lookUp(this.values.local(addressValue), SIZES[kind], use, place.base);
    if (use === 'write') this.leaveIfWatched(place);
    return place;
  }

  /** Puts the linear address of an access that lies in one page, and is permitted, into a local. */
  #lookUp(address: Local, size: number, use: DataUse, linear: Local): void {
    const { code, bank } = this.frame;
    pushIsMiss(code, { address, size, use, bank: bank!, entry: linear });
    this.frame.interpretIf(this.guest.address);
    pushLinear(code, address, linear);
    code.set(linear);
  }
}
