/** Calls of other functions: of the same module directly, of all others through the table of entries. */
import type { Local } from '../wasm/code';
import { I32, Op } from '../wasm/opcodes';
import type { FlowBlock } from './control-flow';
import { pushFunction, pushHasNone } from './entry-slot';
import { type FunctionFrame, registersIn } from './function-frame';
import type { RegisterFlow } from './registers';

/** Other functions, as far as a function's code depends on them. */
export interface Neighbours {
  /** The module's function that an entry has, if it has one. */
  functionOf(entry: number): number | undefined;
  /** The registers that its function takes as parameters: a mask. */
  parametersOf(entry: number): number;
  /**
   * How functions of other modules are called: through the table, by the module's number for their type; or by a function
   * of the dispatcher, which alone has the table then. Each module that has a table makes every change of it slower.
   */
  readonly others: { readonly type: number } | { readonly call: number };
}

export class Calls {
  constructor(
    readonly frame: FunctionFrame,
    readonly registers: RegisterFlow,
    readonly neighbours: Neighbours,
    /** What a call from this function takes of the depth. */
    readonly stackUse: number,
  ) {}

  /** Calls a function; its results are in `next` and the counters then. */
  call(block: FlowBlock, to: number): void {
    const { frame } = this;
    const { code } = frame;
    const { mentions } = this.registers.summary(block);
    const index = this.neighbours.functionOf(to);
    const parameters = this.neighbours.parametersOf(to);
    frame.store(frame.dirty & mentions & ~parameters);
    frame.dirty &= ~mentions;
    frame.floats?.beforeCall(block);
    if (index === undefined) {
      const target = frame.scratch(frame.xType);
      code.constant(frame.xType, to);
      code.set(target);
      this.throughTable(target, to);
      frame.releaseScratch();
      return;
    }
    this.#pushArguments(parameters);
    code.call(index);
    frame.popResults();
  }

  #pushArguments(parameters = 0): void {
    const { code, depth } = this.frame;
    code.get(depth);
    code.i32(this.stackUse);
    code.arithmetic(I32, 'sub');
    this.frame.pushCounters();
    for (const number of registersIn(parameters)) code.get(this.frame.register(number));
  }

  /** Calls whatever function the table of entries has for an address; leaves where it has none. */
  throughTable(target: Local, known?: number): void {
    const { frame } = this;
    const { code, place } = frame;
    const { others } = this.neighbours;
    if ('call' in others) {
      this.#pushArguments();
      code.get(target);
      code.call(others.call);
      frame.popResults();
      return;
    }
    const slot = frame.scratch(I32);
    const table = { addresses: place.addresses, at: place.entries };
    pushHasNone(code, table, target, slot, known);
    code.if();
    code.get(target);
    code.set(frame.next);
    frame.leave();
    code.end();
    this.#pushArguments();
    pushFunction(code, table, slot);
    code.callIndirect(others.type);
    frame.popResults();
    frame.releaseScratch();
  }

  /** Calls a function that returns to this one's caller: who left for it instead would end all that called this one. */
  tail(block: FlowBlock, to: number): void {
    const { frame } = this;
    const { code } = frame;
    const index = this.neighbours.functionOf(to);
    frame.pay();
    if (index === undefined) {
      this.call(block, to);
      return frame.leave();
    }
    const parameters = this.neighbours.parametersOf(to);
    frame.store(frame.dirty & ~parameters);
    frame.floats?.store(frame.floats.dirty);
    this.#pushArguments(parameters);
    code.call(index);
    code.op(Op.return);
  }
}
