import { FloatFlag } from '../../float/environment';
import { FLOAT_CONTROL } from '../../hart/layout';
import type { Code, Label, Local } from '../wasm/code';
import { F32, F64, I32, Op, type FloatArithmetic, type FloatCompare, type WasmFloat } from '../wasm/opcodes';
import type { FloatTarget } from './emit';

/** The smallest normal numbers. */
export const SMALLEST_NORMAL = { [F32]: 2 ** -126, [F64]: 2 ** -1022 } as const;

/** One operation's fast path in the making. */
export class FastPath {
  readonly code: Code;

  constructor(
    readonly target: FloatTarget,
    readonly operands: readonly Local[],
    readonly slow: Label,
  ) {
    this.code = target.code;
  }

  /** An operand as a number, in a local. */
  operand<Type extends WasmFloat>(at: number, type: Type): Local<Type> {
    const local = this.target.scratch(type);
    this.pushOperand(at, type);
    this.code.set(local);
    return local;
  }

  pushOperand(at: number, type: WasmFloat): void {
    this.code.get(this.operands[at]!);
    this.code.op(type === F32 ? Op.f32ReinterpretI32 : Op.f64ReinterpretI64);
  }

  /** Takes a number from the stack into a local. */
  keep<Type extends WasmFloat>(type: Type): Local<Type> {
    const local = this.target.scratch(type);
    this.code.set(local);
    return local;
  }

  pushBits(result: Local<WasmFloat>): void {
    this.code.get(result);
    this.code.op(result.type === F32 ? Op.i32ReinterpretF32 : Op.i64ReinterpretF64);
  }

  apply(name: keyof typeof FloatArithmetic, ...operands: readonly Local<WasmFloat>[]): void {
    for (const operand of operands) this.code.get(operand);
    this.code.floatArithmetic(operands[0]!.type, name);
  }

  compare(name: keyof typeof FloatCompare, a: Local<WasmFloat>, b: Local<WasmFloat>): void {
    this.code.get(a);
    this.code.get(b);
    this.code.floatCompare(a.type, name);
  }

  compareWith(name: keyof typeof FloatCompare, a: Local<WasmFloat>, b: number): void {
    this.code.get(a);
    this.code.float(a.type, b);
    this.code.floatCompare(a.type, name);
  }

  /** Is it neither infinite nor a NaN? */
  pushIsFinite(value: Local<WasmFloat>): void {
    this.apply('abs', value);
    this.code.float(value.type, Infinity);
    this.code.floatCompare(value.type, 'lt');
  }

  /** Is it finite and above the smallest normal number, so that it can come of no underflow before rounding either? */
  pushIsSafe(value: Local<WasmFloat>): void {
    this.apply('abs', value);
    this.code.float(value.type, SMALLEST_NORMAL[value.type]);
    this.code.floatCompare(value.type, 'gt');
    this.pushIsFinite(value);
    this.and();
  }

  and(): void {
    this.code.arithmetic(I32, 'and');
  }
  or(): void {
    this.code.arithmetic(I32, 'or');
  }

  /** Takes a truth value from the stack: without it, the slow path. */
  require(): void {
    this.code.isZero(I32);
    this.code.brIf(this.slow);
  }

  requireNumbers(...operands: readonly Local<WasmFloat>[]): void {
    for (const operand of operands) {
      this.compare('eq', operand, operand);
      this.require();
    }
  }

  /**
   * The result is accepted if it is safe, or else if what `otherwise` pushes holds; or if it is finite and underflow is
   * raised already, so that no flag is left which it could raise.
   */
  requireSafe(result: Local<WasmFloat>, otherwise: () => void): void {
    this.pushIsSafe(result);
    this.code.isZero(I32);
    this.code.if();
    otherwise();
    this.pushIsFinite(result);
    this.pushHasUnderflowed();
    this.and();
    this.or();
    this.require();
    this.code.end();
  }

  /** Is the underflow flag raised? */
  pushHasUnderflowed(): void {
    this.#pushFlag(FloatFlag.underflow);
    this.code.i32(0);
    this.code.compare(I32, 'ne');
  }

  /**
   * The result is accepted if inexact is raised already, as it soon is in most programs, or else if what is pushed
   * holds: that nothing was rounded off.
   */
  requireExact(pushIsExact: () => void): void {
    this.#pushFlag(FloatFlag.inexact);
    this.code.isZero(I32);
    this.code.if();
    pushIsExact();
    this.require();
    this.code.end();
  }

  #pushFlag(flag: number): void {
    this.code.get(this.target.hart);
    this.code.access(Op.i32Load8U, FLOAT_CONTROL);
    this.code.i32(flag);
    this.and();
  }
}
