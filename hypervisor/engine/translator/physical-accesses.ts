/**
 * Accesses where addresses are physical ones and nothing is denied: every one is range-checked against the RAM window, and
 * then found by the guest's address itself.
 */
import { SIZES, type MemoryKind, type Value } from '../../isa/semantics';
import { CLEAR_FROM } from '../../memory/code-changes';
import type { DataUse } from '../translated-address';
import type { Local } from '../wasm/code';
import { I32, Op } from '../wasm/opcodes';
import { type AccessGroup, isRegisterAndImmediate, isWithin } from './access-groups';
import { type CheckedPlace, GuestAccesses } from './guest-accesses';

/** A local with an address, and how far from the instruction's register that is. */
interface Origin {
  readonly base: Local;
  readonly at: number;
}

export class PhysicalAccesses extends GuestAccesses {
  check(group: AccessGroup): void {
    const { rs1 } = this.guest;
    const known = this.frame.checked.get(rs1);
    if (known !== undefined && isWithin(group, known) && isWithin(group.stores, known.stores)) return;
    const { lowest, end, stores } = group;
    const origin = this.#originOf(lowest);
    this.#leaveIfOutside(origin.base, lowest - origin.at, end - lowest);
    if (stores !== undefined)
      this.#leaveIfCode(this.#placeFrom(origin, stores.lowest), stores.end - stores.lowest);
    this.frame.checked.set(rs1, { ...group, origin: origin.base });
  }

  protected find(address: Value, kind: MemoryKind, use: DataUse): CheckedPlace {
    const { rs1, imm } = this.guest;
    const known = isRegisterAndImmediate(address) ? this.frame.checked.get(rs1) : undefined;
    const reach = { lowest: imm, end: imm + SIZES[kind] };
    // One that was too far from the group to be in it comes by the same register.
    if (known === undefined || !isWithin(reach, known)) {
      const base = this.frame.scratch(this.frame.xType);
      this.values.push(address);
      this.frame.code.set(base);
      this.#leaveIfOutside(base, 0, SIZES[kind]);
      const place = this.#placeFrom({ base, at: 0 }, 0);
      if (use === 'write') this.#leaveIfCode(place);
      return place;
    }
    const { lowest } = known;
    const origin =
      known.origin === undefined ? this.#originOf(lowest) : { base: known.origin, at: Math.min(lowest, 0) };
    if (known.origin === undefined) this.frame.checked.set(rs1, { ...known, origin: origin.base });
    const place = this.#placeFrom(origin, imm);
    if (use === 'write' && !isWithin(reach, known.stores)) this.#leaveIfCode(place);
    return place;
  }

  /** The register itself, since an access has room for an offset; but that is never negative. */
  #originOf(lowest: number): Origin {
    const { frame, guest } = this;
    const register = frame.register(guest.rs1);
    if (lowest >= 0) return { base: register, at: 0 };
    const base = frame.groupOf(guest.rs1);
    frame.code.get(register);
    frame.code.constant(frame.xType, lowest);
    frame.code.arithmetic(frame.xType, 'add');
    frame.code.set(base);
    return { base, at: lowest };
  }

  /** @param distance from the instruction's register */
  #placeFrom({ base, at }: Origin, distance: number): CheckedPlace {
    return { base, plus: distance - at, shift: this.frame.place.ramShift };
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

  /** @param plus not negative */
  #leaveIfOutside(base: Local, plus: number, size: number): void {
    const { code, xType, place } = this.frame;
    code.get(base);
    if (xType === I32) {
      // RAM begins at the lowest i32: one comparison says that it is neither before nor behind.
      code.i32((place.ramBase + place.ramSize - size - plus) | 0);
      code.compare(I32, 'gtS');
    } else {
      code.constant(xType, plus - place.ramBase);
      code.arithmetic(xType, 'add');
      code.constant(xType, place.ramSize - size);
      code.compare(xType, 'gtU');
    }
    this.frame.interpretIf(this.guest.address);
  }
}
