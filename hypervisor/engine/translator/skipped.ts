/**
 * Branches that skip a few instructions: those are carried out on either way, and what they wrote is kept or not. The
 * host then need not guess which way is taken, which it gets wrong half of the time where data decide (a CRC, a search).
 */
import type { Edge, Flow, FlowBlock } from './control-flow';
import { mayLeave } from './registers';

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
