/**
 * Control flow of a region: its blocks in reverse postorder, who dominates whom, where loops begin. WebAssembly has
 * structured control flow only; structure.ts makes it of this, after Norman Ramsey, "Beyond Relooper" (2022). An edge
 * into the middle of a loop has no structure: loops are given one entry before (split-nodes.ts), and where that would
 * cost too much, the edge leaves the region (`isCut`).
 */
import { type Node, waysOf } from './graph';
import type { Work } from './portions';
import type { Block } from './region';
import { splitNodes } from './split-nodes';

/** A way from one block to another. */
export interface Edge {
  /** Guest address of the target. */
  readonly address: number;
  /** The target's place in the order, or -1 where it is outside of the region. */
  readonly to: number;
  /** It closes a loop: the target comes before, and dominates this block. */
  readonly isBack: boolean;
  /** It would enter a loop that it does not dominate. */
  readonly isCut: boolean;
}

export interface FlowBlock extends Block {
  readonly index: number;
  /** In the order of `waysOf`. */
  readonly edges: readonly Edge[];
  /** Targets of back edges. */
  readonly isLoopHeader: boolean;
  /** More than one forward edge leads here, or one of a jump table: who comes here branches to a label. */
  readonly isMerge: boolean;
  /** The block that immediately dominates this one; the entry's is itself. */
  readonly dominator: number;
  /** Blocks that this one immediately dominates, last in the order first. */
  readonly dominates: readonly number[];
}

export interface Flow {
  readonly entry: number;
  /** In reverse postorder; the entry is the first. */
  readonly blocks: readonly FlowBlock[];
}

/**
 * The flow of a graph, whose loops of several entries are given one where that is not too much.
 * @param pass what each pass through the graph counts as
 */
export function* structured(entry: number, nodes: Node[], pass: number): Work<Flow> {
  const flow = flowOf(entry, nodes);
  if (!hasCuts(flow)) return flow;
  yield pass;
  for (const _ of splitNodes(nodes)) yield pass;
  return flowOf(entry, nodes);
}

export const hasCuts = ({ blocks }: Flow): boolean =>
  blocks.some(({ edges }) => edges.some(({ isCut }) => isCut));

export function flowOf(entry: number, nodes: readonly Node[]): Flow {
  const order = reversePostorder(nodes);
  const indexOf = new Map(order.map((node, index) => [node, index]));
  const successors = order.map(({ successors: tos }) =>
    tos.map((to) => (to < 0 ? -1 : indexOf.get(nodes[to]!)!)),
  );
  const predecessors = order.map((): number[] => []);
  successors.forEach((tos, from) => {
    for (const to of tos) if (to >= 0) predecessors[to]!.push(from);
  });
  const before = immediateDominators(predecessors);
  const dominates = (above: number, below: number): boolean => {
    let at = below;
    while (at > above) at = before[at]!;
    return at === above;
  };
  const isHeader = new Uint8Array(order.length);
  const forwardEdges = new Uint32Array(order.length);
  const edges = order.map(({ block }, from) =>
    waysOf(block).map((address, way): Edge => {
      const to = successors[from]![way]!;
      const isBackward = to >= 0 && to <= from;
      const isBack = isBackward && dominates(to, from);
      if (isBack) isHeader[to] = 1;
      // What a table leads to is reached by a branch, as where ways meet.
      else if (to >= 0 && !isBackward) forwardEdges[to]! += block.ending.is === 'jump-table' ? 2 : 1;
      return { address, to, isBack, isCut: isBackward && !isBack };
    }),
  );
  const cutFrom = edges.flatMap((ways, from) =>
    ways.filter(({ isCut }) => isCut).map(({ to }) => ({ from, to })),
  );
  for (const { from, to } of cutFrom) {
    predecessors[to] = predecessors[to]!.filter((predecessor) => predecessor !== from);
  }
  const dominator = cutFrom.length === 0 ? before : immediateDominators(predecessors);
  const children = order.map((): number[] => []);
  for (let index = order.length - 1; index > 0; index--) children[dominator[index]!]!.push(index);
  const blocks = order.map(({ block }, index) => ({
    ...block,
    index,
    edges: edges[index]!,
    isLoopHeader: isHeader[index] === 1,
    isMerge: forwardEdges[index]! > 1,
    dominator: dominator[index]!,
    dominates: children[index]!,
  }));
  return { entry, blocks };
}

/** Nodes that the first leads to; what is not taken comes right after its branch, where that is possible. */
function reversePostorder(nodes: readonly Node[]): Node[] {
  const postorder: Node[] = [];
  const seen = new Set<Node>([nodes[0]!]);
  const stack = [{ node: nodes[0]!, way: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const { successors } = top.node;
    if (top.way === successors.length) {
      postorder.push(top.node);
      stack.pop();
      continue;
    }
    const to = nodes[successors[top.way++]!];
    if (to === undefined || seen.has(to)) continue;
    seen.add(to);
    stack.push({ node: to, way: 0 });
  }
  return postorder.reverse();
}

/** After Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" (2001), on places in the order. */
function immediateDominators(predecessors: readonly (readonly number[])[]): Int32Array {
  const dominator = new Int32Array(predecessors.length).fill(-1);
  dominator[0] = 0;
  const common = (a: number, b: number): number => {
    while (a !== b) {
      while (a > b) a = dominator[a]!;
      while (b > a) b = dominator[b]!;
    }
    return a;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (let index = 1; index < predecessors.length; index++) {
      let found = -1;
      for (const from of predecessors[index]!) {
        if (dominator[from] === -1) continue;
        found = found === -1 ? from : common(found, from);
      }
      if (dominator[index] === found) continue;
      dominator[index] = found;
      changed = true;
    }
  }
  return dominator;
}
