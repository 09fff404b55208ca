/**
 * How the interpreter enters translated code by itself, where it meets a marker behind page tables: operating systems do
 * so all the time, and the way over the translator costs more than most of their functions. It is open as long as the
 * context is known that the bank of fetches has, and no code was overwritten since; whatever else may be so is the
 * translator's to find out.
 */
import { CODE_CHANGES, FETCH_BANK, INSTRUCTIONS_LEFT } from '../../hart/layout';
import {
  BANK_CONTEXTS,
  CHANGES_SEEN,
  LONGEST_RUN,
  PRESENT_CONTEXT,
  RETIRED_UNSEEN,
} from '../../memory/entry-table';
import { ENTRIES_AFTER_FETCH_BANKS, FETCH_BANK_SHIFT } from '../../memory/translation-banks';
import type { Code } from '../wasm/code';
import { I32, Op } from '../wasm/opcodes';
import { MOST_STACK } from './host-stack';

/** What runs at a time grows up to this, once nothing new is translated. */
export const MOST_CYCLES_AT_A_TIME = 1 << 29;

/**
 * Writes `enter(hart) -> 0 | 1`: runs translated code from PC on, as `run` does; 1 if none ran.
 * @param run index of the dispatcher's function
 * @param table global: linear address of the table of entries, 0 before the translator has run
 */
export function writeEnter(code: Code, run: number, table: number): void {
  const hart = code.parameters[0]!;
  const [at, context, before, limit] = [code.local(I32), code.local(I32), code.local(I32), code.local(I32)];
  const field = (offset: number): void => {
    code.get(hart);
    code.access(Op.i32Load, offset);
  };
  const inTable = (offset: number): void => {
    code.get(at);
    code.access(Op.i32Load, offset);
  };
  const closed = code.block();
  code.getGlobal(table);
  code.tee(at);
  code.isZero(I32);
  code.brIf(closed);
  field(CODE_CHANGES);
  code.access(Op.i32Load, 0);
  inTable(CHANGES_SEEN);
  code.compare(I32, 'ne');
  code.brIf(closed);
  field(FETCH_BANK);
  code.get(at);
  code.arithmetic(I32, 'sub');
  code.i32(ENTRIES_AFTER_FETCH_BANKS);
  code.arithmetic(I32, 'add');
  code.i32(FETCH_BANK_SHIFT - 2);
  code.arithmetic(I32, 'shrU');
  code.get(at);
  code.arithmetic(I32, 'add');
  code.access(Op.i32Load, BANK_CONTEXTS);
  code.tee(context);
  code.isZero(I32);
  code.brIf(closed);
  code.get(at);
  code.get(context);
  code.access(Op.i32Store, PRESENT_CONTEXT);

  field(INSTRUCTIONS_LEFT);
  code.set(before);
  code.get(hart);
  code.get(at);
  inTable(LONGEST_RUN);
  code.tee(limit);
  code.i32(MOST_STACK);
  code.call(run);
  code.op(Op.drop);
  code.get(before);
  field(INSTRUCTIONS_LEFT);
  code.arithmetic(I32, 'sub');
  code.tee(before);
  code.isZero(I32);
  code.brIf(closed);
  code.get(at);
  inTable(RETIRED_UNSEEN);
  code.get(before);
  code.arithmetic(I32, 'add');
  code.access(Op.i32Store, RETIRED_UNSEEN);
  // What ended for no reason of the guest's may run longer: what V8 has optimised meanwhile is entered next.
  code.get(before);
  code.get(limit);
  code.i32(1);
  code.arithmetic(I32, 'shrU');
  code.compare(I32, 'gtU');
  code.get(limit);
  code.i32(MOST_CYCLES_AT_A_TIME);
  code.compare(I32, 'ltU');
  code.arithmetic(I32, 'and');
  code.if();
  code.get(at);
  code.get(limit);
  code.i32(1);
  code.arithmetic(I32, 'shl');
  code.access(Op.i32Store, LONGEST_RUN);
  code.end();
  code.i32(0);
  code.op(Op.return);
  code.end();
  code.i32(1);
}
