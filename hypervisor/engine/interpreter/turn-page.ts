/**
 * How translated runs fetch: within one page at a time, whose records are neighbours as its addresses are. Whatever
 * leaves the page (the next instruction, a branch, a jump) looks its address up in the TLB.
 */
import { FETCH_BASE, FETCH_LIMIT, FETCH_RECORDS } from '../../hart/layout';
import { PAGE_SIZE } from '../../memory/page-flags';
import { MARKED, RECORD_SHIFT } from '../../memory/records';
import { FETCH_ENTRY } from '../../memory/translation-banks';
import { pushIsUnknownCode } from '../translated-address';
import type { Label } from '../wasm/code';
import { I32, I64, Op } from '../wasm/opcodes';
import type { Frame } from './frame';
import type { Operations } from './operations';
import { RecordField } from './record-values';

/**
 * Finds the record of the address in `target`, in the window that the run began with or in the TLB; goes `outside` if
 * neither has it. The present page is then known to the hart's block too, for whoever wants to know the PC.
 */
export function turnPage(frame: Frame, { first, shortCount }: Operations, outside: Label): void {
  const { code, target, fetchBase, fetchSize, fetchRecords, fetchLimit, fetchBank, record, hart, xType } =
    frame;
  const entry = code.local(I32);
  const pushOffset = (): void => {
    code.get(target);
    code.get(fetchBase);
    code.arithmetic(xType, 'sub');
  };
  const setRecord = (): void => {
    code.get(fetchRecords);
    pushOffset();
    if (xType === I64) code.op(Op.i32WrapI64);
    code.i32(RECORD_SHIFT);
    code.arithmetic(I32, 'shl');
    code.arithmetic(I32, 'add');
    code.set(record);
  };

  pushOffset();
  code.get(fetchSize);
  code.compare(xType, 'ltU');
  code.if();
  setRecord();
  code.get(fetchSize);
  if (xType === I64) code.op(Op.i32WrapI64);
  code.i32(RECORD_SHIFT);
  code.arithmetic(I32, 'shl');
  code.set(fetchLimit);
  code.else();
  pushIsUnknownCode(code, target, fetchBank, entry);
  code.brIf(outside);
  code.get(target);
  code.constant(xType, -PAGE_SIZE);
  code.arithmetic(xType, 'and');
  code.set(fetchBase);
  code.get(entry);
  code.access(Op.i32Load, FETCH_ENTRY.records);
  code.set(fetchRecords);
  code.get(entry);
  code.access(Op.i32Load, FETCH_ENTRY.limit);
  code.set(fetchLimit);
  setRecord();
  code.get(hart);
  code.get(fetchBase);
  if (xType !== I64) code.op(Op.i64ExtendI32U);
  code.access(Op.i64Store, FETCH_BASE);
  code.get(hart);
  code.get(fetchRecords);
  code.access(Op.i32Store, FETCH_RECORDS);
  code.get(hart);
  code.get(fetchLimit);
  code.access(Op.i32Store, FETCH_LIMIT);
  allowShortLast();
  code.end();
  // The window of the beginning is for the beginning: what it was decoded from may change.
  code.constant(xType, 0);
  code.set(fetchSize);

  /** In the last halfword of a page, an instruction of two bytes depends on nothing else; others are the hart's. */
  function allowShortLast(): void {
    pushIsBeyond(frame);
    code.if();
    code.get(record);
    code.access(Op.i32Load16U, RecordField.operation);
    code.i32(MARKED - 1);
    code.arithmetic(I32, 'and');
    code.i32(first);
    code.arithmetic(I32, 'sub');
    code.i32(shortCount);
    code.compare(I32, 'geU');
    code.brIf(outside);
    code.i32(PAGE_SIZE << RECORD_SHIFT);
    code.set(fetchLimit);
    code.end();
  }
}

/** Where the record is not one of the page's, `target` becomes the address that it stands for, and the page is turned. */
export function stayInPage(frame: Frame, turn: Label): void {
  const { code, target, fetchBase, fetchRecords, record, xType } = frame;
  pushIsBeyond(frame);
  code.if();
  code.get(fetchBase);
  code.get(record);
  code.get(fetchRecords);
  code.arithmetic(I32, 'sub');
  code.i32(RECORD_SHIFT);
  code.arithmetic(I32, 'shrS');
  if (xType === I64) code.op(Op.i64ExtendI32S);
  code.arithmetic(xType, 'add');
  code.set(target);
  code.br(turn);
  code.end();
}

/** Leaves on the stack whether no instruction of the page may begin at the record. */
function pushIsBeyond({ code, record, fetchRecords, fetchLimit }: Frame): void {
  code.get(record);
  code.get(fetchRecords);
  code.arithmetic(I32, 'sub');
  code.get(fetchLimit);
  code.compare(I32, 'geU');
}
