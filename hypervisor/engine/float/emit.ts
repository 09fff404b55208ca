import { Rounding } from '../../float/environment';
import { FLOAT_OPERATION_NAMES, FLOAT_OPERATIONS, type FloatOperation } from '../../isa/float-operations';
import type { Code, Local } from '../wasm/code';
import { I32, I64, Op, type WasmFloat, type WasmType } from '../wasm/opcodes';
import { FastPath } from './fast-path';
import { fastPathOf } from './operations';
import type { FloatFunctions } from './slow-path';

/** What an engine has to say for floating-point code to be emitted into a function of its. */
export interface FloatTarget {
  readonly code: Code;
  readonly hart: Local;
  readonly functions: FloatFunctions;
  /** i32: not 0 if the control word is as the operation's fast path needs it (control.ts). */
  readonly mayBeFast: Local;
  /**
   * i32: the rounding mode in effect, or the mode itself where it is known. Where it may be fast, only operations that
   * round to whole numbers look at it.
   */
  readonly mode: Local | Rounding;
  /** A local for the operation's own use. */
  scratch<Type extends WasmType | WasmFloat>(type: Type): Local<Type>;
}

/**
 * Emits an operation on operands in locals (i32 for type `w`, i64 for `d`). Flags are raised in the control word.
 * @returns a local with the result
 */
export function emitFloat(target: FloatTarget, operation: FloatOperation, operands: readonly Local[]): Local {
  const { code, hart, functions, mayBeFast } = target;
  const result = target.scratch(FLOAT_OPERATIONS[operation].gives === 'w' ? I32 : I64);
  const compute = fastPathOf(operation);
  const done = code.block();
  if (compute !== undefined) {
    const slow = code.block();
    code.get(mayBeFast);
    code.isZero(I32);
    code.brIf(slow);
    compute(new FastPath(target, operands, slow));
    code.set(result);
    code.br(done);
    code.end();
  }
  code.get(hart);
  code.i32(FLOAT_OPERATION_NAMES.indexOf(operation));
  pushMode(target, operation);
  for (let at = 0; at < 3; at++) {
    const operand = operands[at];
    if (operand === undefined) code.i64(0n);
    else code.get(operand);
    if (operand?.type === I32) code.op(Op.i64ExtendI32U);
  }
  code.call(functions.compute);
  if (result.type === I32) code.op(Op.i32WrapI64);
  code.set(result);
  code.end();
  return result;
}

/** The mode to compute in where the fast path is not taken, or its result not accepted. */
function pushMode({ code, mode, mayBeFast }: FloatTarget, operation: FloatOperation): void {
  if (typeof mode === 'number') {
    code.i32(mode);
  } else if (FLOAT_OPERATIONS[operation].rounds === 'whole') {
    code.get(mode);
  } else {
    code.i32(Rounding.nearestEven);
    code.get(mode);
    code.get(mayBeFast);
    code.op(Op.select);
  }
}
