/** A region as a graph of blocks. A block may stand for itself several times (split-nodes.ts). */
import type { Block, Region } from './region';

export interface Node {
  readonly block: Block;
  /** In the order of `waysOf`: the node that the way leads to, or -1 where it leaves the region. */
  readonly successors: number[];
}

/** Guest addresses that a block's ending leads to within its function: taken before not taken. */
export function waysOf({ ending }: Block): readonly number[] {
  switch (ending.is) {
    case 'branch':
      return [ending.taken, ending.notTaken];
    case 'next':
    case 'jump':
    case 'inlined-call':
    case 'inlined-return':
      return [ending.to];
    case 'call':
    case 'call-register':
      return [ending.returnsTo];
    case 'jump-table':
      return ending.targets;
    default:
      return [];
  }
}

/** The nodes of a region: the entry is the first. */
export function graphOf({ entry, blocks }: Region): Node[] {
  const all = [blocks.get(entry)!, ...[...blocks.values()].filter(({ start }) => start !== entry)];
  const numbers = new Map(all.map(({ start }, number) => [start, number]));
  return all.map((block) => ({
    block,
    successors: waysOf(block).map((address) => numbers.get(address) ?? -1),
  }));
}
