/** What `entrySlot` of memory/entry-table.ts computes, as code for addresses that are known only when it runs. */
import { ENTRY_SHIFTS, ENTRY_MASK } from '../../memory/entry-table';
import type { Code, Local } from '../wasm/code';
import { I32, I64, Op } from '../wasm/opcodes';

/** Pushes the offset into the table of the slot of the guest address in a local; `low` is an i32 for its use. */
export function pushEntrySlot(code: Code, address: Local, low: Local): void {
  code.get(address);
  if (address.type === I64) code.op(Op.i32WrapI64);
  code.tee(low);
  code.i32(ENTRY_SHIFTS.halfword);
  code.arithmetic(I32, 'shrU');
  code.get(low);
  code.i32(ENTRY_SHIFTS.mixedIn);
  code.arithmetic(I32, 'shrU');
  code.arithmetic(I32, 'xor');
  code.i32(ENTRY_MASK);
  code.arithmetic(I32, 'and');
  code.i32(ENTRY_SHIFTS.slot);
  code.arithmetic(I32, 'shl');
}
