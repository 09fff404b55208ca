/**
 * Functions that a module's floating-point code calls: for what is long, or seldom asked. They raise no flags and
 * write nothing.
 */
import { FLOAT_CONTROL } from '../../hart/layout';
import type { FloatOperation } from '../../isa/float-operations';
import { emitFastFloat } from '../float/emit';
import { FastPath, type FastTarget, type PushIsExact } from '../float/fast-path';
import type { AnyLocal, Code, Local } from '../wasm/code';
import type { ModuleBuilder } from '../wasm/module';
import { F64, I32, Op } from '../wasm/opcodes';
import type { Place } from './place';

/** Operations that are a function of their own, for their fast path is longer than a call. */
export const OUTLINED: ReadonlySet<FloatOperation> = new Set<FloatOperation>(['fma.d']);

export class FloatFunctions {
  readonly #questions = new Map<string, number>();
  readonly #outlined = new Map<FloatOperation, number>();

  constructor(
    readonly builder: ModuleBuilder,
    readonly place: Place,
  ) {}

  /** Leaves fcsr on the stack. */
  pushFlags(code: Code): void {
    code.i32(0);
    code.access(Op.i32Load8U, this.place.hart + FLOAT_CONTROL);
  }

  /** Whether an operation rounded nothing off: (operands and intermediate results) -> i32. See FastTarget.callIsExact. */
  isExact(
    operation: FloatOperation,
    part: number,
    operands: readonly AnyLocal[],
    write: PushIsExact,
  ): number {
    const key = `${operation} ${part}`;
    const known = this.#questions.get(key);
    if (known !== undefined) return known;
    const parameters = operands.map(({ type }) => type);
    const { index, code } = this.builder.function({ parameters, results: [I32] });
    const no = code.block();
    write(new FastPath(this.#targetOf(code), [], no), code.parameters);
    code.op(Op.return);
    code.end();
    code.i32(0);
    this.#questions.set(key, index);
    return index;
  }

  /** An operation on doubles: (operands) -> result, or a NaN where it is not its fast path's. */
  outlined(operation: FloatOperation): number {
    const known = this.#outlined.get(operation);
    if (known !== undefined) return known;
    const { index, code } = this.builder.function({ parameters: [F64, F64, F64], results: [F64] });
    const slow = code.block();
    code.get(emitFastFloat(this.#targetOf(code), operation, code.parameters, slow));
    code.op(Op.return);
    code.end();
    code.float(F64, NaN);
    this.#outlined.set(operation, index);
    return index;
  }

  #targetOf(code: Code): FastTarget {
    return {
      code,
      mode: 0,
      scratch: (type): Local<typeof type> => code.local(type),
      pushFlags: () => this.pushFlags(code),
      givesNumbers: true,
    };
  }
}
