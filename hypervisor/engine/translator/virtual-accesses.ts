/**
 * Accesses behind page tables and physical memory protection: every one is looked up in the hart's TLB. What was found is
 * remembered for the register that the address comes from, in locals: as long as its accesses stay in the page, they are
 * checked by one comparison. A page that is remembered for stores has no flags, so that nothing of it is looked at again.
 */
import { SIZES, type MemoryKind, type Value } from '../../isa/semantics';
import { PAGE_SIZE } from '../../memory/page-flags';
import { DATA_ENTRY } from '../../memory/translation-banks';
import { type DataUse, pushIsMiss } from '../translated-address';
import type { Local } from '../wasm/code';
import { I32, Op } from '../wasm/opcodes';
import { type AccessGroup, isRegisterAndImmediate, isWithin, type Reach } from './access-groups';
import { NO_PAGE } from './function-frame';
import { type CheckedPlace, GuestAccesses } from './guest-accesses';

/** What is further apart would too often lie in two pages, and then be the interpreter's. */
export const MOST_APART_IN_PAGE = 128;

export class VirtualAccesses extends GuestAccesses {
  check(group: AccessGroup): void {
    const { lowest, end, stores } = group;
    const use = stores === undefined ? 'read' : 'write';
    const { code, xType } = this.frame;
    const { rs1 } = this.guest;
    const address = this.frame.scratch(xType);
    const offset = this.frame.groupOf(rs1);
    code.get(this.frame.register(rs1));
    code.constant(xType, lowest);
    code.arithmetic(xType, 'add');
    code.set(address);
    const reach = stores && { lowest: stores.lowest - lowest, end: stores.end - lowest };
    this.#lookUp(address, end - lowest, use, offset, reach);
    this.frame.checked.set(rs1, { ...group, origin: offset });
  }

  protected find(addressValue: Value, kind: MemoryKind, use: DataUse): CheckedPlace {
    const { rs1, imm } = this.guest;
    const group = isRegisterAndImmediate(addressValue) ? this.frame.checked.get(rs1) : undefined;
    const size = SIZES[kind];
    const reach = { lowest: imm, end: imm + size };
    if (group !== undefined && isWithin(reach, use === 'read' ? group : group.stores))
      return { base: group.origin!, plus: imm - group.lowest, shift: 0 };
    const base = this.frame.scratch(I32);
    this.#lookUp(this.values.local(addressValue), size, use, base, { lowest: 0, end: size });
    return { base, plus: 0, shift: 0 };
  }

  /**
   * Puts the linear address of accesses that lie in one page, and are permitted, into a local.
   * @param stores what of it is stored to
   */
  #lookUp(address: Local, size: number, use: DataUse, linear: Local, stores: Reach | undefined): void {
    const { code, bank } = this.frame;
    const { page, displacement } = this.frame.pageOf(this.guest.rs1, use);
    const pushLinear = (): void => {
      this.pushWrapped(address);
      code.get(displacement);
      code.arithmetic(I32, 'add');
      code.set(linear);
    };
    this.pushIsElsewhere(address, size, page);
    code.if();
    pushIsMiss(code, { address, size, use, bank: bank!, entry: linear });
    this.frame.interpretIf(this.guest.address);
    code.get(linear);
    code.access(Op.i32Load, DATA_ENTRY.displacement);
    code.set(displacement);
    this.#pushPage(address);
    code.set(page);
    pushLinear();
    if (use === 'write') {
      const { lowest, end } = stores!;
      const flags = this.leaveIfWatched({ base: linear, plus: lowest, shift: 0 }, end - lowest);
      code.get(flags);
      code.if();
      code.constant(page.type, NO_PAGE);
      code.set(page);
      code.end();
    }
    code.else();
    pushLinear();
    code.end();
  }

  /** Leaves on the stack whether an access may be elsewhere than in the page in a local. */
  protected pushIsElsewhere(address: Local, size: number, page: Local): void {
    const { code } = this.frame;
    const { type } = address;
    const isAligned = (size & (size - 1)) === 0 && size <= 8;
    code.get(address);
    code.constant(type, isAligned ? -PAGE_SIZE | (size - 1) : -PAGE_SIZE);
    code.arithmetic(type, 'and');
    code.get(page);
    code.compare(type, 'ne');
    if (isAligned) return;
    code.get(address);
    code.constant(type, size - 1);
    code.arithmetic(type, 'add');
    code.constant(type, -PAGE_SIZE);
    code.arithmetic(type, 'and');
    code.get(page);
    code.compare(type, 'ne');
    code.arithmetic(I32, 'or');
  }

  #pushPage(address: Local): void {
    const { code } = this.frame;
    code.get(address);
    code.constant(address.type, -PAGE_SIZE);
    code.arithmetic(address.type, 'and');
  }
}
