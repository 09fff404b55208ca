import { HypervisorBug } from '../../bug';
import {
  Arithmetic,
  ARITHMETIC_I64,
  Compare,
  COMPARE_I64,
  F32,
  F64,
  FLOAT_ARITHMETIC_F64,
  FLOAT_COMPARE_F64,
  FloatArithmetic,
  FloatCompare,
  I32,
  I64,
  Op,
  type WasmFloat,
  type WasmType,
} from './opcodes';

/** A local variable of a function in progress. */
export interface Local<Type extends WasmType | WasmFloat = WasmType> {
  readonly index: number;
  readonly type: Type;
}

type AnyLocal = Local<WasmType | WasmFloat>;

/** A block that can be branched to. */
export interface Label {
  readonly depth: number;
}

const EMPTY = 0x40;

/** The body of one WebAssembly function, written instruction by instruction. */
export class Code {
  readonly bytes: number[] = [];
  readonly parameters: readonly Local[];
  readonly #locals: (WasmType | WasmFloat)[] = [];
  #depth = 0;

  constructor(parameters: readonly WasmType[]) {
    this.parameters = parameters.map((type, index) => ({ index, type }));
  }

  local<Type extends WasmType | WasmFloat>(type: Type): Local<Type> {
    this.#locals.push(type);
    return { index: this.parameters.length + this.#locals.length - 1, type };
  }

  op(opcode: number): void {
    this.bytes.push(opcode);
  }

  get(local: AnyLocal): void {
    this.#indexed(Op.localGet, local.index);
  }
  set(local: AnyLocal): void {
    this.#indexed(Op.localSet, local.index);
  }
  tee(local: AnyLocal): void {
    this.#indexed(Op.localTee, local.index);
  }
  getGlobal(index: number): void {
    this.#indexed(Op.globalGet, index);
  }
  setGlobal(index: number): void {
    this.#indexed(Op.globalSet, index);
  }
  call(index: number): void {
    this.#indexed(Op.call, index);
  }

  i32(value: number): void {
    this.op(Op.i32Const);
    signed(this.bytes, value | 0);
  }
  i64(value: bigint): void {
    this.op(Op.i64Const);
    let rest = BigInt.asIntN(64, value);
    for (; BigInt.asIntN(32, rest) !== rest; rest >>= 7n) this.bytes.push(Number(rest & 0x7fn) | 0x80);
    signed(this.bytes, Number(rest));
  }
  constant(type: WasmType, value: number): void {
    if (type === I32) this.i32(value);
    else this.i64(BigInt(value));
  }

  /** A floating-point constant. */
  float(type: WasmFloat, value: number): void {
    const bytes = type === F32 ? new Float32Array([value]) : new Float64Array([value]);
    this.bytes.push(type === F32 ? Op.f32Const : Op.f64Const, ...new Uint8Array(bytes.buffer));
  }

  arithmetic(type: WasmType, name: keyof typeof Arithmetic): void {
    this.op(Arithmetic[name] + (type === I64 ? ARITHMETIC_I64 : 0));
  }
  compare(type: WasmType, name: keyof typeof Compare): void {
    this.op(Compare[name] + (type === I64 ? COMPARE_I64 : 0));
  }
  floatArithmetic(type: WasmFloat, name: keyof typeof FloatArithmetic): void {
    this.op(FloatArithmetic[name] + (type === F64 ? FLOAT_ARITHMETIC_F64 : 0));
  }
  floatCompare(type: WasmFloat, name: keyof typeof FloatCompare): void {
    this.op(FloatCompare[name] + (type === F64 ? FLOAT_COMPARE_F64 : 0));
  }
  isZero(type: WasmType): void {
    this.op(type === I32 ? Op.i32Eqz : Op.i64Eqz);
  }

  /** A load or store instruction; no alignment is promised. */
  access(opcode: number, offset = 0): void {
    this.bytes.push(opcode, 0);
    unsigned(this.bytes, offset);
  }

  block(): Label {
    return this.#open(Op.block);
  }
  loop(): Label {
    return this.#open(Op.loop);
  }
  /** Takes the condition from the stack. */
  if(result?: WasmType): Label {
    return this.#open(Op.if, result);
  }
  else(): void {
    this.op(Op.else);
  }
  end(): void {
    this.op(Op.end);
    this.#depth--;
  }

  br(label: Label): void {
    this.#indexed(Op.br, this.#distance(label));
  }
  brIf(label: Label): void {
    this.#indexed(Op.brIf, this.#distance(label));
  }
  brTable(labels: readonly Label[], otherwise: Label): void {
    this.op(Op.brTable);
    unsigned(this.bytes, labels.length);
    for (const label of [...labels, otherwise]) unsigned(this.bytes, this.#distance(label));
  }

  /** The function as the code section holds it. */
  encode(): number[] {
    if (this.#depth !== 0) throw new HypervisorBug('a generated function has a block without an end');
    const body: number[] = [];
    unsigned(body, this.#locals.length);
    for (const type of this.#locals) body.push(1, type);
    const encoded: number[] = [];
    unsigned(encoded, body.length + this.bytes.length + 1);
    return encoded.concat(body, this.bytes, Op.end);
  }

  #indexed(opcode: number, index: number): void {
    this.op(opcode);
    unsigned(this.bytes, index);
  }

  #open(opcode: number, result?: WasmType): Label {
    this.bytes.push(opcode, result ?? EMPTY);
    return { depth: this.#depth++ };
  }

  #distance(label: Label): number {
    return this.#depth - label.depth - 1;
  }
}

/** LEB128. */
export function unsigned(bytes: number[], value: number): void {
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  bytes.push(value);
}

/** The same for an int32. */
function signed(bytes: number[], value: number): void {
  for (; value < -0x40 || value > 0x3f; value >>= 7) bytes.push((value & 0x7f) | 0x80);
  bytes.push(value & 0x7f);
}
