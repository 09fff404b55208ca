/** Accesses where addresses are physical ones and nothing is denied: every one is range-checked against the RAM window. */
import { SIZES, type MemoryKind, type Value } from '../../isa/semantics';
import type { Local } from '../wasm/code';
import { type AccessGroup, isRegisterAndImmediate } from './access-groups';
import { type CheckedPlace, GuestAccesses } from './guest-accesses';

export class PhysicalAccesses extends GuestAccesses {
  check({ lowest, end, use }: AccessGroup): void {
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
    this.frame.checked.set(rs1, { offset, lowest, end, use });
  }

  protected find(address: Value, kind: MemoryKind): CheckedPlace {
    const from = this.frame.place.ramLinear;
    const { rs1, imm } = this.guest;
    const group = isRegisterAndImmediate(address) ? this.frame.checked.get(rs1) : undefined;
    // One that was too far from the group to be in it comes by the same register.
    if (group === undefined || imm < group.lowest || imm + SIZES[kind] > group.end) {
      return { base: this.#check(address, kind), plus: 0, from };
    }
    return { base: group.offset, plus: imm - group.lowest, from };
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
}
