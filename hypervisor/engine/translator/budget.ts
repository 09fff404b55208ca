/**
 * Where translated code looks at its budget. It does so at sites only (the entry, loops, returns of calls), for the longest
 * way to the next one; where that much is not left it leaves to the interpreter, which stops exactly. Between sites
 * the cost of a way is a constant, subtracted where ways meet.
 */
import type { CostModel } from '../../../platform/costs';
import type { Flow, FlowBlock } from './control-flow';
import type { GuestInstruction } from './region';

/** What a way costs. */
export interface Cost {
  readonly cycles: number;
  readonly instructions: number;
}

export const NOTHING: Cost = { cycles: 0, instructions: 0 };
export const plus = (a: Cost, b: Cost): Cost => ({
  cycles: a.cycles + b.cycles,
  instructions: a.instructions + b.instructions,
});

/** A way longer than this gets a site in its middle, so that little is left to the interpreter at the end of a run. */
const LONGEST_WAY = 1000;

export class Budget {
  /** By block: whether it begins with a look at the budget. */
  readonly isSite: readonly boolean[];
  /** By block: what the longest way from its start to a site costs. */
  readonly needs: readonly Cost[];
  /** By block: what its instructions cost, a branch at the end if it is taken. */
  readonly #cycles: readonly number[];

  constructor(
    { blocks }: Flow,
    readonly costs: CostModel['instructions'],
  ) {
    this.#cycles = blocks.map(({ instructions }) =>
      instructions.reduce((sum, { instruction }) => sum + costs[instruction.facts.class], 0),
    );
    const isSite = blocks.map(({ isLoopHeader, index }) => isLoopHeader || index === 0);
    for (const { ending, edges } of blocks) {
      const returns = ending.is === 'call' || ending.is === 'call-register';
      if (returns && edges[0]!.to >= 0) isSite[edges[0]!.to] = true;
    }
    const needs = new Array<Cost>(blocks.length);
    for (let index = blocks.length - 1; index >= 0; index--) {
      const block = blocks[index]!;
      const ways = Math.max(block.edges.length, 1);
      let cycles = 0;
      let instructions = 0;
      for (let way = 0; way < ways; way++) {
        const edge = block.edges[way];
        const isFollowed = edge !== undefined && edge.to > index && !isSite[edge.to];
        const rest = isFollowed ? needs[edge.to]! : NOTHING;
        const own = this.ofWay(block, way);
        cycles = Math.max(cycles, own.cycles + rest.cycles);
        instructions = Math.max(instructions, own.instructions + rest.instructions);
      }
      needs[index] = { cycles, instructions };
      if (instructions > LONGEST_WAY) isSite[index] = true;
    }
    this.isSite = isSite;
    this.needs = needs;
  }

  /** An instruction that is not the last of its block. */
  of({ instruction }: GuestInstruction): Cost {
    return { cycles: this.costs[instruction.facts.class], instructions: 1 };
  }

  /** A block, left by one of its edges: 0 is a taken branch. */
  ofWay({ instructions, ending, index }: FlowBlock, way: number): Cost {
    let cycles = this.#cycles[index]!;
    if (ending.is === 'branch' && way === 1) cycles += this.costs.branchNotTaken - this.costs.branchTaken;
    return { cycles, instructions: instructions.length };
  }
}
