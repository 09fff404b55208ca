import { Op } from '../../../../hypervisor/engine/wasm/opcodes';
import * as Layout from '../../../../hypervisor/hart/layout';
import { DATA_ENTRY, ENTRY_COUNT } from '../../../../hypervisor/memory/translation-banks';
import type { WasmFunction } from './wasm-function';

/** Bytes that each load and store instruction touches. */
const SIZES: Readonly<Record<number, number>> = {
  [Op.i32Load]: 4, [Op.i64Load]: 8, [Op.i32Load8S]: 1, [Op.i32Load8U]: 1, [Op.i32Load16S]: 2, [Op.i32Load16U]: 2,
  [Op.i64Load8S]: 1, [Op.i64Load8U]: 1, [Op.i64Load16S]: 2, [Op.i64Load16U]: 2, [Op.i64Load32S]: 4, [Op.i64Load32U]: 4,
  [Op.i32Store]: 4, [Op.i64Store]: 8, [Op.i32Store8]: 1, [Op.i32Store16]: 2,
  [Op.i64Store8]: 1, [Op.i64Store16]: 2, [Op.i64Store32]: 4,
}; // prettier-ignore

/** A memory access of a function: where it goes, as a formula, and how many bytes it touches. */
export interface MemoryAccess {
  readonly at: number;
  readonly isStore: boolean;
  readonly size: number;
  /** Formulas of the linear addresses that can reach it, without the constant offset. */
  readonly addresses: readonly string[];
  readonly offset: number;
}

/** Entries of the TLB, by the formula of an address in 32 bits. */
const entryOf = (address: string, bank: number, shift: number): string =>
  `add(and(shrU(${address}, ${12 - shift}), ${(ENTRY_COUNT - 1) << shift}), field${bank})`;
const dataEntryOf = (address: string): string => entryOf(address, Layout.DATA_BANK, 5);
export const isEntry = (formula: string): boolean =>
  formula.endsWith(`, field${Layout.DATA_BANK})`) || formula.endsWith(`, field${Layout.FETCH_BANK})`);
/** The check of a data access: is the tag another than that of the page of the last byte? */
const TAG_DIFFERS = new RegExp(
  `^ne\\(load[48]@(0|8)\\(add\\(and\\(shrU\\((.+), 7\\), ${(ENTRY_COUNT - 1) << 5}\\), field${Layout.DATA_BANK}\\)\\), or\\((.+), 4095\\)\\)$`,
);
const isWrapped = (wrapped: string, address: string): boolean =>
  wrapped === address || wrapped === `wrap(${address})`;

/** Values are sets of formulas: more than one where branches meet. */
type Formulas = ReadonlySet<string>;
interface State {
  locals: Formulas[];
  /** Sizes for which an offset is known to fit into RAM. */
  facts: Map<string, number>;
  reachable: boolean;
}
interface Block {
  readonly opcode: number;
  readonly height: number;
  readonly before: State;
  /** The condition of an `if`. */
  readonly condition: Formulas | undefined;
  /** States that branch to its end. */
  readonly leaving: State[];
  hasElse: boolean;
}

const one = (formula: string): Formulas => new Set([formula]);
const copy = ({ locals, facts, reachable }: State): State => ({
  locals: [...locals],
  facts: new Map(facts),
  reachable,
});

/**
 * Follows the formulas of values through a function and lists its accesses to memory. In each operation's code, what
 * locals hold is followed exactly; at the head of the loop nothing is known of those that change.
 */
