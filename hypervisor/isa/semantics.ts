import { FLOAT_OPERATIONS, type FloatOperation } from './float-operations';

/**
 * What instructions do, recorded once as a little list of operations in single-assignment form, from which engines,
 * the oracle and all facts are derived. Four types of value: `x` (as wide as an x register), `w` (32 bits), `d` (64
 * bits, as wide as an f register) and `b` (a truth value). Floating-point numbers are their bit patterns.
 *
 * Pure operations depend on nothing but their operands. Floating-point operations depend on the rounding mode too, and
 * raise exception flags. Steps happen in the order they were recorded: memory accesses, which may trap and then nothing
 * else happens; the write of rd or fd; a transfer of control. An instruction that mentions an f register, or has a
 * floating-point operation, is illegal while mstatus.FS is Off; one that has a rounding mode is illegal where that is
 * reserved.
 */
export type ValueType = 'x' | 'w' | 'd' | 'b';
/** Types of integers. */
export type IntegerType = Exclude<ValueType, 'b'>;
export type MemoryKind = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64';
export const SIZES: Readonly<Record<MemoryKind, 1 | 2 | 4 | 8>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
};

export type Leaf = 'rs1' | 'rs2' | 'imm' | 'pc' | 'next';
/** The f registers that the encoding's rs1, rs2 and rs3 name: all of their 64 bits. */
export type FloatLeaf = 'fs1' | 'fs2' | 'fs3';
/** Two operands of one type, the result has it too. Shifts and rotations take the amount modulo the width. */
export const BINARY = [
  'add', 'sub', 'and', 'or', 'xor', 'shl', 'shru', 'shrs', 'rotl', 'rotr',
  'mul', 'mulhs', 'mulhu', 'mulhsu', 'div', 'divu', 'rem', 'remu',
] as const; // prettier-ignore
export type Binary = (typeof BINARY)[number];
/** Two operands of one type, the result is a truth value. */
export const COMPARISONS = ['eq', 'ne', 'lt', 'ltu', 'ge', 'geu'] as const;
export type Comparison = (typeof COMPARISONS)[number];
/** One operand, the result has its type. `extend8` and `extend16` extend the sign of the low bits. */
export const UNARY = ['clz', 'ctz', 'popcount', 'extend8', 'extend16'] as const;
export type Unary = (typeof UNARY)[number];

/** System instructions: not executed by engines, but by hart/. */
export type SystemOperation =
  | { readonly is: 'csr'; readonly does: 'write' | 'set' | 'clear'; readonly source: 'rs1' | 'imm' }
  | { readonly is: 'ecall' | 'ebreak' | 'mret' | 'sret' | 'wfi' | 'sfence.vma' };

export type Value =
  | { readonly op: Leaf; readonly type: 'x' }
  | { readonly op: FloatLeaf; readonly type: 'd' }
  | { readonly op: 'constant'; readonly type: IntegerType; readonly value: number }
  /** A pattern of `width` bits, repeated over the register. */
  | { readonly op: 'repeat'; readonly type: 'x'; readonly value: number; readonly width: 8 | 16 | 32 }
  | { readonly op: Binary; readonly type: IntegerType; readonly a: Value; readonly b: Value }
  | { readonly op: Comparison; readonly type: 'b'; readonly a: Value; readonly b: Value }
  | { readonly op: Unary; readonly type: IntegerType; readonly a: Value }
  /** x or d to w: its low 32 bits. w to x, extending the sign or with zeros. b to x: 0 or 1. */
  | { readonly op: 'low'; readonly type: 'w'; readonly a: Value }
  | { readonly op: 'signExtend' | 'zeroExtend' | 'fromTruth'; readonly type: 'x'; readonly a: Value }
  /** RV64 only: x as d and d as x. */
  | { readonly op: 'asDouble'; readonly type: 'd'; readonly a: Value }
  | { readonly op: 'fromDouble'; readonly type: 'x'; readonly a: Value }
  /** w to d: ones above the 32 bits. d to w: its low 32 bits, or the canonical NaN where there are not ones above. */
  | { readonly op: 'box'; readonly type: 'd'; readonly a: Value }
  | { readonly op: 'unbox'; readonly type: 'w'; readonly a: Value }
  | FloatValue
  | {
      readonly op: 'select';
      readonly type: IntegerType;
      readonly condition: Value;
      readonly a: Value;
      readonly b: Value;
    }
  | MemoryRead;

