import {
  ACCESS_ADDRESS,
  CODE_CHANGES,
  CYCLES_LEFT,
  FETCH_BASE,
  FETCH_RECORDS,
  INSTRUCTIONS_LEFT,
  PAGE_FLAGS,
  PC,
  RAM_RECORDS,
  TRAP_CAUSE,
  TRAP_VALUE,
} from '../../hart/layout';
import { CHANGE_LOG, CHANGES_KEPT } from '../../memory/code-changes';
import { PAGE_SHIFT, PageFlag } from '../../memory/page-flags';
import { RECORD_REACH, RECORD_SHIFT, RECORD_SIZE } from '../../memory/records';
import { addFloatFunctions, importSlowPath } from '../float/slow-path';
import type { Code, Local } from '../wasm/code';
import type { ModuleBuilder } from '../wasm/module';
import { I32, I64, Op } from '../wasm/opcodes';
import type { Helpers } from './frame';
import { Special } from './operations';
import { RecordField } from './record-values';

/** Globals that hold what of the counters a run was not given: counter = local + rest. */
export interface Rests {
  readonly cycles: number;
  readonly instructions: number;
}

/** Adds what the loop calls: the host's imports and small functions for what is rare or long. */
export function addHelpers(
  builder: ModuleBuilder,
  rests: Rests,
  uniform: boolean,
  translated: boolean,
): Helpers {
  const access = { parameters: [I32], results: [I32] } as const;
  const load = builder.import('load', access);
  const store = builder.import('store', access);
  const place = builder.import('place', { parameters: [I32, I32], results: [I32] });
  const tableStored = builder.import('tableStored', { parameters: [I32, I32], results: [] });
  const slowPath = importSlowPath(builder);

  const expose = builder.function({ parameters: [I32, I32, I32, I32, I64], results: [] });
  writeExpose(expose.code, rests, uniform);
  const forget = builder.function({ parameters: [I32, I32, I32], results: [] });
  writeForget(forget.code, translated ? undefined : tableStored);
  const trap = builder.function({ parameters: [I32, I32, I64], results: [] });
  writeTrap(trap.code);
  const mulhu = builder.function({ parameters: [I64, I64], results: [I64] });
  writeMulhu(mulhu.code);
  return {
    load,
    store,
    place,
    expose: expose.index,
    forget: forget.index,
    trap: trap.index,
    mulhu: mulhu.index,
    float: addFloatFunctions(builder, slowPath),
  };
}

function writeExpose(code: Code, rests: Rests, uniform: boolean): void {
  const [hart, record, cycles, instructions, address] = code.parameters;
  code.get(hart!);
  code.get(hart!);
  code.access(Op.i64Load, FETCH_BASE);
  code.get(record!);
  code.get(hart!);
  code.access(Op.i32Load, FETCH_RECORDS);
  code.arithmetic(I32, 'sub');
  code.i32(RECORD_SHIFT);
  code.arithmetic(I32, 'shrU');
  code.op(Op.i64ExtendI32U);
  code.arithmetic(I64, 'add');
  code.access(Op.i64Store, PC);
  code.get(hart!);
  code.get(address!);
  code.access(Op.i64Store, ACCESS_ADDRESS);
  const counter = (field: number, left: () => void, rest: number): void => {
    code.get(hart!);
    left();
    code.getGlobal(rest);
    code.arithmetic(I32, 'add');
    code.access(Op.i32Store, field);
  };
  // Charged when the instruction began, but it has not retired.
  const uncharged = (): void => {
    code.get(cycles!);
    code.i32(1);
    code.arithmetic(I32, 'add');
  };
  counter(CYCLES_LEFT, uniform ? uncharged : () => code.get(cycles!), rests.cycles);
  counter(INSTRUCTIONS_LEFT, uniform ? uncharged : () => code.get(instructions!), rests.instructions);
}

/**
 * Forgets the records that depend on the bytes at offset .. offset + size - 1 of RAM. Their operands stay, for one
 * of them may be the instruction in progress, which has yet to read where its result goes. Where page tables are, the
 * host is told: in translated runs it did the store, or found the place for it.
 */
