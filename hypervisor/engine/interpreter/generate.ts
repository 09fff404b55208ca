import type { CostModel } from '../../../platform/costs';
import {
  CYCLES_LEFT,
  DATA_BANK,
  FETCH_BANK,
  FETCH_BASE,
  FETCH_RECORDS,
  FETCH_SIZE,
  INSTRUCTIONS_LEFT,
  PAGE_FLAGS,
  PC,
  RAM_BASE,
  RAM_LINEAR,
  RAM_SIZE,
  TRAP_CAUSE,
  TRAP_VALUE,
} from '../../hart/layout';
import { PAGE_SHIFT } from '../../memory/page-flags';
import { MARKED, RECORD_SHIFT } from '../../memory/records';
import { Stop } from '../step-contract';
import type { Code, Label, Local } from '../wasm/code';
import { ModuleBuilder } from '../wasm/module';
import { I32, I64, Op, type WasmType } from '../wasm/opcodes';
import { ATTENTION_SHIFT } from './accesses';
import { importEnter, writeRun } from './enter-translated';
import { addFloatInstructions, type FloatInstructions } from './float-instructions';
import { Frame } from './frame';
import { addTo, costsAreUniform, emitHandler } from './handler';
import { addHelpers, type Rests } from './helpers';
import { operationsOf, Special, type Variant } from './operations';
import { stayInPage, turnPage } from './turn-page';
import { RecordField } from './record-values';

export interface InterpreterOptions {
  readonly xlen: 32 | 64;
  readonly costs: CostModel['instructions'];
  /** Whether addresses are looked up in the TLB, instead of taken for physical ones. */
  readonly translated: boolean;
}

/** A run is given at most so many cycles at a time, so that attention (2^30 fewer) is told from a spent budget. */
export const MOST_CYCLES = 2 ** ATTENTION_SHIFT - 1;
const ATTENTION = 2 ** (ATTENTION_SHIFT + 1);

/**
 * Generates the interpreter: exports `run(hart, limit, passes) -> Stop` (for `limit` cycles, at most MOST_CYCLES), one loop
 * over decoded records around one `br_table`, each operation's code from its instruction's semantics. It stops at
 * markers, unless it `passes` them (1). Guarded by bench/machines/speed.ts.
 */
export function generateInterpreter(options: InterpreterOptions): Uint8Array {
  const builder = new ModuleBuilder();
  const rests: Rests = { cycles: builder.global(), instructions: builder.global() };
  const enter = options.translated ? importEnter(builder) : undefined;
  const helpers = addHelpers(builder, rests, costsAreUniform(options.costs), options.translated);
  const outlined = addFloatInstructions(builder, options.xlen, helpers);
  const signature = { parameters: [I32, I32, I32], results: [I32] } as const;
  const run = enter === undefined ? undefined : builder.function(signature, 'run');
  const { code, index } = builder.function(signature, run ? undefined : 'run', 'loop');
  new Loop(new Frame(options.xlen, code, helpers, options.translated), options, rests, outlined).emit();
  if (run) writeRun(run.code, index, enter!);
  return builder.encode();
}

class Loop {
  readonly #code: Code;
  readonly #uniform: boolean;
  #budget!: Label;

  constructor(
    readonly frame: Frame,
    readonly options: InterpreterOptions,
    readonly rests: Rests,
    readonly outlined: FloatInstructions,
  ) {
    this.#code = frame.code;
    this.#uniform = costsAreUniform(options.costs);
  }

  emit(): void {
    const { frame } = this;
    const { code, stop, translated } = frame;
    this.#takeBudget();
    this.#mirrorWindows();
    if (!translated) this.#findRecord();
    const outside = code.block();
    const leave = code.block();
    const trap = code.block();
    this.#budget = code.block();
    const turn = translated ? code.loop() : undefined;
    if (turn !== undefined) turnPage(frame, operationsOf(this.options.xlen), outside);
    const next = code.loop();
    frame.labels = { next, trap, leave, elsewhere: turn ?? outside };
    if (turn !== undefined) stayInPage(frame, turn);
    this.#beginInstruction();
    this.#dispatch();
    code.end();
    code.op(Op.unreachable);
    if (turn !== undefined) {
      code.end();
      code.op(Op.unreachable);
    }
    code.end();
    this.#setStop(Stop.budget);
    code.br(leave);
    code.end();
    this.#setStop(Stop.trap);
    code.end();
    this.#leaveAtRecord();
    code.get(stop);
    code.op(Op.return);
    code.end();
    this.#leaveOutside();
    code.get(stop);
  }

