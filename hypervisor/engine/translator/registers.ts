/**
 * Where registers are: in a WebAssembly local, in the hart's block, or the same in both. A register is dirty when the
 * block does not have its value. Whoever leaves a function stores what is dirty; whoever calls one stores what the
 * callee mentions. Sets of registers are bit masks; x0 is in none.
 */
import type { Flow, FlowBlock } from './control-flow';
import type { GuestInstruction, Region } from './region';

/** All registers but x0. */
export const ALL_REGISTERS = ~1;

/** What a call of a function does to registers in the hart's block. */
export interface Summary {
  /** Read from the block or written to it. */
  readonly mentions: number;
  readonly modifies: number;
}

/** Of a function that is not known. */
export const UNKNOWN: Summary = { mentions: ALL_REGISTERS, modifies: ALL_REGISTERS };

/** Registers of one kind: a mask has a bit for each. */
export interface RegisterKind {
  readonly readBy: (guest: GuestInstruction) => number;
  readonly writtenBy: (guest: GuestInstruction) => number;
  /** What a function does that is not known. */
  readonly unknown: Summary;
}

const bit = (register: number): number => (register === 0 ? 0 : 1 << register);

export function readBy({ instruction: { facts }, rs1, rs2 }: GuestInstruction): number {
  return (facts.readsRs1 ? bit(rs1) : 0) | (facts.readsRs2 ? bit(rs2) : 0);
}

export function writtenBy({ instruction: { facts }, rd }: GuestInstruction): number {
  return facts.writesRd ? bit(rd) : 0;
}

export const INTEGER_REGISTERS: RegisterKind = {
  readBy,
  writtenBy,
  unknown: UNKNOWN,
};

export const FLOAT_REGISTERS: RegisterKind = {
  readBy: ({ instruction: { facts }, rs1, rs2, rs3 }) =>
    (facts.readsFs1 ? 1 << rs1 : 0) | (facts.readsFs2 ? 1 << rs2 : 0) | (facts.readsFs3 ? 1 << rs3 : 0),
  writtenBy: ({ instruction: { facts }, rd }) => (facts.writesFd ? 1 << rd : 0),
  unknown: { mentions: ~0, modifies: ~0 },
};

/** Whether it may be left to the interpreter, which then must find all registers in the block. */
export const mayLeave = ({ instruction: { facts } }: GuestInstruction): boolean =>
  facts.loads || facts.stores || facts.needsFloat || facts.system !== undefined;

/**
 * The summaries of functions that call each other.
 * @param regions by entry
 */
export function summariesOf(
  regions: ReadonlyMap<number, Region>,
  kind: RegisterKind = INTEGER_REGISTERS,
): ReadonlyMap<number, Summary> {
  const own = new Map<number, { mentions: number; modifies: number }>();
  for (const [entry, { blocks }] of regions) {
    let mentions = 0;
    let modifies = 0;
    for (const { instructions, ending } of blocks.values()) {
      for (const instruction of instructions) {
        modifies |= kind.writtenBy(instruction);
        mentions |= kind.readBy(instruction);
      }
      if (ending.is === 'call-register' || ending.is === 'tail-call-register')
        modifies = kind.unknown.modifies;
    }
    own.set(entry, { mentions: mentions | modifies, modifies });
  }
  for (let changed = true; changed;) {
    changed = false;
    for (const [entry, { callees }] of regions) {
      const summary = own.get(entry)!;
      for (const callee of callees) {
        const { mentions, modifies } = own.get(callee) ?? kind.unknown;
        if ((mentions & ~summary.mentions) === 0 && (modifies & ~summary.modifies) === 0) continue;
        summary.mentions |= mentions;
        summary.modifies |= modifies;
        changed = true;
      }
    }
  }
  return own;
}

