/**
 * Lowering: one region to one WebAssembly function. Structure follows the dominator tree: a block's code holds that of
 * the blocks it dominates, loops are `loop`s, and where ways meet a `block` ends.
 */
import { type AccessGroup, accessGroups, MOST_APART } from './access-groups';
import type { Label } from '../wasm/code';
import { I32, Op } from '../wasm/opcodes';
import { type Budget, NOTHING, plus } from './budget';
import { Calls, type Neighbours } from './calls';
import type { Edge, Flow, FlowBlock } from './control-flow';
import { type KnownControl, NOTHING_KNOWN, requireControl } from './float-control';
import type { CheckedGroup, FunctionFrame } from './function-frame';
import { InstructionValues } from './instruction-values';
import { keptRegisters } from './kept-registers';
import { PhysicalAccesses } from './physical-accesses';
import { QuickSystem } from './quick-system';
import { type GuestInstruction, takesStack } from './region';
import { type RegisterFlow, writtenBy } from './registers';
import { costsOf, type Skip, skipOf, writeSkipped } from './skipped';
import { MOST_APART_IN_PAGE, VirtualAccesses } from './virtual-accesses';
import type { Local } from '../wasm/code';

export class Lowering {
  readonly #loops = new Map<number, Label>();
  readonly #merges = new Map<number, Label>();
  /** Groups of accesses in the present block. */
  #groups: ReadonlyMap<GuestInstruction, AccessGroup> = new Map();
  readonly #calls: Calls;
  readonly #kept: Int32Array;
  /** By block: what is checked where it ends. Physical addresses only: the TLB's entry of a page may be another later. */
  readonly #checkedAtEnd = new Map<number, ReadonlyMap<number, CheckedGroup>>();
  /** By block: what is known of the floating-point control word where it begins; and what is known now. */
  readonly #knownControls = new Map<number, KnownControl>();
  #knownControl = NOTHING_KNOWN;

  constructor(
    readonly frame: FunctionFrame,
    readonly flow: Flow,
    readonly budget: Budget,
    readonly registers: RegisterFlow,
    neighbours: Neighbours,
    stackUse: number,
  ) {
    this.#kept = keptRegisters(flow);
    this.#calls = new Calls(frame, registers, neighbours, stackUse);
  }

  write(): void {
    const { frame, flow } = this;
    const { code } = frame;
    frame.dirty = frame.parameters;
    if (flow.blocks.some(({ ending }) => takesStack(ending))) {
      code.get(frame.depth);
      code.i32(0);
      code.compare(I32, 'ltS');
      code.if();
      frame.leaveFor(flow.entry, 'dispatch');
      code.end();
    }
    frame.load(this.registers.needed[0]! & ~frame.parameters);
    if (frame.place.addresses === 'virtual') frame.loadBank(flow.blocks);
    frame.floats?.enter();
    this.#tree(flow.blocks[0]!);
    frame.finish();
  }

