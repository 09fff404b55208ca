/**
 * Registers that have, where a block begins, the values that they had at the end of the block that immediately dominates
 * it, whichever way was taken between: what was found out about those there is still true.
 */
import type { Flow, FlowBlock } from './control-flow';
import { ALL_REGISTERS, callsAtEnd, writtenBy } from './registers';

/** Blocks between two that are looked at; of more, no register is taken to keep its value. */
const MOST_BETWEEN = 40;

/** By block: a mask. */
export function keptRegisters({ blocks }: Flow): Int32Array {
  const kept = new Int32Array(blocks.length);
  const predecessors = blocks.map((): number[] => []);
  for (const { index, edges } of blocks) {
    for (const { to, isCut } of edges) if (to >= 0 && !isCut) predecessors[to]!.push(index);
  }
  const written = blocks.map((block) => writtenIn(block));
  for (const { index, dominates, instructions } of blocks) {
    const last = instructions[instructions.length - 1];
    const atEnd = callsAtEnd(blocks[index]!) ? ALL_REGISTERS : last === undefined ? 0 : writtenBy(last);
    for (const below of dominates) kept[below] = ~(atEnd | writtenBetween(index, below));
  }
  return kept;

  function writtenBetween(above: number, below: number): number {
    const seen = new Set([above]);
    const queue = [...predecessors[below]!];
    let registers = 0;
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      if (seen.has(at)) continue;
      if (seen.size > MOST_BETWEEN) return ALL_REGISTERS;
      seen.add(at);
      registers |= written[at]!;
      queue.push(...predecessors[at]!);
    }
    return registers;
  }
}

const writtenIn = (block: FlowBlock): number =>
  callsAtEnd(block)
    ? ALL_REGISTERS
    : block.instructions.reduce((mask, instruction) => mask | writtenBy(instruction), 0);
