/**
 * Behind page tables the interpreter enters translated code by itself, where it meets a marker, and goes on where that
 * ends. Only what cannot be entered so is the translator's.
 */
import { CYCLES_LEFT, FETCH_SIZE } from '../../hart/layout';
import { Stop } from '../step-contract';
import type { Code } from '../wasm/code';
import type { ModuleBuilder } from '../wasm/module';
import { I32, Op } from '../wasm/opcodes';

/** Imports `enter(hart) -> 0 | 1`, which runs translated code from PC on: 1 where there ran none. @returns its index */
export const importEnter = (builder: ModuleBuilder): number =>
  builder.import('enter', { parameters: [I32], results: [I32] });

/**
 * Writes `run(hart, limit, passes) -> Stop`.
 * @param loop the interpreter's own function, of the same kind; `limit` is for its cycles alone
 * @param enter see `importEnter`
 */
export function writeRun(code: Code, loop: number, enter: number): void {
  const [hart, limit, passes] = code.parameters;
  const [stop, before] = [code.local(I32), code.local(I32)];
  const again = code.loop();
  code.get(hart!);
  code.access(Op.i32Load, CYCLES_LEFT);
  code.set(before);
  code.get(hart!);
  code.get(limit!);
  code.get(passes!);
  code.call(loop);
  code.tee(stop);
  code.i32(Stop.translated);
  code.compare(I32, 'eq');
  code.if();
  code.get(limit!);
  code.get(before);
  code.arithmetic(I32, 'sub');
  code.get(hart!);
  code.access(Op.i32Load, CYCLES_LEFT);
  code.arithmetic(I32, 'add');
  code.set(limit!);
  code.get(hart!);
  code.call(enter);
  code.isZero(I32);
  code.if();
  // The window of the beginning is for the beginning.
  code.get(hart!);
  code.i32(0);
  code.access(Op.i32Store, FETCH_SIZE);
  code.br(again);
  code.end();
  code.end();
  code.end();
  code.get(stop);
}
