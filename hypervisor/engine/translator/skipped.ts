/**
 * Branches that skip a few instructions: those are carried out on either way, and what they wrote is kept or not. The
 * host then need not guess which way is taken, which it gets wrong half of the time where data decide (a CRC, a search).
 */
import { Op } from '../wasm/opcodes';
import type { Local } from '../wasm/code';
import { type Budget, type Cost, NOTHING, plus } from './budget';
import type { Edge, Flow, FlowBlock } from './control-flow';
import { type FunctionFrame, registersIn } from './function-frame';
import { mayLeave, writtenBy } from './registers';

/** Instructions that may be carried out in vain. */
const MOST_SKIPPED = 2;

/** A branch over one block. */
export interface Skip {
  /** What is skipped. */
  readonly block: FlowBlock;
  /** Whether it is where the branch is taken that it is skipped. */
  readonly whenTaken: boolean;
  /** From the block that is skipped to where both ways meet. */
  readonly edge: Edge;
}

/** What the branch at the end of a block skips, if that is little and can do no harm. */
export function skipOf(
  { ending, edges }: FlowBlock,
  { blocks }: Flow,
  isSite: readonly boolean[],
): Skip | undefined {
  if (ending.is !== 'branch') return undefined;
  const [taken, notTaken] = edges as [Edge, Edge];
  for (const [over, into] of [
    [taken, notTaken],
    [notTaken, taken],
  ] as const) {
    if (over.to < 0 || over.isCut || into.to < 0 || into.isCut || into.isBack) continue;
    const block = blocks[into.to]!;
    const [edge] = block.edges;
    if (block.isMerge || block.isLoopHeader || isSite[into.to]! || edge?.to !== over.to || edge.isCut)
      continue;
    if (canDoNoHarm(block)) return { block, whenTaken: over === taken, edge };
  }
  return undefined;
}

function canDoNoHarm({ ending, instructions }: FlowBlock): boolean {
  if (ending.is !== 'next' && ending.is !== 'jump') return false;
  return (
    instructions.length <= MOST_SKIPPED + (ending.is === 'jump' ? 1 : 0) &&
    instructions.every((guest) => !mayLeave(guest) && !guest.instruction.facts.floatOperation)
  );
}

/**
 * Has what may be skipped written, and after it puts back what registers held before, where it is skipped.
 * @param isTaken whether the branch is, 1 or 0
 */
export function writeSkipped(
  frame: FunctionFrame,
  { block, whenTaken }: Skip,
  isTaken: Local,
  write: () => void,
): void {
  const { code } = frame;
  const written = registersIn(block.instructions.reduce((mask, guest) => mask | writtenBy(guest), 0));
  const before = written.map((number) => {
    const local = code.local(frame.xType);
    code.get(frame.register(number));
    code.set(local);
    return local;
  });
  write();
  written.forEach((number, at) => {
    const ways = [before[at]!, frame.register(number)];
    for (const local of whenTaken ? ways : ways.reverse()) code.get(local);
    code.get(isTaken);
    code.op(Op.select);
    code.set(frame.register(number));
  });
}

/** What the branch and the way to where both meet cost: if it is taken, and if not. */
export function costsOf({ block, whenTaken }: Skip, budget: Budget): [Cost, Cost] {
  const { branchTaken, branchNotTaken } = budget.costs;
  const skipped = budget.ofWay(block, 0);
  return [
    plus({ cycles: branchTaken, instructions: 1 }, whenTaken ? NOTHING : skipped),
    plus({ cycles: branchNotTaken, instructions: 1 }, whenTaken ? skipped : NOTHING),
  ];
}