/** An operation of float-operations.ts. */
export interface FloatValue {
  readonly op: 'float';
  readonly does: FloatOperation;
  readonly type: 'w' | 'd';
  readonly operands: readonly Value[];
}

/** A step that also has a value: the loaded one, or 0/1 of a store-conditional. */
export type MemoryRead =
  | {
      readonly op: 'load';
      readonly type: 'x' | 'd';
      readonly kind: MemoryKind;
      readonly address: Value;
    }
  | {
      readonly op: 'atomicLoad' | 'loadReserved';
      readonly type: 'x';
      readonly kind: MemoryKind;
      readonly address: Value;
    }
  | {
      readonly op: 'storeConditional';
      readonly type: 'x';
      readonly kind: MemoryKind;
      readonly address: Value;
      readonly value: Value;
    };

export type Step =
  | MemoryRead
  | {
      readonly op: 'store' | 'atomicStore';
      readonly kind: MemoryKind;
      readonly address: Value;
      readonly value: Value;
    }
  | { readonly op: 'rd'; readonly value: Value }
  | { readonly op: 'fd'; readonly value: Value }
  /** To pc + imm if the condition holds, or always. */
  | { readonly op: 'branch'; readonly condition: Value | undefined }
  | { readonly op: 'jump'; readonly target: Value }
  | { readonly op: 'fence' }
  | { readonly op: 'system'; readonly operation: SystemOperation };

export type Semantics = readonly Step[];

/** Records an instruction's semantics. */
export class Recorder {
  readonly steps: Step[] = [];

  constructor(readonly xlen: 32 | 64) {}

  rs1 = (): Value => ({ op: 'rs1', type: 'x' });
  rs2 = (): Value => ({ op: 'rs2', type: 'x' });
  imm = (): Value => ({ op: 'imm', type: 'x' });
  fs1 = (): Value => ({ op: 'fs1', type: 'd' });
  fs2 = (): Value => ({ op: 'fs2', type: 'd' });
  fs3 = (): Value => ({ op: 'fs3', type: 'd' });
  /** The instruction's own address, and that of the one after it. */
  pc = (): Value => ({ op: 'pc', type: 'x' });
  next = (): Value => ({ op: 'next', type: 'x' });
  /** A constant, int32 and sign-extended. */
  constant = (value: number, type: IntegerType = 'x'): Value => ({ op: 'constant', type, value });
  repeat = (value: number, width: 8 | 16 | 32): Value => ({ op: 'repeat', type: 'x', value, width });

