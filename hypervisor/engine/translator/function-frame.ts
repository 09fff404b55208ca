import { DATA_BANK, X_REGISTERS } from '../../hart/layout';
import { PAGE_SIZE } from '../../memory/page-flags';
import type { DataUse } from '../translated-address';
import type { AccessGroup } from './access-groups';
import type { AnyLocal, Code, Label, Local } from '../wasm/code';
import { type AnyType, F32, F64, I32, I64, Op, type WasmType } from '../wasm/opcodes';
import { NOTHING, plus, type Cost } from './budget';
import type { FloatFunctions } from './float-functions';
import type { FloatRegisters } from './float-registers';
import { isUniform, type Place } from './place';
import type { Block, GuestInstruction } from './region';

/** Registers of a mask, lowest first. */
export function registersIn(mask: number): number[] {
  const registers: number[] = [];
  for (let register = 1; register < 32; register++) {
    if (((mask >>> register) & 1) === 1) registers.push(register);
  }
  return registers;
}

/** Pushes what the hart's block has for a register. */
export function pushRegister(code: Code, number: number, { hart, xlen }: Place): void {
  code.i32(0);
  code.access(xlen === 32 ? Op.i32Load : Op.i64Load, placeOf(number, hart, xlen));
}

/** Linear address of a register in the hart's block. */
const placeOf = (register: number, hart: number, xlen: 32 | 64): number =>
  hart + X_REGISTERS + register * (xlen / 8);

/** Where the accesses by a register are, which are known to be inside of RAM. */
export interface CheckedGroup extends AccessGroup {
  /**
   * Address that they count from: of physical addresses the register's own or, where `lowest` is negative, that of the
   * lowest byte; of virtual ones the linear address of the lowest byte. Undefined where a block before has checked: it
   * follows from the register.
   */
  readonly origin: Local | undefined;
}

/** The page of virtual addresses that a register's accesses of one kind were found in last. */
export interface RememberedPage {
  /** Its address, or NO_PAGE. */
  readonly page: Local;
  /** i32: what to add to an address there to get the linear one. */
  readonly displacement: Local;
}

/** No page has this address, and no address in a page is this but for its alignment. */
export const NO_PAGE = PAGE_SIZE / 2;

/** Where a function stores dirty registers and returns. */
interface Exit {
  readonly dirty: number;
  readonly floats: number;
  readonly label: Label;
}

/** What the writer of one translated function knows: its locals, and the blocks that it leaves through. */
export class FunctionFrame {
  readonly xType: WasmType;
  readonly uniform: boolean;
  readonly depth: Local;
  readonly cycles: Local;
  readonly instructions: Local | undefined;
  readonly next: Local;
  /** What the way from the last look at the counters has cost, and was not subtracted yet. */
  pending: Cost = NOTHING;
  /** Registers whose value the hart's block does not have. */
  dirty = 0;
  /** Linear address of the TLB's bank for data, in functions that access virtual addresses. */
  bank: Local | undefined;
  /** f registers, in functions that have any. */
  floats: FloatRegisters | undefined;

  /** Registers whose accesses in this block are checked: by a local with an address. */
  readonly checked = new Map<number, CheckedGroup>();
  readonly #registers = new Map<number, Local>();
  readonly #groups = new Map<number, Local>();
  readonly #pages = new Map<string, RememberedPage>();
  readonly #exits = new Map<string, Exit>();
  readonly #free: Record<AnyType, AnyLocal[]> = { [I32]: [], [I64]: [], [F32]: [], [F64]: [] };
  readonly #used: AnyLocal[] = [];

  constructor(
    readonly place: Place,
    readonly code: Code,
    readonly helpers: { readonly mulhu: number },
    readonly floatFunctions: FloatFunctions,
    /** Registers that the function has as parameters: a mask. */
    readonly parameters = 0,
  ) {
    this.xType = place.xlen === 32 ? I32 : I64;
    this.uniform = isUniform(place);
    this.depth = code.parameters[0]!;
    this.cycles = code.parameters[1]!;
    this.instructions = this.uniform ? undefined : code.parameters[2];
    const first = this.uniform ? 2 : 3;
    registersIn(parameters).forEach((number, at) => {
      this.#registers.set(number, code.parameters[first + at]!);
    });
    this.next = code.local(this.xType);
  }

  /** The local of a register. */
  register(number: number): Local {
    let local = this.#registers.get(number);
    if (local === undefined) this.#registers.set(number, (local = this.code.local(this.xType)));
    return local;
  }

  /** The local that a group of accesses by a register has for its offset. */
  groupOf(register: number): Local {
    let local = this.#groups.get(register);
    const type = this.place.addresses === 'virtual' ? I32 : this.xType;
    if (local === undefined) this.#groups.set(register, (local = this.code.local(type)));
    return local;
  }

