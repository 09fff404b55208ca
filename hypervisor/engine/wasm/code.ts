import { HypervisorBug } from '../../bug';
import { Bytes } from './bytes';
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
  type AnyType,
  type WasmFloat,
  type WasmType,
} from './opcodes';

/** A local variable of a function in progress. */
export interface Local<Type extends AnyType = WasmType> {
  readonly index: number;
  readonly type: Type;
}

export type AnyLocal = Local<AnyType>;

/** A block that can be branched to. */
export interface Label {
  readonly depth: number;
}

/** Immutable i32 globals that a module imports: linear addresses of what its code has at multiples of 2^`shift`, 1 for the first. */
export interface Bases {
  readonly names: readonly string[];
  readonly shift: number;
}

const EMPTY = 0x40;

const storedType = (store: number): AnyType => {
  if (store === Op.f64Store) return F64;
  return store === Op.i64Store || store >= Op.i64Store8 ? I64 : I32;
};

/** The body of one WebAssembly function, written instruction by instruction. */
export class Code {
  /** The caller knows their types; most functions have none but integers. */
  readonly parameters: readonly Local[];
  readonly #body = new Bytes();
  readonly #locals: AnyType[] = [];
  /** Locals that begin with another value than 0. */
  readonly #first: { readonly local: Local; readonly value: number }[] = [];
  /** By number: what the function holds of its module's bases. */
  readonly #held = new Map<number, Local>();
  /** What is to be stored, while the address below it is completed. */
  readonly #aside = new Map<AnyType, AnyLocal>();
  #surrounded = 0;
  #depth = 0;

  constructor(
    parameters: readonly AnyType[],
    readonly bases?: Bases,
  ) {
    this.parameters = parameters.map((type, index) => ({ index, type: type as WasmType }));
  }

  local<Type extends AnyType>(type: Type): Local<Type> {
    this.#locals.push(type);
    return { index: this.parameters.length + this.#locals.length - 1, type };
  }

  /** A local that has a value where the function begins: a small one. */
  localFrom(type: WasmType, value: number): Local {
    const local = this.local(type);
    this.#first.push({ local, value });
    return local;
  }

  op(opcode: number): void {
    this.#body.byte(opcode);
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
  /** Takes an index into the module's table from the stack, above the arguments. */
  callIndirect(type: number): void {
    this.#indexed(Op.callIndirect, type);
    this.#body.byte(0);
  }

  i32(value: number): void {
    this.#body.byte(Op.i32Const);
    this.#body.signed(value | 0);
  }
  i64(value: bigint): void {
    this.#body.byte(Op.i64Const);
    this.#body.signed64(BigInt.asIntN(64, value));
  }
  constant(type: WasmType, value: number): void {
    if (type === I32) this.i32(value);
    else if ((value | 0) === value) {
      this.#body.byte(Op.i64Const);
      this.#body.signed(value);
    } else this.i64(BigInt(value));
  }

  /** A floating-point constant. */
  float(type: WasmFloat, value: number): void {
    const bytes = type === F32 ? new Float32Array([value]) : new Float64Array([value]);
    this.op(type === F32 ? Op.f32Const : Op.f64Const);
    for (const byte of new Uint8Array(bytes.buffer)) this.#body.byte(byte);
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
    const distance = this.bases === undefined ? offset : this.#addBase(opcode, offset, this.bases);
    this.op(opcode);
    this.#body.byte(0);
    this.#body.unsigned(distance);
  }

  /** Adds to the address that an access takes from the stack. @returns what is left of its offset */
  #addBase(opcode: number, offset: number, { names, shift }: Bases): number {
    const number = (offset >>> shift) - 1;
    if (number < 0 || number >= names.length)
      throw new HypervisorBug('code that moves has an address that does not');
    let base = this.#held.get(number);
    if (base === undefined) this.#held.set(number, (base = this.local(I32)));
    const value = opcode < Op.i32Store ? undefined : this.#asideFor(storedType(opcode));
    if (value !== undefined) this.set(value);
    this.get(base);
    this.arithmetic(I32, 'add');
    if (value !== undefined) this.get(value);
    return offset & (2 ** shift - 1);
  }

  #asideFor(type: AnyType): AnyLocal {
    let local = this.#aside.get(type);
    if (local === undefined) this.#aside.set(type, (local = this.local(type)));
    return local;
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

  /**
   * The label of a block that will be put around everything written so far, by `surround`: 0 is the innermost. So what
   * a function leaves by can be found out while it is written.
   */
  surrounding(number: number): Label {
    return { depth: -1 - number };
  }
  /** Opens blocks before everything written so far; each is still to be ended. Once. */
  surround(count: number): void {
    if (this.#depth !== 0) throw new HypervisorBug('blocks put around a function inside of a block');
    this.#surrounded = count;
    this.#depth = count;
  }

  br(label: Label): void {
    this.#indexed(Op.br, this.#distance(label));
  }
  brIf(label: Label): void {
    this.#indexed(Op.brIf, this.#distance(label));
  }
  brTable(labels: readonly Label[], otherwise: Label): void {
    this.op(Op.brTable);
    this.#body.unsigned(labels.length);
    for (const label of labels) this.#body.unsigned(this.#distance(label));
    this.#body.unsigned(this.#distance(otherwise));
  }

  /** Writes the function as the code section holds it. */
  writeTo(bytes: Bytes): void {
    if (this.#depth !== 0) throw new HypervisorBug('a generated function has a block without an end');
    const head = new Bytes();
    head.unsigned(this.#locals.length);
    for (const type of this.#locals) {
      head.byte(1);
      head.byte(type);
    }
    for (const [number, local] of this.#held) {
      head.byte(Op.globalGet);
      head.unsigned(number);
      head.byte(Op.localSet);
      head.unsigned(local.index);
    }
    for (const { local, value } of this.#first) {
      head.byte(local.type === I32 ? Op.i32Const : Op.i64Const);
      head.signed(value);
      head.byte(Op.localSet);
      head.unsigned(local.index);
    }
    for (let block = 0; block < this.#surrounded; block++) {
      head.byte(Op.block);
      head.byte(EMPTY);
    }
    bytes.unsigned(head.length + this.#body.length + 1);
    bytes.append(head);
    bytes.append(this.#body);
    bytes.byte(Op.end);
  }

  #indexed(opcode: number, index: number): void {
    this.#body.byte(opcode);
    this.#body.unsigned(index);
  }

  #open(opcode: number, result?: WasmType): Label {
    this.#body.byte(opcode);
    this.#body.byte(result ?? EMPTY);
    return { depth: this.#depth++ };
  }

  #distance(label: Label): number {
    return this.#depth - label.depth - 1;
  }
}
