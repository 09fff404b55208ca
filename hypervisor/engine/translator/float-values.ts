/** Floating-point values of a translated instruction, as numbers: most never are bits. */
import type { Rounding } from '../../float/environment';
import type { FloatLeaf, FloatValue, Leaf, Value } from '../../isa/semantics';
import { fastMode } from '../float/control';
import { emitFastFloat } from '../float/emit';
import type { FastTarget } from '../float/fast-path';
import type { AnyLocal, Local } from '../wasm/code';
import { F32, F64, Op, type WasmFloat } from '../wasm/opcodes';
import { OUTLINED } from './float-functions';
import { isFloatLeaf } from './float-registers';
import type { InstructionValues } from './instruction-values';

export class FloatValues {
  /** Values that are in locals as numbers. */
  readonly #numbers = new Map<Value, Local<WasmFloat>>();
  readonly #results = new Map<FloatValue, AnyLocal>();

  constructor(readonly values: InstructionValues) {}

  register(leaf: FloatLeaf): Local<WasmFloat> {
    const { rs1, rs2, rs3 } = this.values.guest;
    return this.values.frame.floats!.register(leaf === 'fs1' ? rs1 : leaf === 'fs2' ? rs2 : rs3);
  }

  registerOf(leaf: Leaf | FloatLeaf): Local<WasmFloat> | undefined {
    return leaf === 'fs1' || leaf === 'fs2' || leaf === 'fs3' ? this.register(leaf) : undefined;
  }

  /** Declares that a value is in a local. */
  define(value: Value, local: Local<WasmFloat>): void {
    this.#numbers.set(value, local);
  }

  /** Computes an operation into a local: a number, or an integer. What is not its fast path's leaves the function. */
  compute(value: FloatValue): AnyLocal {
    const known = this.#results.get(value);
    if (known !== undefined) return known;
    const operands = value.operands.map((operand) => this.#operand(operand));
    const result = OUTLINED.has(value.does) ? this.#call(value, operands) : this.#emit(value, operands);
    this.#results.set(value, result);
    return result;
  }

  /** Sets rd, an f register, to a value. */
  set(value: Value): void {
    const { frame, guest } = this.values;
    const { code } = frame;
    const rd = frame.floats!.register(guest.rd);
    const content = rd.type === F32 && value.op === 'box' ? value.a : value;
    const number = this.#number(content, rd.type);
    if (number !== undefined) {
      code.get(number);
    } else {
      this.values.push(content);
      code.op(rd.type === F32 ? Op.f32ReinterpretI32 : Op.f64ReinterpretI64);
    }
    code.set(rd);
  }

  /** A value as a number of this type, if there is a way to it that does not lead over its bits. */
  #number(value: Value, type: WasmFloat): Local<WasmFloat> | undefined {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known.type === type ? known : undefined;
    if (value.op === 'float') {
      const result = this.compute(value);
      return result.type === type ? (result as Local<WasmFloat>) : undefined;
    }
    const register = value.op === 'unbox' ? value.a : value;
    if (isFloatLeaf(register)) {
      const local = this.register(register.op);
      return local.type === type ? local : undefined;
    }
    if (value.op === 'xor' && isSignBit(value.b)) return this.#changed('neg', value.a, type);
    return this.#withSign(value, type);
  }

  #changed(how: 'neg' | 'abs', value: Value, type: WasmFloat): Local<WasmFloat> | undefined {
    const number = this.#number(value, type);
    if (number === undefined) return undefined;
    const { code } = this.values.frame;
    const result = this.values.frame.scratch(type);
    code.get(number);
    code.floatArithmetic(type, how);
    code.set(result);
    return result;
  }

  /**
   * Sign injection (see isa/rows/float.ts): a magnitude, and the sign of another number, or its opposite. WebAssembly
   * does that to the bits, whatever they mean.
   */
  #withSign(value: Value, type: WasmFloat): Local<WasmFloat> | undefined {
    const parts = signInjectionOf(value);
    if (parts === undefined) return undefined;
    const { frame, guest } = this.values;
    const { code } = frame;
    const isOwn = guest.rs1 === guest.rs2;
    if (parts.does === 'combine') return isOwn ? this.#changed('abs', parts.magnitude, type) : undefined;
    if (isOwn) {
      if (parts.does === 'invert') return this.#changed('neg', parts.magnitude, type);
      return this.#number(parts.magnitude, type);
    }
    const magnitude = this.#number(parts.magnitude, type);
    const sign = this.#number(parts.sign, type);
    if (magnitude === undefined || sign === undefined) return undefined;
    const result = frame.scratch(type);
    code.get(magnitude);
    code.get(sign);
    if (parts.does === 'invert') code.floatArithmetic(type, 'neg');
    code.floatArithmetic(type, 'copysign');
    code.set(result);
    return result;
  }

  #operand(value: Value): AnyLocal {
    const type = value.type === 'w' ? F32 : F64;
    return this.#number(value, type) ?? this.values.local(value);
  }

  #emit({ does }: FloatValue, operands: readonly AnyLocal[]): AnyLocal {
    const { frame, guest } = this.values;
    const { code, floatFunctions } = frame;
    const target: FastTarget = {
      code,
      mode: fastMode(guest.rm) as Rounding,
      scratch: (type) => frame.scratch(type),
      pushFlags: () => floatFunctions.pushFlags(code),
      givesNumbers: true,
      callIsExact: (part, locals, write) => {
        for (const local of locals) code.get(local);
        code.call(floatFunctions.isExact(does, part, locals, write));
      },
    };
    const done = code.block();
    const slow = code.block();
    const result = emitFastFloat(target, does, operands, slow);
    code.br(done);
    code.end();
    frame.leaveFor(guest.address, 'interpret');
    code.end();
    return result;
  }

  #call({ does }: FloatValue, operands: readonly AnyLocal[]): AnyLocal {
    const { frame, guest } = this.values;
    const { code } = frame;
    const result = frame.scratch(F64);
    for (const operand of operands) {
      code.get(operand);
      if (operand.type !== F64) code.op(Op.f64ReinterpretI64);
    }
    code.call(frame.floatFunctions.outlined(does));
    code.tee(result);
    code.get(result);
    code.floatCompare(F64, 'ne');
    frame.interpretIf(guest.address);
    return result;
  }
}

interface SignInjection {
  readonly magnitude: Value;
  /** Of `take` and `invert`. */
  readonly sign: Value;
  readonly does: 'take' | 'invert' | 'combine';
}

const isSignBit = ({ op }: Value): boolean => op === 'shl';

/** The operands of `or(shru(shl(magnitude, 1), 1), and(sign, signBit))`, where the sign may be an exclusive or. */
function signInjectionOf(value: Value): SignInjection | undefined {
  if (value.op !== 'or' || value.a.op !== 'shru' || value.a.a.op !== 'shl' || value.b.op !== 'and')
    return undefined;
  const magnitude = value.a.a.a;
  const sign = value.b.a;
  if (sign.op !== 'xor') return { magnitude, sign, does: 'take' };
  return isSignBit(sign.b)
    ? { magnitude, sign: sign.a, does: 'invert' }
    : { magnitude, sign, does: 'combine' };
}