  /** Takes cycles and instructions to spend from the hart's block; with uniform costs one counter is both. */
  #takeBudget(): void {
    const code = this.#code;
    const { cycles, instructions, stop } = this.frame;
    this.#field(INSTRUCTIONS_LEFT, I32);
    code.set(instructions);
    this.#field(CYCLES_LEFT, I32);
    code.set(cycles);
    this.#atMost(cycles, () => code.get(code.parameters[1]!));
    if (this.#uniform) this.#atMost(cycles, () => code.get(instructions));
    this.#field(CYCLES_LEFT, I32);
    code.get(cycles);
    code.arithmetic(I32, 'sub');
    code.setGlobal(this.rests.cycles);
    if (this.#uniform) {
      code.get(instructions);
      code.get(cycles);
      code.arithmetic(I32, 'sub');
      code.setGlobal(this.rests.instructions);
    }
    code.get(cycles);
    code.i32(0);
    code.compare(I32, 'leS');
    code.if();
    code.i32(Stop.budget);
    code.op(Op.return);
    code.end();
    code.i32(0);
    code.set(stop);
  }

  #atMost(local: Local, pushLimit: () => void): void {
    const code = this.#code;
    code.get(local);
    pushLimit();
    code.get(local);
    pushLimit();
    code.compare(I32, 'ltS');
    code.op(Op.select);
    code.set(local);
  }

  /** Mirrors in locals what does not change during a run. */
  #mirrorWindows(): void {
    const code = this.#code;
    const { frame } = this;
    const { xType } = frame;
    this.#mirror(frame.fetchBase, FETCH_BASE, xType);
    this.#mirror(frame.fetchSize, FETCH_SIZE, I32);
    this.#mirror(frame.fetchRecords, FETCH_RECORDS, I32);
    this.#mirror(frame.ramLinear, RAM_LINEAR, I32);
    this.#field(PAGE_FLAGS, I32);
    code.get(frame.ramLinear);
    code.i32(PAGE_SHIFT);
    code.arithmetic(I32, 'shrU');
    code.arithmetic(I32, 'sub');
    code.set(frame.pageFlags);
    if (frame.translated) {
      this.#mirror(frame.dataBank, DATA_BANK, I32);
      this.#mirror(frame.fetchBank, FETCH_BANK, I32);
      this.#mirror(frame.target, PC, xType);
      return;
    }
    this.#mirror(frame.ramBase, RAM_BASE, xType);
    for (const size of [1, 2, 4, 8] as const) {
      this.#field(RAM_SIZE, I32);
      if (xType === I64) code.op(Op.i64ExtendI32U);
      code.constant(xType, size);
      code.arithmetic(xType, 'sub');
      code.set(frame.lastOffset[size]);
    }
  }

  /** Turns PC into a record; an odd PC or one outside of the window has none. */
  #findRecord(): void {
    const code = this.#code;
    const { frame } = this;
    const { xType, target, record } = frame;
    this.#field(PC, xType);
    code.get(frame.fetchBase);
    code.arithmetic(xType, 'sub');
    code.tee(target);
    code.get(frame.fetchSize);
    code.compare(xType, 'geU');
    code.get(target);
    if (xType === I64) code.op(Op.i32WrapI64);
    code.i32(1);
    code.arithmetic(I32, 'and');
    code.arithmetic(I32, 'or');
    code.if();
    code.i32(Stop.fetch);
    code.op(Op.return);
    code.end();
    code.get(target);
    if (xType === I64) code.op(Op.i32WrapI64);
    code.i32(RECORD_SHIFT);
    code.arithmetic(I32, 'shl');
    code.get(frame.fetchRecords);
    code.arithmetic(I32, 'add');
    code.set(record);
  }

  /** What every instruction begins with: is there budget? */
  #beginInstruction(): void {
    const code = this.#code;
    const { cycles, instructions } = this.frame;
    if (this.#uniform) {
      code.get(cycles);
      code.i32(1);
      code.arithmetic(I32, 'sub');
      code.tee(cycles);
      code.i32(0);
      code.compare(I32, 'ltS');
      code.brIf(this.#budget);
    } else {
      this.#pushIsSpent(cycles, instructions);
      code.brIf(this.#budget);
    }
  }

  #dispatch(): void {
    const code = this.#code;
    const { record, hart, labels } = this.frame;
    const { variants } = operationsOf(this.options.xlen);
    const instructions = variants.map((variant) => () => this.#instruction(variant));
    const handlers: (() => void)[] = [
      // First, so that from here the others can still be gone to.
      () => {
        code.get(code.parameters[2]!);
        code.if();
        this.#pushOperation();
        code.i32(MARKED - 1);
        code.arithmetic(I32, 'and');
        this.#goToHandler(blocks);
        code.end();
        this.#stopWith(Stop.translated);
      },
      ...instructions,
      () => {
        code.get(hart);
        code.i32(2);
        code.access(Op.i32Store, TRAP_CAUSE);
        code.get(hart);
        code.get(record);
        code.access(Op.i64Load32U, RecordField.c);
        code.access(Op.i64Store, TRAP_VALUE);
        code.br(labels.trap);
      },
      () => this.#stopWith(Stop.system),
      () => this.#stopWith(Stop.breakpoint),
      () => this.#stopWith(Stop.undecoded),
    ];
    const blocks = handlers.map(() => code.block()).reverse();
    this.#pushOperation();
    this.#goToHandler(blocks);
    for (const handler of handlers) {
      code.end();
      handler();
    }
  }

  #pushOperation(): void {
    this.#code.get(this.frame.record);
    this.#code.access(Op.i32Load16U, RecordField.operation);
  }

  /** Takes an operation from the stack. @param blocks before the handlers of markers, of instructions, and of what is none */
  #goToHandler(blocks: readonly Label[]): void {
    const [marked, ...others] = blocks;
    const [illegal, system, breakpoint, undecoded] = others.slice(-4);
    const special: Record<number, Label> = {
      [Special.undecoded]: undecoded!,
      [Special.illegal]: illegal!,
      [Special.system]: system!,
      [Special.breakpoint]: breakpoint!,
    };
    this.#code.brTable([0, 1, 2, 3].map((number) => special[number]!).concat(others.slice(0, -4)), marked!);
  }

  #instruction(variant: Variant): void {
    emitHandler(this.frame, variant, this.options.costs, this.outlined);
    this.#code.br(this.frame.labels.next);
  }

  #stopWith(stop: Stop): void {
    this.#setStop(stop);
    this.#code.br(this.frame.labels.leave);
  }

  /** The instruction at the record has not retired. */
  #leaveAtRecord(): void {
    const code = this.#code;
    const { frame } = this;
    const { cycles, stop, xType } = frame;
    code.get(frame.hart);
    code.get(frame.record);
    code.get(frame.fetchRecords);
    code.arithmetic(I32, 'sub');
    code.i32(RECORD_SHIFT);
    code.arithmetic(I32, 'shrU');
    if (xType === I64) code.op(Op.i64ExtendI32U);
    code.get(frame.fetchBase);
    code.arithmetic(xType, 'add');
    if (xType === I32) code.op(Op.i64ExtendI32U);
    code.access(Op.i64Store, PC);
    if (this.#uniform) addTo(frame, cycles, 1);
    this.#ifAttention(() => code.set(stop));
    this.#giveBudgetBack();
  }

  /** Where the host has asked for attention: sets the cycles right, and leaves the stop on the stack for `then`. */
  #ifAttention(then: () => void): void {
    const code = this.#code;
    const { frame } = this;
    code.get(frame.cycles);
    code.i32(-(2 ** ATTENTION_SHIFT));
    code.compare(I32, 'ltS');
    code.if();
    addTo(frame, frame.cycles, ATTENTION);
    code.i32(Stop.attention);
    then();
    code.end();
  }

  /** What led to an address without a record has retired. */
  #leaveOutside(): void {
    const code = this.#code;
    const { hart, target, cycles, instructions, stop, xType, translated } = this.frame;
    code.get(hart);
    code.get(target);
    if (xType === I32) code.op(Op.i64ExtendI32U);
    code.access(Op.i64Store, PC);
    code.i32(Stop.budget);
    code.i32(Stop.fetch);
    this.#pushIsSpent(cycles, instructions);
    code.op(Op.select);
    code.set(stop);
    // Not only jumps leave so, but whatever instruction is the last of its page.
    if (translated) this.#ifAttention(() => code.set(stop));
    this.#giveBudgetBack();
  }

  #pushIsSpent(cycles: Local, instructions: Local): void {
    const code = this.#code;
    const pushIsNotPositive = (local: Local): void => {
      code.get(local);
      code.i32(0);
      code.compare(I32, 'leS');
    };
    pushIsNotPositive(cycles);
    if (this.#uniform) return;
    pushIsNotPositive(instructions);
    code.arithmetic(I32, 'or');
  }

  #giveBudgetBack(): void {
    const code = this.#code;
    const { hart, cycles, instructions } = this.frame;
    const give = (field: number, left: Local, rest: number): void => {
      code.get(hart);
      code.get(left);
      code.getGlobal(rest);
      code.arithmetic(I32, 'add');
      code.access(Op.i32Store, field);
    };
    give(CYCLES_LEFT, cycles, this.rests.cycles);
    give(INSTRUCTIONS_LEFT, this.#uniform ? cycles : instructions, this.rests.instructions);
  }

  #setStop(stop: Stop): void {
    this.#code.i32(stop);
    this.#code.set(this.frame.stop);
  }

  #field(offset: number, type: WasmType): void {
    this.#code.get(this.frame.hart);
    this.#code.access(type === I32 ? Op.i32Load : Op.i64Load, offset);
  }

  #mirror(local: Local, offset: number, type: WasmType): void {
    this.#field(offset, type);
    if (type === I32 && local.type === I64) this.#code.op(Op.i64ExtendI32U);
    this.#code.set(local);
  }
}