function writeForget(code: Code, tableStored: number | undefined): void {
  const [hart, offset, size] = code.parameters;
  if (tableStored !== undefined) {
    pushFlags(code, hart!, () => code.get(offset!));
    // The last byte may be in the next page.
    pushFlags(code, hart!, () => {
      code.get(offset!);
      code.get(size!);
      code.arithmetic(I32, 'add');
      code.i32(1);
      code.arithmetic(I32, 'sub');
    });
    code.arithmetic(I32, 'or');
    code.i32(PageFlag.pageTable);
    code.arithmetic(I32, 'and');
    code.if();
    code.get(offset!);
    code.get(size!);
    code.call(tableStored);
    code.end();
  }
  const slot = code.local(I32);
  const last = code.local(I32);
  const linearOfSlot = (): void => {
    code.i32(-2);
    code.arithmetic(I32, 'and');
    code.i32(RECORD_SHIFT);
    code.arithmetic(I32, 'shl');
    code.get(hart!);
    code.access(Op.i32Load, RAM_RECORDS);
    code.arithmetic(I32, 'add');
  };
  code.get(offset!);
  code.i32(RECORD_REACH);
  code.arithmetic(I32, 'sub');
  linearOfSlot();
  code.set(slot);
  code.get(offset!);
  code.get(size!);
  code.arithmetic(I32, 'add');
  code.i32(1);
  code.arithmetic(I32, 'sub');
  linearOfSlot();
  code.set(last);
  const forgotten = code.local(I32);
  const again = code.loop();
  code.get(slot);
  code.access(Op.i32Load16U, RecordField.operation);
  code.get(forgotten);
  code.arithmetic(I32, 'or');
  code.set(forgotten);
  code.get(slot);
  code.i32(Special.undecoded);
  code.access(Op.i32Store16, RecordField.operation);
  code.get(slot);
  code.i32(RECORD_SIZE);
  code.arithmetic(I32, 'add');
  code.tee(slot);
  code.get(last);
  code.compare(I32, 'leU');
  code.brIf(again);
  code.end();
  code.get(forgotten);
  code.if();
  const changes = slot;
  const count = last;
  code.get(hart!);
  code.access(Op.i32Load, CODE_CHANGES);
  code.tee(changes);
  code.access(Op.i32Load);
  code.set(count);
  code.get(changes);
  code.get(count);
  code.i32(CHANGES_KEPT - 1);
  code.arithmetic(I32, 'and');
  code.i32(2);
  code.arithmetic(I32, 'shl');
  code.arithmetic(I32, 'add');
  code.get(offset!);
  code.access(Op.i32Store, CHANGE_LOG);
  code.get(changes);
  code.get(count);
  code.i32(1);
  code.arithmetic(I32, 'add');
  code.access(Op.i32Store);
  code.end();
}

/** The flags of the page of an offset into RAM. */
function pushFlags(code: Code, hart: Local, pushOffset: () => void): void {
  pushOffset();
  code.i32(PAGE_SHIFT);
  code.arithmetic(I32, 'shrU');
  code.get(hart);
  code.access(Op.i32Load, PAGE_FLAGS);
  code.arithmetic(I32, 'add');
  code.access(Op.i32Load8U);
}

function writeTrap(code: Code): void {
  const [hart, cause, value] = code.parameters;
  code.get(hart!);
  code.get(cause!);
  code.access(Op.i32Store, TRAP_CAUSE);
  code.get(hart!);
  code.get(value!);
  code.access(Op.i64Store, TRAP_VALUE);
}

/** The product of 32-bit halves, with the carries out of the middle. */
export function writeMulhu(code: Code): void {
  const [a, b] = code.parameters;
  const middle = code.local(I64);
  const low = (index: 0 | 1): void => {
    code.get(index === 0 ? a! : b!);
    code.i64(0xffffffffn);
    code.arithmetic(I64, 'and');
  };
  const high = (index: 0 | 1): void => {
    code.get(index === 0 ? a! : b!);
    upper();
  };
  const upper = (): void => {
    code.i64(32n);
    code.arithmetic(I64, 'shrU');
  };
  // middle = a.high * b.low + upper(a.low * b.low)
  high(0);
  low(1);
  code.arithmetic(I64, 'mul');
  low(0);
  low(1);
  code.arithmetic(I64, 'mul');
  upper();
  code.arithmetic(I64, 'add');
  code.set(middle);
  // a.high * b.high + upper(middle) + upper(a.low * b.high + lower(middle))
  high(0);
  high(1);
  code.arithmetic(I64, 'mul');
  code.get(middle);
  upper();
  code.arithmetic(I64, 'add');
  low(0);
  high(1);
  code.arithmetic(I64, 'mul');
  code.get(middle);
  code.i64(0xffffffffn);
  code.arithmetic(I64, 'and');
  code.arithmetic(I64, 'add');
  upper();
  code.arithmetic(I64, 'add');
}
