/** The loops of a function. */
import type { Flow, FlowBlock } from './control-flow';

/** A header, and what reaches it again without going through it. By places in the order. */
export interface Loop {
  readonly header: number;
  readonly members: ReadonlySet<number>;
}

/** In the order of their headers: those around others before them. */
export function loopsOf({ blocks }: Flow): Loop[] {
  const predecessors = blocks.map((): number[] => []);
  for (const { index, edges } of blocks) {
    for (const { to } of edges) if (to >= 0) predecessors[to]!.push(index);
  }
  return blocks
    .filter(({ index }) => predecessors[index]!.some((from) => from >= index))
    .map(({ index }) => ({ header: index, members: membersOf(index, predecessors) }));
}

/** Where a loop has several entries, only what comes after this one in the order. */
function membersOf(header: number, predecessors: readonly (readonly number[])[]): Set<number> {
  const members = new Set([header]);
  const queue = [...predecessors[header]!];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (at < header || members.has(at)) continue;
    members.add(at);
    queue.push(...predecessors[at]!);
  }
  return members;
}

/** Whether a loop has no other within. */
export const isInnermost = ({ header, members }: Loop, blocks: readonly FlowBlock[]): boolean =>
  [...members].every((member) => member === header || !blocks[member]!.isLoopHeader);
