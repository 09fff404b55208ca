import { DYNAMIC_ROUNDING, FloatEnvironment, type Rounding } from '../../float/environment';
import { softFloat } from '../../float/soft-float';
import { FloatControl, FloatState } from '../../hart/float-control';
import { FLOAT_CONTROL, FLOAT_OPERANDS, FLOAT_RESULT } from '../../hart/layout';
import { highOf, lowOf, wide } from '../../hart/wide';
import { FLOAT_OPERATION_NAMES, FLOAT_OPERATIONS } from '../../isa/float-operations';
import type { Local } from '../wasm/code';
import type { ModuleBuilder } from '../wasm/module';
import { I32, I64, Op } from '../wasm/opcodes';

/** Functions of a module that floating-point code calls, by index. */
export interface FloatFunctions {
  /** (hart, operation, rounding mode, a, b, c) -> result: asks soft float. Operands and result as i64. */
  readonly compute: number;
  /** (hart, rm) -> the rounding mode in effect, or -1 where the instruction is illegal. */
  readonly mode: number;
}

export const SLOW_PATH_IMPORT = 'float';

/** Declares the import that `floatImport` implements; before any function is defined. */
export const importSlowPath = (builder: ModuleBuilder): number =>
  builder.import(SLOW_PATH_IMPORT, { parameters: [I32, I32, I32], results: [] });

/** Adds the functions; `imported` is what `importSlowPath` gave. */
export function addFloatFunctions(builder: ModuleBuilder, imported: number): FloatFunctions {
  const compute = builder.function({ parameters: [I32, I32, I32, I64, I64, I64], results: [I64] });
  const { code } = compute;
  const [hart, operation, rounding, ...operands] = code.parameters as [Local, Local, Local, ...Local[]];
  operands.forEach((operand, at) => {
    code.get(hart);
    code.get(operand);
    code.access(Op.i64Store, FLOAT_OPERANDS + 8 * at);
  });
  code.get(hart);
  code.get(operation);
  code.get(rounding);
  code.call(imported);
  code.get(hart);
  code.access(Op.i64Load, FLOAT_RESULT);

  const mode = builder.function({ parameters: [I32, I32], results: [I32] });
  writeMode(mode.code);
  return { compute: compute.index, mode: mode.index };

  function writeMode(code: typeof compute.code): void {
    const [hart, rm] = code.parameters as [Local, Local];
    const control = code.local(I32);
    code.get(hart);
    code.access(Op.i32Load, FLOAT_CONTROL);
    code.tee(control);
    code.i32(FloatControl.state);
    code.arithmetic(I32, 'and');
    code.isZero(I32);
    code.if();
    code.i32(-1);
    code.op(Op.return);
    code.end();
    code.get(rm);
    code.i32(DYNAMIC_ROUNDING);
    code.compare(I32, 'eq');
    code.if();
    code.get(control);
    code.i32(FloatControl.rounding);
    code.arithmetic(I32, 'and');
    code.i32(FloatControl.roundingShift);
    code.arithmetic(I32, 'shrU');
    code.set(rm);
    code.end();
    // 5 and 6 are reserved; in frm 7 is too.
    code.i32(-1);
    code.get(rm);
    code.get(rm);
    code.i32(4);
    code.compare(I32, 'gtU');
    code.op(Op.select);
  }
}

/**
 * The import: computes an operation on the operands in the hart's block, raises flags, and makes the state Dirty.
 * @param words the machine's memory as u32
 */
export function floatImport(words: Uint32Array): (hart: number, operation: number, mode: number) => void {
  const environment = new FloatEnvironment();
  const read = (low: number, isWide: boolean): bigint =>
    isWide ? wide(words[low]!, words[low + 1]!) : BigInt(words[low]!);
  return (hart, operation, mode) => {
    const name = FLOAT_OPERATION_NAMES[operation]!;
    const { takes } = FLOAT_OPERATIONS[name];
    const operand = (at: number): bigint => read(((hart + FLOAT_OPERANDS) >>> 2) + 2 * at, takes[at] === 'd');
    environment.rounding = mode as Rounding;
    environment.flags = 0;
    const value = softFloat(name, environment, operand(0), operand(1), operand(2));
    const result = (hart + FLOAT_RESULT) >>> 2;
    words[result] = lowOf(value);
    words[result + 1] = highOf(value);
    words[(hart + FLOAT_CONTROL) >>> 2]! |= environment.flags | (FloatState.dirty << FloatControl.stateShift);
  };
}
