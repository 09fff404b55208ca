/**
 * A slow, obviously right interpreter of the table, for specs: it walks the recorded semantics with BigInts. Engines
 * must agree with it. Nothing here is used by machines.
 */
import { DYNAMIC_ROUNDING, FloatEnvironment, type Rounding } from '../float/environment';
import { softFloat } from '../float/soft-float';
import type { Decoded } from './decode';
import type { Binary, Comparison, FloatValue, MemoryKind, Step, Value } from './semantics';
import { SIZES } from './semantics';

/** Memory as the oracle sees it: undefined or false where there is none. Values are unsigned. */
export interface OracleMemory {
  load(address: bigint, size: number): bigint | undefined;
  store(address: bigint, size: number, value: bigint): boolean;
}

export type OracleOutcome =
  /** `taken`: it went where it says, and not on to the next one. */
  | { readonly is: 'retired'; readonly taken: boolean }
  /** Left to hart/: a system instruction, or floating point that is off or has a reserved rounding mode. */
  | { readonly is: 'system' }
  | { readonly is: 'trap'; readonly cause: number; readonly value: bigint };

class Trap extends Error {
  constructor(
    readonly code: number,
    readonly value: bigint,
  ) {
    super(`trap ${code}`);
  }
}

/** One hart's registers (unsigned), pc and reservation. */
export class Oracle {
  readonly x: bigint[] = new Array<bigint>(32).fill(0n);
  readonly f: bigint[] = new Array<bigint>(32).fill(0n);
  /** Flags and rounding mode, and mstatus.FS: 0 is Off, 3 is Dirty. */
  fflags = 0;
  frm = 0;
  fs = 0;
  pc = 0n;
  reservation: { readonly address: bigint; readonly value: bigint } | undefined;

  readonly #values = new Map<Value, bigint>();
  #decoded!: Decoded;

  constructor(
    readonly xlen: 32 | 64,
    readonly memory: OracleMemory,
  ) {}

  /** Runs one decoded instruction that lies at pc. */
  step(decoded: Decoded): OracleOutcome {
    const { instruction, bits, length } = decoded;
    if (instruction === undefined) return { is: 'trap', cause: 2, value: BigInt(bits) };
    if (instruction.facts.system !== undefined) return { is: 'system' };
    if (instruction.facts.needsFloat && !this.#allowsFloat(decoded)) return { is: 'system' };
    this.#decoded = decoded;
    this.#values.clear();
    let next = this.#unsigned(this.pc + BigInt(length));
    let rd: bigint | undefined;
    let fd: bigint | undefined;
    let taken = false;
    try {
      for (const step of instruction.semantics) {
        if (step.op === 'rd') rd = this.#value(step.value);
        else if (step.op === 'fd') fd = this.#value(step.value);
        else if (step.op === 'jump') {
          taken = true;
          next = this.#value(step.target);
        } else if (step.op === 'branch') {
          taken = step.condition === undefined || this.#value(step.condition) === 1n;
          if (taken) next = this.#unsigned(this.pc + BigInt(decoded.imm));
        } else this.#access(step);
      }
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      return { is: 'trap', cause: error.code, value: error.value };
    }
    if (rd !== undefined && decoded.rd !== 0) this.x[decoded.rd] = rd;
    if (fd !== undefined) this.f[decoded.rd] = fd;
    if (instruction.facts.writesFd || instruction.facts.floatOperation !== undefined) this.fs = 3;
    this.pc = next;
    return { is: 'retired', taken };
  }

  #access(step: Step): void {
    switch (step.op) {
      case 'load':
        this.#values.set(step, this.#load(step.kind, this.#value(step.address), 5, this.#width(step)));
        break;
      case 'store':
        this.#store(step.kind, this.#value(step.address), this.#value(step.value));
        break;
      case 'atomicLoad': {
        const address = this.#aligned(step.kind, step.address, 6);
        this.#values.set(step, this.#load(step.kind, address, 7));
        break;
      }
      case 'atomicStore':
        this.#store(step.kind, this.#value(step.address), this.#value(step.value));
        break;
      case 'loadReserved': {
        const address = this.#aligned(step.kind, step.address, 4);
        const value = this.#load(step.kind, address, 5);
        this.#values.set(step, value);
        this.reservation = { address, value };
        break;
      }
      case 'storeConditional': {
        const address = this.#aligned(step.kind, step.address, 6);
        const held = this.reservation;
        const now = this.#load(step.kind, address, 7);
        const succeeds = held !== undefined && held.address === address && held.value === now;
        if (succeeds) this.#store(step.kind, address, this.#value(step.value));
        this.reservation = undefined;
        this.#values.set(step, succeeds ? 0n : 1n);
        break;
      }
      case 'fence':
      case 'system':
      case 'rd':
      case 'fd':
      case 'branch':
      case 'jump':
        break;
    }
  }

