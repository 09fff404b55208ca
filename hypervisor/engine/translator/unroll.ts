/**
 * Unrolls small innermost loops without calls: the body stands several times in a row, so that what every turn of a
 * WebAssembly loop costs (the look at the budget, the host's own check for interruption, registers that are kept in
 * memory around the loop) is paid once for several turns of the guest's.
 */
import { type Flow, flowOf, hasCuts } from './control-flow';
import type { Node } from './graph';
import { isInnermost, loopsOf, type Loop } from './loops';

/** Instructions of a loop with all its copies, and how often its body may stand there. */
const MOST_UNROLLED = 96;
const MOST_TURNS = 4;

/** A flow with its small loops unrolled. One with edges that are cut stays as it is. */
export function unroll(flow: Flow): Flow {
  if (hasCuts(flow)) return flow;
  const nodes: Node[] = flow.blocks.map((block) => ({ block, successors: block.edges.map(({ to }) => to) }));
  let isUnrolled = false;
  for (const loop of loopsOf(flow)) {
    if (!isInnermost(loop, flow.blocks)) continue;
    const turns = turnsOf(flow, loop);
    if (turns < 2) continue;
    addTurns(nodes, loop, turns);
    isUnrolled = true;
  }
  return isUnrolled ? flowOf(flow.entry, nodes) : flow;
}

/** How often a loop's body shall stand there. */
function turnsOf({ blocks }: Flow, { members }: Loop): number {
  let size = 0;
  for (const member of members) {
    const { instructions, ending } = blocks[member]!;
    if (ending.is === 'call' || ending.is === 'call-register') return 1;
    size += instructions.length;
  }
  return Math.min(MOST_TURNS, Math.floor(MOST_UNROLLED / size));
}

/** A back edge leads to the next turn; that of the last one to the first. */
function addTurns(nodes: Node[], { header, members }: Loop, turns: number): void {
  const body = [...members];
  const places = new Map(body.map((member, place) => [member, place]));
  const first = nodes.length;
  const inTurn = (turn: number, member: number): number =>
    turn === 0 ? member : first + (turn - 1) * body.length + places.get(member)!;
  const originals = body.map((member) => nodes[member]!);
  for (let turn = 0; turn < turns; turn++) {
    const next = (turn + 1) % turns;
    body.forEach((member, place) => {
      const { block, successors } = originals[place]!;
      nodes[inTurn(turn, member)] = {
        block,
        successors: successors.map((to) => (members.has(to) ? inTurn(to === header ? next : turn, to) : to)),
      };
    });
  }
}
