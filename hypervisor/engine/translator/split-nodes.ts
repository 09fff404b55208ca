/**
 * Makes loops of several entries into loops of one, by giving all entries but one a copy of what they lead to, up to
 * the one (node splitting). Such loops come of jumps into the middle, as compilers make them of `switch` and of
 * rotated loops; structured control flow cannot say them.
 *
 * The one need not have been an entry. If what remains without it is a loop again, that becomes one within the other, and
 * each turn pays for two; so what all turns go through is better, where it costs little.
 */
import type { Node } from './graph';

/** Instructions that may be copied for one region. */
const MOST_COPIED = 400;

/** The same for one loop, so that another place than an entry becomes the only one. */
const MOST_COPIED_FOR_ONE = 100;
/** Blocks of a loop that are looked at for one that all turns go through. */
const MOST_MEMBERS = 60;

/** Yields after each loop. */
export function* splitNodes(nodes: Node[]): Iterable<void> {
  let copied = 0;
  while (copied < MOST_COPIED) {
    const loop = loopOfSeveralEntries(nodes, reachableFrom(nodes, 0));
    if (loop === undefined) return;
    const best = bestCopies(nodes, loop);
    copied += best.cost;
    if (copied > MOST_COPIED) return;
    for (const copy of best.copies) redirect(nodes, loop.members, copy);
    yield;
  }
}

interface Loop {
  readonly members: ReadonlySet<number>;
  readonly entries: readonly number[];
}

/** What is copied for a loop to have one entry. */
interface Copies {
  readonly copies: readonly Copy[];
  /** Instructions. */
  readonly cost: number;
}

interface Copy {
  /** The entry that gets a copy, and what is copied for it. */
  readonly entry: number;
  readonly body: readonly number[];
}

/** The outermost such loop, or undefined. */
function loopOfSeveralEntries(nodes: readonly Node[], within: ReadonlySet<number>): Loop | undefined {
  for (const members of components(nodes, within)) {
    const entries = new Set<number>(members.has(0) ? [0] : []);
    nodes.forEach(({ successors }, from) => {
      if (members.has(from)) return;
      for (const to of successors) if (members.has(to)) entries.add(to);
    });
    if (entries.size > 1) return { members, entries: [...entries].sort((a, b) => a - b) };
    const inner = new Set(members);
    for (const entry of entries) inner.delete(entry);
    const found = loopOfSeveralEntries(nodes, inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function bestCopies(nodes: readonly Node[], loop: Loop): Copies {
  const cheapest = (headers: readonly number[]): Copies | undefined =>
    headers
      .map((header) => copiesFor(nodes, loop, header))
      .reduce<Copies | undefined>((a, b) => (a === undefined || b.cost < a.cost ? b : a), undefined);
  const ofShared = cheapest(inAllTurns(nodes, loop));
  return ofShared !== undefined && ofShared.cost <= MOST_COPIED_FOR_ONE ? ofShared : cheapest(loop.entries)!;
}

/** Members without which there is no loop left. */
function inAllTurns(nodes: readonly Node[], { members }: Loop): number[] {
  if (members.size > MOST_MEMBERS) return [];
  return [...members].filter((member) => {
    const rest = new Set(members);
    rest.delete(member);
    return components(nodes, rest).length === 0;
  });
}

/** What must be copied for `header` to be the only entry. */
function copiesFor(nodes: readonly Node[], { members, entries }: Loop, header: number): Copies {
  const rest = new Set(members);
  rest.delete(header);
  const copies = entries
    .filter((entry) => entry !== header)
    .map((entry) => ({ entry, body: [...reachableFrom(nodes, entry, rest)] }));
  const cost = copies.reduce(
    (sum, { body }) => sum + body.reduce((size, at) => size + nodes[at]!.block.instructions.length, 0),
    0,
  );
  return { copies, cost: Math.max(cost, 1) };
}

/** Copies a body, and leads who comes from outside of the loop to the copy. */
function redirect(nodes: Node[], members: ReadonlySet<number>, { entry, body }: Copy): void {
  const count = nodes.length;
  const copyOf = new Map(body.map((node, at) => [node, count + at]));
  for (let from = 0; from < count; from++) {
    if (members.has(from)) continue;
    const { successors } = nodes[from]!;
    successors.forEach((to, way) => {
      if (to === entry) successors[way] = copyOf.get(entry)!;
    });
  }
  for (const node of body) {
    const { block, successors } = nodes[node]!;
    nodes.push({ block, successors: successors.map((to) => copyOf.get(to) ?? to) });
  }
}

function reachableFrom(nodes: readonly Node[], start: number, within?: ReadonlySet<number>): Set<number> {
  const reached = new Set([start]);
  for (const node of reached) {
    for (const to of nodes[node]!.successors) {
      if (to >= 0 && (within === undefined || within.has(to))) reached.add(to);
    }
  }
  return reached;
}

/** Strongly connected components that hold a cycle (Tarjan, 1972). */
function components(nodes: readonly Node[], within: ReadonlySet<number>): Set<number>[] {
  const found: Set<number>[] = [];
  const order = new Map<number, number>();
  const lowest = new Map<number, number>();
  const stack: number[] = [];
  const onStack = new Set<number>();
  const visit = (node: number): void => {
    order.set(node, order.size);
    lowest.set(node, order.get(node)!);
    stack.push(node);
    onStack.add(node);
    const { successors } = nodes[node]!;
    for (const to of successors) {
      if (!within.has(to)) continue;
      if (!order.has(to)) {
        visit(to);
        lowest.set(node, Math.min(lowest.get(node)!, lowest.get(to)!));
      } else if (onStack.has(to)) {
        lowest.set(node, Math.min(lowest.get(node)!, order.get(to)!));
      }
    }
    if (lowest.get(node) !== order.get(node)) return;
    const members = new Set<number>();
    for (;;) {
      const member = stack.pop()!;
      onStack.delete(member);
      members.add(member);
      if (member === node) break;
    }
    if (members.size > 1 || successors.includes(node)) found.push(members);
  };
  for (const node of within) if (!order.has(node)) visit(node);
  return found;
}