  binary(op: Binary, a: Value, b: Value): Value {
    return { op, type: this.#sameType(op, a, b), a, b };
  }
  compare(op: Comparison, a: Value, b: Value): Value {
    this.#sameType(op, a, b);
    return { op, type: 'b', a, b };
  }
  unary = (op: Unary, a: Value): Value => ({ op, type: wide(op, a), a });

  add = (a: Value, b: Value): Value => this.binary('add', a, b);
  sub = (a: Value, b: Value): Value => this.binary('sub', a, b);
  and = (a: Value, b: Value): Value => this.binary('and', a, b);
  or = (a: Value, b: Value): Value => this.binary('or', a, b);
  xor = (a: Value, b: Value): Value => this.binary('xor', a, b);
  not = (a: Value): Value => this.binary('xor', a, this.constant(-1));
  shl = (a: Value, b: Value): Value => this.binary('shl', a, b);
  shru = (a: Value, b: Value): Value => this.binary('shru', a, b);
  low = (a: Value): Value => ({ op: 'low', type: 'w', a });
  signExtend = (a: Value): Value => ({ op: 'signExtend', type: 'x', a });
  zeroExtend = (a: Value): Value => ({ op: 'zeroExtend', type: 'x', a });
  fromTruth = (a: Value): Value => ({ op: 'fromTruth', type: 'x', a });
  asDouble = (a: Value): Value => ({ op: 'asDouble', type: 'd', a });
  fromDouble = (a: Value): Value => ({ op: 'fromDouble', type: 'x', a });
  box = (a: Value): Value => ({ op: 'box', type: 'd', a });
  unbox = (a: Value): Value => ({ op: 'unbox', type: 'w', a });
  float(does: FloatOperation, ...operands: Value[]): Value {
    const { takes, gives } = FLOAT_OPERATIONS[does];
    const given = operands.map(({ type }) => type);
    if (given.join() !== takes.join()) throw new Error(`${does} of ${given.join()}, not ${takes.join()}`);
    return { op: 'float', does, type: gives, operands };
  }
  select(condition: Value, a: Value, b: Value): Value {
    return { op: 'select', type: this.#sameType('select', a, b), condition, a, b };
  }

  load = (kind: MemoryKind, address: Value): Value => this.#read({ op: 'load', type: 'x', kind, address });
  /** All 64 bits of an f register. */
  loadDouble = (address: Value): Value => this.#read({ op: 'load', type: 'd', kind: 'i64', address });
  /** Stores a value at least as wide as the access. */
  store(kind: MemoryKind, address: Value, value: Value): void {
    this.steps.push({ op: 'store', kind, address, value });
  }
  /** The load of a read-modify-write: must be aligned, and traps as a store does. `atomicStore` to the same address follows. */
  atomicLoad = (kind: MemoryKind, address: Value): Value =>
    this.#read({ op: 'atomicLoad', type: 'x', kind, address });
  atomicStore(kind: MemoryKind, address: Value, value: Value): void {
    this.steps.push({ op: 'atomicStore', kind, address, value });
  }
  loadReserved = (kind: MemoryKind, address: Value): Value =>
    this.#read({ op: 'loadReserved', type: 'x', kind, address });
  /** 0 if it stored, 1 if not. Any store-conditional ends the reservation. */
  storeConditional = (kind: MemoryKind, address: Value, value: Value): Value =>
    this.#read({ op: 'storeConditional', type: 'x', kind, address, value });

  rd(value: Value): void {
    if (value.type !== 'x') throw new Error(`rd written with a value of type ${value.type}`);
    this.steps.push({ op: 'rd', value });
  }
  fd(value: Value): void {
    if (value.type !== 'd') throw new Error(`fd written with a value of type ${value.type}`);
    this.steps.push({ op: 'fd', value });
  }
  branch(condition?: Value): void {
    this.steps.push({ op: 'branch', condition });
  }
  jump(target: Value): void {
    this.steps.push({ op: 'jump', target });
  }
  fence(): void {
    this.steps.push({ op: 'fence' });
  }
  system(operation: SystemOperation): void {
    this.steps.push({ op: 'system', operation });
  }

  #read(step: MemoryRead): Value {
    this.steps.push(step);
    return step;
  }

  #sameType(op: string, a: Value, b: Value): IntegerType {
    if (a.type !== b.type) throw new Error(`${op} of values of types ${a.type} and ${b.type}`);
    return wide(op, a);
  }
}

function wide(op: string, { type }: Value): IntegerType {
  if (type === 'b') throw new Error(`${op} of a truth value`);
  return type;
}

/** The values that a value or a step is made of. */
export function operandsOf(node: Value | Step): Value[] {
  const operands: Value[] = [];
  if ('operands' in node) operands.push(...node.operands);
  if ('condition' in node && node.condition !== undefined) operands.push(node.condition);
  if ('a' in node) operands.push(node.a);
  if ('b' in node) operands.push(node.b);
  if ('address' in node) operands.push(node.address);
  if (node.op !== 'constant' && node.op !== 'repeat' && 'value' in node) operands.push(node.value);
  if ('target' in node) operands.push(node.target);
  return operands;
}