  /** Where the accesses by a register were last: good until the function ends, since the TLB stays as it is so long. */
  pageOf(register: number, use: DataUse): RememberedPage {
    const key = `${register} ${use}`;
    let known = this.#pages.get(key);
    if (known === undefined) {
      const page = this.code.localFrom(this.xType, NO_PAGE);
      this.#pages.set(key, (known = { page, displacement: this.code.local(I32) }));
    }
    return known;
  }

  load(registers: number): void {
    for (const number of registersIn(registers)) {
      pushRegister(this.code, number, this.place);
      this.code.set(this.register(number));
    }
  }

  /** Finds the TLB's bank, if anything in these blocks needs it: it stays the same as long as translated code runs. */
  loadBank(blocks: readonly Block[]): void {
    const accesses = ({ instruction: { facts } }: GuestInstruction): boolean => facts.loads || facts.stores;
    if (!blocks.some(({ instructions }) => instructions.some(accesses))) return;
    this.bank = this.code.local(I32);
    this.code.i32(0);
    this.code.access(Op.i32Load, this.place.hart + DATA_BANK);
    this.code.set(this.bank);
  }

  store(registers: number): void {
    const { code, xType, place } = this;
    for (const number of registersIn(registers)) {
      code.i32(0);
      code.get(this.register(number));
      code.access(xType === I32 ? Op.i32Store : Op.i64Store, placeOf(number, place.hart, place.xlen));
    }
  }

  /** A local for one instruction's use. */
  scratch<Type extends AnyType>(type: Type): Local<Type> {
    const local = (this.#free[type].pop() as Local<Type> | undefined) ?? this.code.local(type);
    this.#used.push(local);
    return local;
  }

  releaseScratch(): void {
    while (this.#used.length > 0) {
      const local = this.#used.pop()!;
      this.#free[local.type].push(local);
    }
  }

  /** Subtracts what is pending, plus this much. */
  pay(more: Cost = NOTHING): void {
    const subtract = (local: Local, amount: number): void => {
      if (amount === 0) return;
      this.code.get(local);
      this.code.i32(amount);
      this.code.arithmetic(I32, 'sub');
      this.code.set(local);
    };
    subtract(this.cycles, this.pending.cycles + more.cycles);
    if (this.instructions !== undefined) {
      subtract(this.instructions, this.pending.instructions + more.instructions);
    }
  }

  /** Subtracts one of two costs, by a condition that is 1 or 0. */
  payIf(condition: Local, one: Cost, other: Cost): void {
    const { code, pending } = this;
    const subtract = (local: Local, difference: number): void => {
      if (difference === 0) return;
      code.get(local);
      code.get(condition);
      code.i32(difference);
      code.arithmetic(I32, 'mul');
      code.arithmetic(I32, 'sub');
      code.set(local);
    };
    subtract(this.cycles, one.cycles - other.cycles);
    if (this.instructions !== undefined) subtract(this.instructions, one.instructions - other.instructions);
    this.pending = plus(pending, other);
  }

  /** Leaves for a guest address: `interpret` if the interpreter must go on there, else whoever has code for it. */
  leaveFor(address: number, how: 'interpret' | 'dispatch', more: Cost = NOTHING): void {
    this.pay(more);
    this.code.constant(this.xType, how === 'interpret' ? address + 1 : address);
    this.code.set(this.next);
    this.leave();
  }

  /** Leaves for where `next` says, with the counters as they are. */
  leave(): void {
    this.code.br(this.exit(this.dirty));
  }

  /** The block that stores these registers, and f registers that are dirty now, and returns. */
  exit(dirty: number): Label {
    const floats = this.floats?.dirty ?? 0;
    const key = `${dirty} ${floats}`;
    let exit = this.#exits.get(key);
    if (exit === undefined) {
      exit = { dirty, floats, label: this.code.surrounding(this.#exits.size) };
      this.#exits.set(key, exit);
    }
    return exit.label;
  }

  /** Takes the condition from the stack: if it holds, the instruction at an address is the interpreter's. */
  interpretIf(address: number): void {
    this.code.if();
    this.leaveFor(address, 'interpret');
    this.code.end();
  }

  /** Writes the ends of the function, when its body is complete. */
  finish(): void {
    const { code } = this;
    code.op(Op.unreachable);
    code.surround(this.#exits.size);
    for (const { dirty, floats } of this.#exits.values()) {
      code.end();
      this.store(dirty);
      this.floats?.store(floats);
      this.pushResults();
      code.op(Op.return);
    }
    code.op(Op.unreachable);
  }

  pushResults(): void {
    this.code.get(this.next);
    this.pushCounters();
  }

  pushCounters(): void {
    this.code.get(this.cycles);
    if (this.instructions !== undefined) this.code.get(this.instructions);
  }

  /** Takes a function's results from the stack. */
  popResults(): void {
    if (this.instructions !== undefined) this.code.set(this.instructions);
    this.code.set(this.cycles);
    this.code.set(this.next);
  }
}
