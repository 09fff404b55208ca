import { FloatFlag, type Rounding } from '../../float/environment';
import type { AnyLocal, Code, Label, Local } from '../wasm/code';
import {
  type AnyType,
  F32,
  F64,
  type FloatArithmetic,
  type FloatCompare,
  I32,
  I64,
  Op,
  type WasmFloat,
  type WasmType,
} from '../wasm/opcodes';

/** The smallest normal numbers. */
export const SMALLEST_NORMAL = { [F32]: 2 ** -126, [F64]: 2 ** -1022 } as const;

/** The bits of a number. */
function bitsOf(type: WasmFloat, value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  if (type === F64) return view.getBigUint64(0);
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

/** The function that a fast path is written into. */
export interface FastTarget {
  readonly code: Code;
  /** A local for the operation's own use. */
  scratch<Type extends AnyType>(type: Type): Local<Type>;
  /** The rounding mode in effect, or the mode itself where it is known: for operations that round to whole numbers. */
  readonly mode: Local | Rounding;
  /** Leaves fcsr on the stack: flags are its low bits. */
  pushFlags(): void;
  /** Whether results are left as numbers, rather than as their bits. */
  readonly givesNumbers?: boolean;
  /**
   * Leaves on the stack whether nothing was rounded off, by a call of a function that `write` writes for operands of
   * these types: few programs ask, and only at first. Where it is undefined, that code is part of the path.
   * @param part which of the operation's questions it is
   */
  callIsExact?(part: number, operands: readonly AnyLocal[], write: PushIsExact): void;
}

/** Leaves on the stack whether nothing was rounded off, by operands and intermediate results. */
export type PushIsExact = (path: FastPath, operands: readonly AnyLocal[]) => void;

/** One operation's fast path in the making. */
export class FastPath {
  readonly code: Code;
  #questions = 0;

  constructor(
    readonly target: FastTarget,
    /** Numbers, or bits, or integers. */
    readonly operands: readonly AnyLocal[],
    readonly slow: Label,
  ) {
    this.code = target.code;
  }

  /** An operand as a number, in a local. */
  operand<Type extends WasmFloat>(at: number, type: Type): Local<Type> {
    const given = this.operands[at]!;
    if (given.type === type) return given as Local<Type>;
    const local = this.target.scratch(type);
    this.pushOperand(at, type);
    this.code.set(local);
    return local;
  }

  pushOperand(at: number, type: WasmFloat): void {
    const given = this.operands[at]!;
    this.code.get(given);
    if (given.type !== type) this.code.op(type === F32 ? Op.f32ReinterpretI32 : Op.f64ReinterpretI64);
  }

  /** An operand's bits, in a local. */
  bits(at: number): Local {
    const given = this.operands[at]!;
    if (given.type === I32 || given.type === I64) return given as Local;
    const bits = this.target.scratch(given.type === F32 ? I32 : I64);
    this.pushBits(given as Local<WasmFloat>);
    this.code.set(bits);
    return bits;
  }

  /** Takes a number from the stack into a local. */
  keep<Type extends WasmFloat>(type: Type): Local<Type> {
    const local = this.target.scratch(type);
    this.code.set(local);
    return local;
  }

  /** Leaves the operation's result on the stack, as the target wants it. */
  give(result: Local<WasmFloat>): void {
    if (this.target.givesNumbers === true) this.code.get(result);
    else this.pushBits(result);
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

  /** Is it neither infinite nor a NaN? Magnitudes compare as their bits do, the sign shifted out. */
  pushIsFinite(value: Local<WasmFloat>): void {
    const type = this.#pushDoubledMagnitude(value);
    this.#doubledBits(value.type, Infinity);
    this.code.compare(type, 'ltU');
  }

  /** Is it finite and above the smallest normal number, so that it can come of no underflow before rounding either? */
  pushIsSafe(value: Local<WasmFloat>): void {
    const type = this.#pushDoubledMagnitude(value);
    const { code } = this;
    this.#doubledBits(value.type, SMALLEST_NORMAL[value.type], 1n);
    code.arithmetic(type, 'sub');
    this.#doubledBits(value.type, Infinity, -bitsOf(value.type, 2 * SMALLEST_NORMAL[value.type]) - 1n);
    code.compare(type, 'ltU');
  }

  #pushDoubledMagnitude(value: Local<WasmFloat>): WasmType {
    const type = value.type === F32 ? I32 : I64;
    this.pushBits(value);
    this.code.constant(type, 1);
    this.code.arithmetic(type, 'shl');
    return type;
  }

  #doubledBits(type: WasmFloat, value: number, plus = 0n): void {
    const bits = 2n * bitsOf(type, value) + plus;
    if (type === F32) this.code.i32(Number(BigInt.asIntN(32, bits)));
    else this.code.i64(bits);
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
    this.pushIsRaised(FloatFlag.underflow);
  }

  /** Is a flag raised? 1 or 0. */
  pushIsRaised(flag: number): void {
    this.#pushFlag(flag);
    this.code.i32(0);
    this.code.compare(I32, 'ne');
  }

  /**
   * The result is accepted if inexact is raised already, as it soon is in most programs, or else if what is pushed
   * holds: that nothing was rounded off.
   * @param operands all locals that `pushIsExact` goes by
   */
  requireExact<Locals extends readonly AnyLocal[]>(
    operands: readonly [...Locals],
    pushIsExact: (path: FastPath, operands: Locals) => void,
  ): void {
    const write = pushIsExact as PushIsExact;
    this.#pushFlag(FloatFlag.inexact);
    this.code.isZero(I32);
    this.code.if();
    if (this.target.callIsExact === undefined) write(this, operands);
    else this.target.callIsExact(this.#questions++, operands, write);
    this.require();
    this.code.end();
  }

  #pushFlag(flag: number): void {
    this.target.pushFlags();
    this.code.i32(flag);
    this.and();
  }
}
