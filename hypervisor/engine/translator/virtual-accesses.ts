/** Accesses behind page tables and physical memory protection: every one is looked up in the hart's TLB. */
import { HypervisorBug } from '../../bug';
import { SIZES, type MemoryKind, type Value } from '../../isa/semantics';
import { type DataUse, pushIsMiss, pushLinear } from '../translated-address';
import { I32 } from '../wasm/opcodes';
import { type CheckedPlace, GuestAccesses } from './guest-accesses';

export class VirtualAccesses extends GuestAccesses {
  check(): void {
    throw new HypervisorBug('accesses by virtual addresses are checked one by one');
  }

  protected find(addressValue: Value, kind: MemoryKind, use: DataUse): CheckedPlace {
    const { code, bank } = this.frame;
    const address = this.values.local(addressValue);
    const base = this.frame.scratch(I32);
    pushIsMiss(code, { address, size: SIZES[kind], use, bank: bank!, entry: base });
    this.frame.interpretIf(this.guest.address);
    pushLinear(code, address, base);
    code.set(base);
    return { base, plus: 0, from: 0 };
  }
}
