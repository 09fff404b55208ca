/**
 * Puts small functions that call no others in the place of their calls: registers then stay in locals, and where the
 * return address is still the one that the call wrote, the host finds out that the return needs no comparison.
 */
import { graphOf, type Node } from './graph';
import { type Block, type Region, takesStack } from './region';

/** Instructions of a function that may stand in for its calls, and of all of those in one function. */
const LARGEST_CALLEE = 80;
const MOST_INLINED = 400;

/** Whether a function calls nothing, and returns. */
function isLeaf({ blocks, addresses }: Region): boolean {
  if (addresses.size > LARGEST_CALLEE) return false;
  let returns = false;
  for (const { ending } of blocks.values()) {
    if (takesStack(ending)) return false;
    returns ||= ending.is === 'jump-register';
  }
  return returns;
}

/**
 * @param regionOf the region of a function, if it may be copied
 * @returns the graph of a region with functions in the place of their calls, and which functions those are
 */
export function inlineCalls(
  region: Region,
  regionOf: (entry: number) => Region | undefined,
): { readonly nodes: Node[]; readonly inlined: ReadonlySet<Region> } {
  const nodes = graphOf(region);
  const inlined = new Set<Region>();
  let size = 0;
  for (let caller = nodes.length - 1; caller >= 0; caller--) {
    const { block, successors } = nodes[caller]!;
    if (block.ending.is !== 'call' || successors[0]! < 0) continue;
    const callee = regionOf(block.ending.to);
    if (callee === undefined || callee === region || !isLeaf(callee)) continue;
    size += callee.addresses.size;
    if (size > MOST_INLINED) break;
    inlined.add(callee);
    const { to, returnsTo } = block.ending;
    const body = graphOf(callee);
    const first = nodes.length;
    nodes[caller] = { block: { ...block, ending: { is: 'inlined-call', to } }, successors: [first] };
    for (const node of body) {
      nodes.push(
        node.block.ending.is === 'jump-register'
          ? { block: returning(node.block, returnsTo), successors: [successors[0]!] }
          : { block: node.block, successors: node.successors.map((way) => (way < 0 ? -1 : first + way)) },
      );
    }
  }
  return { nodes, inlined };
}

const returning = (block: Block, to: number): Block => ({ ...block, ending: { is: 'inlined-return', to } });
