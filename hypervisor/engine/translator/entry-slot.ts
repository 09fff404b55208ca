/** The look-up in a table of entries (memory/entry-table.ts), as code, for addresses that are known only when it runs. */
import {
  ENTRY_MASK,
  ENTRY_SHIFTS,
  entrySlot,
  PRESENT_CONTEXT,
  VIRTUAL_ENTRY,
} from '../../memory/entry-table';
import type { Code, Local } from '../wasm/code';
import { I32, I64, Op } from '../wasm/opcodes';
import type { Place } from './place';

/** The table that code looks into: at a constant address, or in a local. */
export interface EntryTable {
  readonly addresses: Place['addresses'];
  readonly at: number | Local;
}

/**
 * Leaves on the stack whether the table has no function for the guest address in a local. `slot` is an i32, for
 * `pushFunction`.
 * @param known the address, where it is a constant
 */
export function pushHasNone(
  code: Code,
  table: EntryTable,
  address: Local,
  slot: Local,
  known?: number,
): void {
  const { type } = address;
  const isVirtual = table.addresses === 'virtual';
  const shift = isVirtual ? VIRTUAL_ENTRY.shift : ENTRY_SHIFTS.slot;
  const offset = typeof table.at === 'number' ? table.at : 0;
  if (known === undefined) pushSlot(code, address, slot, shift);
  else code.i32(entrySlot(known, shift));
  if (typeof table.at !== 'number') {
    code.get(table.at);
    code.arithmetic(I32, 'add');
  }
  code.tee(slot);
  if (!isVirtual) {
    code.access(type === I32 ? Op.i32Load : Op.i64Load32U, offset);
    code.get(address);
    code.constant(type, 1);
    code.arithmetic(type, 'add');
    code.compare(type, 'ne');
    return;
  }
  code.access(type === I32 ? Op.i32Load : Op.i64Load, offset + VIRTUAL_ENTRY.address);
  code.get(address);
  code.compare(type, 'ne');
  code.get(slot);
  code.access(Op.i32Load, offset + VIRTUAL_ENTRY.context);
  if (typeof table.at === 'number') code.i32(0);
  else code.get(table.at);
  code.access(Op.i32Load, offset + PRESENT_CONTEXT);
  code.compare(I32, 'ne');
  code.arithmetic(I32, 'or');
}

/** Leaves the index of the function in the table of functions on the stack, where `pushHasNone` has said no. */
export function pushFunction(code: Code, table: EntryTable, slot: Local): void {
  const offset = typeof table.at === 'number' ? table.at : 0;
  code.get(slot);
  code.access(Op.i32Load, offset + (table.addresses === 'virtual' ? VIRTUAL_ENTRY.index : 4));
}

/** What `entrySlot` computes. */
function pushSlot(code: Code, address: Local, low: Local, shift: number): void {
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
  code.i32(shift);
  code.arithmetic(I32, 'shl');
}
