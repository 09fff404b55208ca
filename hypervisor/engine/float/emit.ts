import { Rounding } from '../../float/environment';
import { FLOAT_OPERATION_NAMES, FLOAT_OPERATIONS, type FloatOperation } from '../../isa/float-operations';
import { FLOAT_CONTROL } from '../../hart/layout';
import type { AnyLocal, Code, Label, Local } from '../wasm/code';
import { type AnyType, F32, F64, I32, I64, Op, type WasmFloat, type WasmType } from '../wasm/opcodes';
import { FastPath, type FastTarget } from './fast-path';
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
  scratch<Type extends AnyType>(type: Type): Local<Type>;
}

/** What an operation's result is as a number; undefined where it is an integer. */
export function numberOf(operation: FloatOperation): WasmFloat | undefined {
  if (/^(eq|lt|le|classify|to(Int|Uint)\d+)\./.test(operation)) return undefined;
  return FLOAT_OPERATIONS[operation].gives === 'w' ? F32 : F64;
}

/** The type of an operation's result: integers, and the bits of numbers, as they lie in registers. */
const bitsOf = (operation: FloatOperation): WasmType =>
  FLOAT_OPERATIONS[operation].gives === 'w' ? I32 : I64;

/**
 * Emits an operation where the control word is as its fast path needs it; what that is none of, raising a flag among
 * it, goes to `slow`.
 * @param operands numbers, or their bits, or integers
 * @returns a local with the result: a number, if the target wants numbers and it is one
 */
export function emitFastFloat(
  target: FastTarget,
  operation: FloatOperation,
  operands: readonly AnyLocal[],
  slow: Label,
): AnyLocal {
  const number = target.givesNumbers === true ? numberOf(operation) : undefined;
  const result = target.scratch<AnyType>(number ?? bitsOf(operation));
  fastPathOf(operation)!(new FastPath(target, operands, slow));
  target.code.set(result);
  return result;
}

/**
 * Emits an operation on operands in locals (i32 for type `w`, i64 for `d`). Flags are raised in the control word.
 * @returns a local with the result
 */
export function emitFloat(target: FloatTarget, operation: FloatOperation, operands: readonly Local[]): Local {
  const { code, hart, functions, mayBeFast } = target;
  const result = target.scratch(bitsOf(operation));
  const compute = fastPathOf(operation);
  const done = code.block();
  if (compute !== undefined) {
    const slow = code.block();
    code.get(mayBeFast);
    code.isZero(I32);
    code.brIf(slow);
    const pushFlags = (): void => {
      code.get(hart);
      code.access(Op.i32Load8U, FLOAT_CONTROL);
    };
    const { scratch, mode } = target;
    compute(new FastPath({ code, scratch, mode, pushFlags }, operands, slow));
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
