/**
 * f registers of a translated function: numbers in locals, with the same data flow as x registers. One that holds
 * nothing but boxed single-precision numbers in all of the function is a local of that type, any other a double: its
 * bits are what the register holds, whatever it means.
 */
import { F_REGISTERS } from '../../hart/layout';
import type { Instruction } from '../../isa/instruction-set';
import { operandsOf, type FloatLeaf, type Step, type Value } from '../../isa/semantics';
import type { AnyLocal, Local } from '../wasm/code';
import { F32, F64, I32, I64, Op, type WasmFloat } from '../wasm/opcodes';
import type { FlowBlock } from './control-flow';
import type { FunctionFrame } from './function-frame';
import type { Block, GuestInstruction } from './region';
import { FLOAT_REGISTERS, type RegisterFlow } from './registers';

/** The high half of a boxed single. */
const BOX = -1;

/** Operands that are more than a single in a box: all of their bits count. */
interface WideOperands {
  readonly fs1: boolean;
  readonly fs2: boolean;
  readonly fs3: boolean;
  readonly fd: boolean;
}

const wideOperands = new Map<Instruction, WideOperands>();

function wideOperandsOf(instruction: Instruction): WideOperands {
  let wide = wideOperands.get(instruction);
  if (wide !== undefined) return wide;
  const found = { fs1: false, fs2: false, fs3: false, fd: false };
  const visit = (node: Value | Step): void => {
    for (const operand of operandsOf(node)) {
      const isLow = node.op === 'unbox' || node.op === 'low';
      if (isFloatLeaf(operand) && !isLow) found[operand.op] = true;
      visit(operand);
    }
  };
  for (const step of instruction.semantics) {
    visit(step);
    if (step.op === 'fd' && step.value.op !== 'box') found.fd = true;
  }
  wideOperands.set(instruction, (wide = found));
  return wide;
}

export const isFloatLeaf = (value: Value): value is Extract<Value, { readonly op: FloatLeaf }> =>
  value.op === 'fs1' || value.op === 'fs2' || value.op === 'fs3';

/** Whether there is floating point at all. */
export const hasFloat = (blocks: readonly Block[]): boolean =>
  blocks.some(({ instructions }) => instructions.some(({ instruction }) => instruction.facts.needsFloat));

/** Registers that are singles in all of some blocks. */
export function singlesOf(blocks: readonly Block[]): number {
  let wide = 0;
  for (const { instructions } of blocks) {
    for (const { instruction, rd, rs1, rs2, rs3 } of instructions) {
      if (!instruction.facts.needsFloat) continue;
      const { fs1, fs2, fs3, fd } = wideOperandsOf(instruction);
      if (fs1) wide |= 1 << rs1;
      if (fs2) wide |= 1 << rs2;
      if (fs3) wide |= 1 << rs3;
      if (fd) wide |= 1 << rd;
    }
  }
  return ~wide;
}

export class FloatRegisters {
  /** Registers whose value the hart's block does not have. */
  dirty = 0;
  readonly #locals = new Map<number, Local<WasmFloat>>();

  constructor(
    readonly frame: FunctionFrame,
    readonly flow: RegisterFlow,
    readonly singles: number,
  ) {}

  /** The local of a register. */
  register(number: number): Local<WasmFloat> {
    let local = this.#locals.get(number);
    if (local === undefined) {
      local = this.frame.code.local<WasmFloat>(((this.singles >>> number) & 1) === 1 ? F32 : F64);
      this.#locals.set(number, local);
    }
    return local;
  }

  /** Loads what is needed where the function begins. */
  enter(): void {
    this.#load(this.flow.needed[0]!, this.flow.flow.entry);
  }

  beginBlock(index: number): void {
    this.dirty = this.flow.dirty[index]!;
  }

  afterInstruction(guest: GuestInstruction): void {
    this.dirty |= FLOAT_REGISTERS.writtenBy(guest);
  }

  /** Stores what a call at the end of a block may look at. */
  beforeCall(block: FlowBlock): void {
    const { mentions } = this.flow.summary(block);
    this.store(this.dirty & mentions);
    this.dirty &= ~mentions;
  }

  /** Loads what the call may have changed, for the block that it returns to. */
  afterCall(block: FlowBlock, to: number, returnsTo: number): void {
    this.#load(this.flow.summary(block).modifies & this.flow.needed[to]!, returnsTo);
  }

  store(registers: number): void {
    const { code } = this.frame;
    for (const number of numbersIn(registers)) {
      const local = this.register(number);
      code.i32(0);
      code.get(local);
      if (local.type === F64) {
        code.access(Op.f64Store, this.#inBlock(number));
        continue;
      }
      code.op(Op.i32ReinterpretF32);
      code.access(Op.i32Store, this.#inBlock(number));
      code.i32(0);
      code.i32(BOX);
      code.access(Op.i32Store, this.#inBlock(number) + 4);
    }
  }

  /** Leaves for an address where a register that should be a single is none. */
  #load(registers: number, address: number): void {
    const { code } = this.frame;
    for (const number of numbersIn(registers)) {
      const local = this.register(number);
      if (local.type === F64) {
        code.i32(0);
        code.access(Op.f64Load, this.#inBlock(number));
        code.set(local);
        continue;
      }
      code.i32(0);
      code.access(Op.i32Load, this.#inBlock(number) + 4);
      code.i32(BOX);
      code.compare(I32, 'ne');
      this.frame.interpretIf(address);
      code.i32(0);
      code.access(Op.i32Load, this.#inBlock(number));
      code.op(Op.f32ReinterpretI32);
      code.set(local);
    }
  }

  #inBlock(number: number): number {
    return this.frame.place.hart + F_REGISTERS + number * 8;
  }
}

/** Leaves a register's 64 bits on the stack. */
export function pushBits({ code }: FunctionFrame, local: AnyLocal): void {
  code.get(local);
  if (local.type === F64) {
    code.op(Op.i64ReinterpretF64);
    return;
  }
  code.op(Op.i32ReinterpretF32);
  code.op(Op.i64ExtendI32U);
  code.constant(I64, 2 ** 32 * BOX);
  code.arithmetic(I64, 'or');
}

function* numbersIn(mask: number): Iterable<number> {
  for (let number = 0; number < 32; number++) if (((mask >>> number) & 1) === 1) yield number;
}