  /** Floating point is on, and the rounding mode is none of the reserved ones. */
  #allowsFloat({ rm }: Decoded): boolean {
    return this.fs !== 0 && (rm !== DYNAMIC_ROUNDING || this.frm <= 4);
  }

  #float({ does, operands }: FloatValue): bigint {
    const { rm } = this.#decoded;
    const environment = new FloatEnvironment((rm === DYNAMIC_ROUNDING ? this.frm : rm) as Rounding);
    const [a, b, c] = operands.map((operand) => this.#value(operand));
    const result = softFloat(does, environment, a!, b, c);
    this.fflags |= environment.flags;
    return result;
  }

  #aligned(kind: MemoryKind, addressValue: Value, cause: number): bigint {
    const address = this.#value(addressValue);
    if (address % BigInt(SIZES[kind]) !== 0n) throw new Trap(cause, address);
    return address;
  }

  #load(kind: MemoryKind, address: bigint, cause: number, width: number = this.xlen): bigint {
    const size = SIZES[kind];
    const value = this.memory.load(address, size);
    if (value === undefined) throw new Trap(cause, address);
    return BigInt.asUintN(width, kind.startsWith('i') ? BigInt.asIntN(size * 8, value) : value);
  }

  #store(kind: MemoryKind, address: bigint, value: bigint): void {
    const size = SIZES[kind];
    if (!this.memory.store(address, size, BigInt.asUintN(size * 8, value))) throw new Trap(7, address);
  }

  #unsigned(value: bigint): bigint {
    return BigInt.asUintN(this.xlen, value);
  }

  /** Values are unsigned integers of their type's width; truth values 0 or 1. */
  #value(value: Value): bigint {
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    const computed = this.#compute(value);
    const result = value.type === 'b' ? computed : BigInt.asUintN(this.#width(value), computed);
    this.#values.set(value, result);
    return result;
  }

  #width({ type }: Value): number {
    return type === 'w' ? 32 : type === 'd' ? 64 : this.xlen;
  }

  #compute(value: Value): bigint {
    const { rs1, rs2, rs3, imm, length } = this.#decoded;
    switch (value.op) {
      case 'fs1':
        return this.f[rs1]!;
      case 'fs2':
        return this.f[rs2]!;
      case 'fs3':
        return this.f[rs3]!;
      case 'box':
        return (0xffffffffn << 32n) | this.#value(value.a);
      case 'unbox': {
        const boxed = this.#value(value.a);
        return boxed >> 32n === 0xffffffffn ? boxed : 0x7fc00000n;
      }
      case 'float':
        return this.#float(value);
      case 'rs1':
        return this.x[rs1]!;
      case 'rs2':
        return this.x[rs2]!;
      case 'imm':
        return BigInt(imm);
      case 'pc':
        return this.pc;
      case 'next':
        return this.pc + BigInt(length);
      case 'constant':
        return BigInt(value.value);
      case 'repeat': {
        let pattern = 0n;
        for (let at = 0; at < this.xlen; at += value.width) pattern |= BigInt(value.value) << BigInt(at);
        return pattern;
      }
      case 'low':
      case 'zeroExtend':
      case 'fromTruth':
      case 'asDouble':
      case 'fromDouble':
        return this.#value(value.a);
      case 'signExtend':
        return BigInt.asIntN(32, this.#value(value.a));
      case 'select':
        return this.#value(this.#value(value.condition) === 1n ? value.a : value.b);
      case 'clz':
        return BigInt(/^0*/.exec(this.#digits(value.a))![0].length);
      case 'ctz':
        return BigInt(/0*$/.exec(this.#digits(value.a))![0].length);
      case 'popcount':
        return BigInt(this.#digits(value.a).replaceAll('0', '').length);
      case 'extend8':
        return BigInt.asIntN(8, this.#value(value.a));
      case 'extend16':
        return BigInt.asIntN(16, this.#value(value.a));
      case 'eq':
      case 'ne':
      case 'lt':
      case 'ltu':
      case 'ge':
      case 'geu':
        return this.#compare(value.op, value.a, value.b) ? 1n : 0n;
      case 'load':
      case 'atomicLoad':
      case 'loadReserved':
      case 'storeConditional':
        throw new Error(`the result of ${value.op} used before its step`);
      default:
        return this.#binary(value.op, value.a, value.b);
    }
  }

  /** All bits of a value, the highest first. */
  #digits(value: Value): string {
    return this.#value(value).toString(2).padStart(this.#width(value), '0');
  }

  #compare(op: Comparison, left: Value, right: Value): boolean {
    const width = this.#width(left);
    const isUnsigned = op === 'ltu' || op === 'geu';
    const read = (value: Value) =>
      isUnsigned ? this.#value(value) : BigInt.asIntN(width, this.#value(value));
    const [a, b] = [read(left), read(right)];
    if (op === 'eq') return a === b;
    if (op === 'ne') return a !== b;
    return op === 'lt' || op === 'ltu' ? a < b : a >= b;
  }

  #binary(op: Binary, left: Value, right: Value): bigint {
    const width = this.#width(left);
    const bits = BigInt(width);
    const [ua, ub] = [this.#value(left), this.#value(right)];
    const [a, b] = [BigInt.asIntN(width, ua), BigInt.asIntN(width, ub)];
    const amount = ub % bits;
    switch (op) {
      case 'add':
        return ua + ub;
      case 'sub':
        return ua - ub;
      case 'and':
        return ua & ub;
      case 'or':
        return ua | ub;
      case 'xor':
        return ua ^ ub;
      case 'shl':
        return ua << amount;
      case 'shru':
        return ua >> amount;
      case 'shrs':
        return a >> amount;
      case 'rotl':
        return (ua << amount) | (ua >> (bits - amount));
      case 'rotr':
        return (ua >> amount) | (ua << (bits - amount));
      case 'mul':
        return ua * ub;
      case 'mulhs':
        return (a * b) >> bits;
      case 'mulhu':
        return (ua * ub) >> bits;
      case 'mulhsu':
        return (a * ub) >> bits;
      case 'div':
        return b === 0n ? -1n : a / b;
      case 'divu':
        return ub === 0n ? -1n : ua / ub;
      case 'rem':
        return b === 0n ? a : a % b;
      case 'remu':
        return ub === 0n ? ua : ua % ub;
    }
  }
}