export function findAccesses({ parameters, locals, body, callees }: WasmFunction): MemoryAccess[] {
  const accesses: MemoryAccess[] = [];
  const stack: Formulas[] = [];
  const blocks: Block[] = [];
  let state: State = {
    locals: Array.from({ length: parameters + locals }, (_, index) =>
      one(index < parameters ? `parameter${index}` : '0'),
    ),
    facts: new Map(),
    reachable: true,
  };
  const push = (formulas: Formulas) => stack.push(formulas);
  const pop = (): Formulas => stack.pop() ?? one('unreachable');
  const combine = (name: string, a: Formulas, b: Formulas): Formulas =>
    new Set([...a].flatMap((left) => [...b].map((right) => simplify(name, left, right))));

  /** An offset into RAM plus RAM's linear address: checked or not, as far as is known here. */
  const simplify = (name: string, a: string, b: string): string => {
    if (name === 'add' && b === `field${Layout.RAM_LINEAR}`) return `guest[${state.facts.get(a) ?? 0}]`;
    // An address plus the displacement of its entry in the TLB: a hit, as far as is known here.
    if (name === 'add' && b === `load4@${DATA_ENTRY.displacement}(${dataEntryOf(a)})`) {
      const write = state.facts.get(`${a} hits to write`);
      const size = write ?? state.facts.get(`${a} hits to read`) ?? 0;
      return `guest[${size}]${write === undefined ? 'r' : ''}`;
    }
    return `${name}(${a}, ${b})`;
  };
  const join = (states: readonly State[]): State => {
    const live = states.filter(({ reachable }) => reachable);
    const [first] = live;
    if (first === undefined) return { ...copy(states[0]!), reachable: false };
    const facts = new Map(
      [...first.facts].filter(([key, size]) => live.every((other) => other.facts.get(key) === size)),
    );
    const merged = first.locals.map(
      (_, index) => new Set(live.flatMap((other) => [...other.locals[index]!])),
    );
    return { locals: merged, facts, reachable: true };
  };
  const branch = (depth: number): void => {
    const target = blocks[blocks.length - 1 - depth];
    if (target !== undefined && target.opcode !== Op.loop) target.leaving.push(copy(state));
  };
  /** `x > lastOffset[size]` did not hold, so x fits. */
  const learn = (condition: Formulas): void => {
    for (const formula of condition) {
      const known = /^gtU\((.*), sub\(field\d+, (\d+)\)\)$/.exec(formula);
      if (known !== null) {
        state.facts.set(known[1]!, Number(known[2]));
        state.facts.set(`wrap(${known[1]!})`, Number(known[2]));
      }
      const looked = TAG_DIFFERS.exec(formula);
      if (looked !== null) {
        const [, tag, wrapped, last] = looked;
        const ends = /^add\((.*), (\d+)\)$/.exec(last!);
        const size = ends !== null && isWrapped(wrapped!, ends[1]!) ? Number(ends[2]) + 1 : 1;
        const isOfAddress = size > 1 || isWrapped(wrapped!, last!);
        const use = Number(tag) === DATA_ENTRY.writeTag ? 'write' : 'read';
        if (isOfAddress) state.facts.set(`${wrapped!} hits to ${use}`, size);
      }
    }
  };
  const writtenInLoop = (from: number): Set<number> => {
    const written = new Set<number>();
    let depth = 0;
    for (let i = from; i < body.length; i++) {
      const { opcode, immediates } = body[i]!;
      if (opcode === Op.block || opcode === Op.loop || opcode === Op.if) depth++;
      if (opcode === Op.end && depth-- === 0) break;
      if (opcode === Op.localSet || opcode === Op.localTee) written.add(immediates[0]!);
    }
    return written;
  };

  body.forEach(({ opcode, immediates }, at) => {
    const [first = 0, second = 0] = immediates;
    const size = SIZES[opcode];
    if (size !== undefined) {
      const isStore = opcode >= Op.i32Store;
      if (isStore) pop();
      const address = pop();
      if (state.reachable) accesses.push({ at, isStore, size, addresses: [...address], offset: second });
      if (!isStore) push(new Set([...address].map((base) => (base === 'parameter0' ? `field${second}` : `load${size}${isEntry(base) ? `@${second}` : ''}(${base})`))));
      return;
    }
    switch (opcode) {
      case Op.localGet: return void push(state.locals[first]!);
      case Op.localSet: return void (state.locals[first] = pop());
      case Op.localTee: return void (state.locals[first] = stack[stack.length - 1]!);
      case Op.globalGet: return void push(one('global'));
      case Op.globalSet: case Op.drop: return void pop();
      case Op.i32Const: case Op.i64Const: return void push(one(`${first}`));
      case Op.block: case Op.loop: case Op.if: {
        const condition = opcode === Op.if ? pop() : undefined;
        blocks.push({ opcode, height: stack.length, before: copy(state), condition, leaving: [], hasElse: false });
        if (opcode === Op.loop) {
          for (const local of writtenInLoop(at + 1)) state.locals[local] = one(`unknown${local}`);
          state.facts.clear();
        }
        return;
      }
      case Op.else: {
        const block = blocks[blocks.length - 1]!;
        block.hasElse = true;
        block.leaving.push(copy(state));
        state = copy(block.before);
        learn(block.condition!);
        return;
      }
      case Op.end: {
        const block = blocks.pop();
        if (block === undefined) return;
        const notTaken = copy(block.before);
        const states = [copy(state), ...block.leaving];
        if (block.opcode === Op.if && !block.hasElse) {
          state = notTaken;
          learn(block.condition!);
          states.push(state);
        }
        state = join(states);
        return;
      }
      case Op.br: branch(first); state.reachable = false; return;
      case Op.brIf: pop(); return branch(first);
      case Op.brTable: pop(); immediates.forEach(branch); state.reachable = false; return;
      case Op.return: case Op.unreachable: state.reachable = false; return;
      case Op.select: { pop(); const b = pop(); push(new Set([...pop(), ...b])); return; }
      case Op.call: return callOf(first);
      case Op.i32WrapI64: return void push(new Set([...pop()].map((formula) => `wrap(${formula})`)));
      case Op.i64ExtendI32U: case Op.i64ExtendI32S: return;
      case Op.i32Eqz: case Op.i64Eqz: case 0x67: case 0x68: case 0x69: case 0x79: case 0x7a: case 0x7b:
      case Op.i32Extend8S: case Op.i32Extend16S: case Op.i64Extend8S: case Op.i64Extend16S:
        return void push(new Set([...pop()].map((formula) => `op${opcode.toString(16)}(${formula})`)));
    }
    const names: Readonly<Record<number, string>> = { 0x6a: 'add', 0x7c: 'add', 0x6b: 'sub', 0x7d: 'sub', 0x74: 'shl', 0x76: 'shrU', 0x4b: 'gtU', 0x56: 'gtU',
      0x47: 'ne', 0x52: 'ne', 0x71: 'and', 0x83: 'and', 0x72: 'or', 0x84: 'or' };
    const b = pop();
    push(combine(names[opcode] ?? `op${opcode.toString(16)}`, pop(), b));
  }); // prettier-ignore
  return accesses;

  function callOf(index: number): void {
    const { pops, pushes } = callees[index]!;
    for (let i = 0; i < pops; i++) pop();
    for (let i = 0; i < pushes; i++) push(one('result'));
  }
}