  /** A block and all it dominates. */
  #tree(block: FlowBlock): void {
    const { code } = this.frame;
    const merges = block.dominates.filter((index) => this.flow.blocks[index]!.isMerge);
    if (block.isLoopHeader) this.#loops.set(block.index, code.loop());
    this.#within(block, merges, 0);
    if (block.isLoopHeader) code.end();
  }

  /** The code of a block, inside of blocks at whose ends those follow in which ways meet. */
  #within(block: FlowBlock, merges: readonly number[], at: number): void {
    const merge = merges[at];
    if (merge === undefined) {
      this.#block(block);
      return;
    }
    const { code, frame } = { code: this.frame.code, frame: this.frame };
    this.#merges.set(merge, code.block());
    this.#within(block, merges, at + 1);
    code.end();
    frame.pending = NOTHING;
    this.#tree(this.flow.blocks[merge]!);
  }

  #block(block: FlowBlock): void {
    const { frame, registers, budget } = this;
    frame.dirty = registers.dirty[block.index]!;
    frame.floats?.beginBlock(block.index);
    this.#knownControl = this.#knownControls.get(block.index) ?? NOTHING_KNOWN;
    this.#recallChecks(block);
    const isVirtual = frame.place.addresses === 'virtual';
    this.#groups = accessGroups(block.instructions, isVirtual ? MOST_APART_IN_PAGE : MOST_APART);
    if (block.isLoopHeader) frame.pending = NOTHING;
    if (budget.isSite[block.index]!) this.#site(block);
    const last = block.instructions[block.instructions.length - 1];
    for (const instruction of block.instructions) {
      if (instruction === last && block.ending.is !== 'next' && block.ending.is !== 'interpret') break;
      this.#instruction(instruction);
      frame.pending = plus(frame.pending, budget.of(instruction));
    }
    for (const index of block.dominates) this.#knownControls.set(index, this.#knownControl);
    if (!isVirtual) this.#checkedAtEnd.set(block.index, new Map(frame.checked));
    this.#ending(block, last);
  }

  /** What the block that dominates this one has checked of registers that keep their values until here. */
  #recallChecks({ index, dominator }: FlowBlock): void {
    const { checked } = this.frame;
    checked.clear();
    for (const [register, group] of this.#checkedAtEnd.get(dominator) ?? []) {
      if (((this.#kept[index]! >>> register) & 1) === 1)
        checked.set(register, { ...group, origin: undefined });
    }
  }

  #site({ start, index }: FlowBlock): void {
    const { code, cycles, instructions } = this.frame;
    const need = this.budget.needs[index]!;
    code.get(cycles);
    code.i32(need.cycles);
    code.compare(I32, 'ltS');
    if (instructions !== undefined) {
      code.get(instructions);
      code.i32(need.instructions);
      code.compare(I32, 'ltS');
      code.arithmetic(I32, 'or');
    }
    this.frame.interpretIf(start);
  }

  #instruction(guest: GuestInstruction): void {
    const { frame } = this;
    if (guest.instruction.facts.needsFloat) {
      this.#knownControl = requireControl(frame, guest, this.#knownControl);
    }
    const values = new InstructionValues(frame, guest);
    const accesses =
      frame.place.addresses === 'virtual'
        ? new VirtualAccesses(frame, values, guest)
        : new PhysicalAccesses(frame, values, guest);
    const group = this.#groups.get(guest);
    if (group !== undefined) accesses.check(group);
    for (const step of guest.instruction.semantics) {
      switch (step.op) {
        case 'rd':
          // What is written to x0 may have raised a flag.
          if (guest.rd === 0 && guest.instruction.facts.floatOperation === undefined) break;
          values.push(step.value);
          if (guest.rd === 0) frame.code.op(Op.drop);
          else frame.code.set(frame.register(guest.rd));
          break;
        case 'branch':
          if (step.condition !== undefined) values.push(step.condition);
          break;
        case 'jump':
        case 'fence':
          break;
        case 'system':
          new QuickSystem(frame, guest).write();
          break;
        case 'fd':
          values.numbers!.set(step.value);
          break;
        default:
          accesses.write(step);
      }
    }
    const written = writtenBy(guest);
    frame.dirty |= written;
    frame.floats?.afterInstruction(guest);
    if (written !== 0) frame.checked.delete(guest.rd);
    frame.releaseScratch();
  }

  #ending(block: FlowBlock, last: GuestInstruction | undefined): void {
    const { frame, budget } = this;
    const { ending, edges } = block;
    switch (ending.is) {
      case 'interpret':
        return frame.leaveFor(ending.at, 'interpret');
      case 'next':
        return this.#edge(edges[0]!);
      case 'jump':
        this.#retire(last!);
        return this.#edge(edges[0]!);
      case 'inlined-call':
        this.#retire(last!);
        return this.#edge(edges[0]!);
      case 'inlined-return':
        return this.#inlinedReturn(last!, edges[0]!);
      case 'branch':
        return this.#branch(block, last!);
      case 'tail-call':
        this.#retire(last!);
        return this.#calls.tail(block, ending.to);
      case 'call':
        this.#instruction(last!);
        frame.pay(budget.of(last!));
        frame.pending = NOTHING;
        this.#calls.call(block, ending.to);
        return this.#return(block, edges[0]!, ending.returnsTo);
      case 'jump-table':
        return this.#jumpTable(block, last!);
      case 'jump-register':
      case 'tail-call-register':
      case 'call-register': {
        const target = this.#target(last!);
        this.#instruction(last!);
        frame.pay(budget.of(last!));
        frame.pending = NOTHING;
        if (ending.is === 'jump-register') {
          frame.code.get(target);
          frame.code.set(frame.next);
          return frame.leave();
        }
        frame.store(frame.dirty);
        frame.dirty = 0;
        frame.floats?.beforeCall(block);
        this.#calls.throughTable(target);
        if (ending.is === 'tail-call-register') return frame.leave();
        return this.#return(block, edges[0]!, ending.returnsTo);
      }
    }
  }

  #retire(instruction: GuestInstruction): void {
    this.#instruction(instruction);
    this.frame.pending = plus(this.frame.pending, this.budget.of(instruction));
  }

  /** Where a jump by register goes, known before the return address is written. */
  #target(guest: GuestInstruction): Local {
    const { frame } = this;
    const values = new InstructionValues(frame, guest);
    const jump = guest.instruction.semantics.find((step) => step.op === 'jump')!;
    values.push(jump.target);
    const target = frame.code.local(frame.xType);
    frame.code.set(target);
    frame.releaseScratch();
    return target;
  }

  #branch(block: FlowBlock, last: GuestInstruction): void {
    const skip = skipOf(block, this.flow, this.budget.isSite);
    if (skip !== undefined) return this.#skip(last, skip);
    const { frame } = this;
    const { code } = frame;
    const [taken, notTaken] = block.edges as [Edge, Edge];
    const before = frame.pending;
    const [{ costs }] = [this.budget];
    const takenCost = plus(before, { cycles: costs.branchTaken, instructions: 1 });
    const notTakenCost = plus(before, { cycles: costs.branchNotTaken, instructions: 1 });
    const label = this.#labelOf(taken);
    if (label !== undefined) {
      frame.pending = takenCost;
      frame.pay();
      this.#instruction(last);
      code.brIf(label);
      frame.pending = { cycles: notTakenCost.cycles - takenCost.cycles, instructions: 0 };
      this.#edge(notTaken);
      return;
    }
    this.#instruction(last);
    const { dirty } = frame;
    const dirtyFloats = frame.floats?.dirty;
    code.if();
    frame.pending = takenCost;
    this.#edge(taken);
    code.end();
    frame.pending = notTakenCost;
    frame.dirty = dirty;
    if (frame.floats !== undefined) frame.floats.dirty = dirtyFloats!;
    this.#edge(notTaken);
  }

  #skip(last: GuestInstruction, skip: Skip): void {
    const { frame } = this;
    const isTaken = frame.code.local(I32);
    this.#instruction(last);
    frame.code.set(isTaken);
    writeSkipped(frame, skip, isTaken, () => {
      for (const instruction of skip.block.instructions) this.#instruction(instruction);
    });
    frame.payIf(isTaken, ...costsOf(skip, this.budget));
    this.#edge(skip.edge);
  }

  /** Where an edge goes by a branch of WebAssembly. */
  #labelOf({ to, isBack, isCut }: Edge): Label | undefined {
    if (to < 0 || isCut) return undefined;
    if (isBack) return this.#loops.get(to)!;
    return this.flow.blocks[to]!.isMerge ? this.#merges.get(to)! : undefined;
  }

  #edge(edge: Edge): void {
    const { frame } = this;
    const { to, isCut, address } = edge;
    if (to < 0 || isCut) return frame.leaveFor(address, 'dispatch');
    const label = this.#labelOf(edge);
    if (label !== undefined) {
      frame.pay();
      frame.code.br(label);
      return;
    }
    const target = this.flow.blocks[to]!;
    if (this.budget.isSite[to]!) {
      frame.pay();
      frame.pending = NOTHING;
    }
    this.#tree(target);
  }

  /** After a call: goes on if it came back to where it was expected, and unwinds otherwise. */
  #return(block: FlowBlock, edge: Edge, returnsTo: number): void {
    const { frame } = this;
    const { code, xType } = frame;
    code.get(frame.next);
    code.constant(xType, returnsTo);
    code.compare(xType, 'ne');
    code.brIf(frame.exit(frame.dirty));
    frame.pending = NOTHING;
    if (edge.to < 0 || edge.isCut) return frame.leaveFor(returnsTo, 'dispatch');
    frame.load(this.registers.summary(block).modifies & this.registers.needed[edge.to]!);
    frame.floats?.afterCall(block, edge.to, returnsTo);
    this.#edge(edge);
  }

  /** The end of a function that stands in for its call: goes on behind that, if this is where it returns to. */
  #inlinedReturn(last: GuestInstruction, edge: Edge): void {
    const { frame } = this;
    const { code, xType } = frame;
    const target = this.#target(last);
    this.#retire(last);
    code.get(target);
    code.constant(xType, edge.address);
    code.compare(xType, 'ne');
    code.if();
    frame.pay();
    code.get(target);
    code.set(frame.next);
    frame.leave();
    code.end();
    this.#edge(edge);
  }

  /** Finds out by comparisons where a jump by table goes, and leaves where that is none of what was expected. */
  #jumpTable(block: FlowBlock, last: GuestInstruction): void {
    const { frame } = this;
    const { code, xType } = frame;
    const target = this.#target(last);
    frame.pay(this.budget.of(last));
    frame.pending = NOTHING;
    const known = block.edges.filter(({ to, isCut }) => to >= 0 && !isCut);
    known.sort((a, b) => a.address - b.address);
    const find = (from: number, to: number): void => {
      if (to - from <= 2) {
        for (const edge of known.slice(from, to)) {
          code.get(target);
          code.constant(xType, edge.address);
          code.compare(xType, 'eq');
          code.brIf(this.#labelOf(edge)!);
        }
        return;
      }
      const middle = (from + to) >>> 1;
      code.get(target);
      code.constant(xType, known[middle]!.address);
      code.compare(xType, 'ltU');
      code.if();
      find(from, middle);
      code.else();
      find(middle, to);
      code.end();
    };
    find(0, known.length);
    code.get(target);
    code.set(frame.next);
    frame.leave();
  }
}
