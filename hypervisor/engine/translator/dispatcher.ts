/**
 * The dispatcher: runs translated functions one after the other, as the table of entries says, until the guest comes to
 * where there is none, or one leaves to the interpreter. `run(hart, entries, limit, depth) -> 0 | 1`: 1 when a function
 * left to the interpreter. Spends at most `limit` cycles. For code at virtual addresses, also `call`, by which functions call
 * those of other modules (place.ts), and `enter`, by which the interpreter comes here (dispatcher-entry.ts).
 */
import { CYCLES_LEFT, INSTRUCTIONS_LEFT, PC } from '../../hart/layout';
import type { Code, Local } from '../wasm/code';
import { ModuleBuilder } from '../wasm/module';
import { I32, I64, Op } from '../wasm/opcodes';
import { writeEnter } from './dispatcher-entry';
import { pushFunction, pushHasNone } from './entry-slot';
import { callSignatureOf, isUniform, signatureOf, type Place } from './place';

export function generateDispatcher(place: Place): Uint8Array {
  const builder = new ModuleBuilder();
  const type = builder.table(signatureOf(place));
  const { code, index } = builder.function({ parameters: [I32, I32, I32, I32], results: [I32] }, 'run');
  if (place.addresses === 'virtual') {
    const table = builder.global();
    code.get(code.parameters[1]!);
    code.setGlobal(table);
    writeCall(builder.function(callSignatureOf(place), 'call').code, type, table, place);
    writeEnter(builder.function({ parameters: [I32], results: [I32] }, 'enter').code, index, table);
  }
  write(code, type, place);
  return builder.encode();
}

/** Calls the function that the table has for an address; where it has none, that is where the guest goes on. */
function writeCall(code: Code, type: number, table: number, { addresses }: Place): void {
  const parameters = code.parameters.slice(0, -1);
  const target = code.parameters[code.parameters.length - 1]!;
  const [slot, at] = [code.local(I32), code.local(I32)];
  code.getGlobal(table);
  code.set(at);
  pushHasNone(code, { addresses, at }, target, slot);
  code.if();
  code.get(target);
  for (const counter of parameters.slice(1)) code.get(counter);
  code.op(Op.return);
  code.end();
  for (const parameter of parameters) code.get(parameter);
  pushFunction(code, { addresses, at }, slot);
  code.callIndirect(type);
}

function write(code: Code, type: number, place: Place): void {
  const [hart, entries, limit, depth] = code.parameters as [Local, Local, Local, Local];
  const xType = place.xlen === 32 ? I32 : I64;
  const uniform = isUniform(place);
  const next = code.local(xType);
  const slot = code.local(I32);
  const given = code.local(I32);
  const cycles = code.local(I32);
  const instructions = uniform ? undefined : code.local(I32);
  const atMost = (local: Local, push: () => void): void => {
    code.get(local);
    push();
    code.get(local);
    push();
    code.compare(I32, 'ltS');
    code.op(Op.select);
    code.set(local);
  };
  const field = (offset: number): void => {
    code.get(hart);
    code.access(Op.i32Load, offset);
  };
  field(CYCLES_LEFT);
  code.set(cycles);
  atMost(cycles, () => code.get(limit));
  if (instructions === undefined) {
    atMost(cycles, () => field(INSTRUCTIONS_LEFT));
  } else {
    field(INSTRUCTIONS_LEFT);
    code.set(instructions);
  }
  code.get(cycles);
  code.set(given);
  code.get(hart);
  code.access(xType === I32 ? Op.i32Load : Op.i64Load, PC);
  code.set(next);

  const missing = code.block();
  const again = code.loop();
  const table = { addresses: place.addresses, at: entries };
  pushHasNone(code, table, next, slot);
  code.brIf(missing);
  code.get(depth);
  code.get(cycles);
  if (instructions !== undefined) code.get(instructions);
  pushFunction(code, table, slot);
  code.callIndirect(type);
  if (instructions !== undefined) code.set(instructions);
  code.set(cycles);
  code.tee(next);
  if (xType === I64) code.op(Op.i32WrapI64);
  code.i32(1);
  code.arithmetic(I32, 'and');
  code.isZero(I32);
  code.brIf(again);
  code.end();
  code.end();

  code.get(hart);
  code.get(next);
  if (xType === I32) code.op(Op.i64ExtendI32U);
  code.i64(-2n);
  code.arithmetic(I64, 'and');
  code.access(Op.i64Store, PC);
  const spend = (offset: number): void => {
    code.get(hart);
    field(offset);
    code.get(given);
    code.get(cycles);
    code.arithmetic(I32, 'sub');
    code.arithmetic(I32, 'sub');
    code.access(Op.i32Store, offset);
  };
  spend(CYCLES_LEFT);
  if (instructions === undefined) {
    spend(INSTRUCTIONS_LEFT);
  } else {
    code.get(hart);
    code.get(instructions);
    code.access(Op.i32Store, INSTRUCTIONS_LEFT);
  }
  code.get(next);
  if (xType === I64) code.op(Op.i32WrapI64);
  code.i32(1);
  code.arithmetic(I32, 'and');
}