/** Dirty and needed registers of one function. */
export class RegisterFlow {
  /** By block: what may be dirty where it begins. */
  readonly dirty: Int32Array;
  /** By block: what must be in locals where it begins: it is used, or stored by who leaves. */
  readonly needed: Int32Array;

  constructor(
    readonly flow: Flow,
    readonly isSite: readonly boolean[],
    readonly summaryOf: (callee: number) => Summary | undefined,
    readonly kind: RegisterKind = INTEGER_REGISTERS,
    /** Registers that a function of this module takes as parameters, which the block then does not have: a mask. */
    readonly parametersOf: (entry: number) => number = () => 0,
  ) {
    this.dirty = new Int32Array(flow.blocks.length);
    this.needed = new Int32Array(flow.blocks.length);
    this.#findDirty();
    this.#findNeeded();
  }

  /** What the call at a block's end does to registers. */
  summary({ ending }: FlowBlock): Summary {
    const known = ending.is === 'call' || ending.is === 'tail-call' ? this.summaryOf(ending.to) : undefined;
    return known ?? this.kind.unknown;
  }

  #findDirty(): void {
    const { blocks, entry } = this.flow;
    const { writtenBy } = this.kind;
    const written = blocks.map(({ instructions }) =>
      instructions.reduce((mask, instruction) => mask | writtenBy(instruction), 0),
    );
    this.dirty[0] = this.parametersOf(entry);
    for (let changed = true; changed;) {
      changed = false;
      for (const block of blocks) {
        let dirty = this.dirty[block.index]! | written[block.index]!;
        if (callsAtEnd(block)) dirty &= ~this.summary(block).mentions;
        for (const { to, isCut } of block.edges) {
          if (to < 0 || isCut || (dirty & ~this.dirty[to]!) === 0) continue;
          this.dirty[to]! |= dirty;
          if (to <= block.index) changed = true;
        }
      }
    }
  }

  /** After what is dirty is known: backwards, by what each block needs of itself and what it leaves to those before it. */
  #findNeeded(): void {
    const { blocks } = this.flow;
    const own = blocks.map((block) => this.#neededWithin(block));
    for (let changed = true; changed;) {
      changed = false;
      for (let index = blocks.length - 1; index >= 0; index--) {
        const block = blocks[index]!;
        let after = 0;
        for (const { to, isCut } of block.edges) if (to >= 0 && !isCut) after |= this.needed[to]!;
        if (callsAtEnd(block)) after &= ~this.summary(block).modifies;
        const needed = own[index]!.reads | (after & ~own[index]!.writes);
        if (needed === this.needed[index]) continue;
        this.needed[index] = needed;
        changed = true;
      }
    }
  }

  /** What a block needs whatever comes after it, and what it writes before that is asked for. */
  #neededWithin(block: FlowBlock): { readonly reads: number; readonly writes: number } {
    const { readBy, writtenBy } = this.kind;
    const { instructions, ending, edges, index } = block;
    let dirty = this.dirty[index]!;
    let reads = this.isSite[index] ? dirty : 0;
    let writes = 0;
    for (const instruction of instructions) {
      reads |= readBy(instruction) & ~writes;
      if (mayLeave(instruction)) reads |= dirty & ~writes;
      const written = writtenBy(instruction);
      dirty |= written;
      writes |= written;
    }
    // Where a block ends by leaving, all that is dirty is stored.
    const leaves =
      edges.length === 0 ||
      ending.is === 'inlined-return' ||
      ending.is === 'jump-table' ||
      edges.some(({ to, isCut }) => to < 0 || isCut);
    if (leaves || callsAtEnd(block)) reads |= dirty & ~writes;
    if (ending.is === 'call' || ending.is === 'tail-call') reads |= this.parametersOf(ending.to) & ~writes;
    return { reads, writes };
  }
}

/** Whether another function runs before the block that comes after. */
export const callsAtEnd = ({ ending: { is } }: FlowBlock): boolean => is === 'call' || is === 'call-register';
