/** What one instruction uses: registers that it reads and writes, and the memory that it reaches. Derived from the tables. */
import { Decoded, decoderOf } from './decode';
import type { Instruction } from './instruction-set';
import { operandsOf, SIZES, type Step, type Value } from './semantics';

/** One object is used again and again. */
export class Uses {
  /** x registers, a bit each. x0 is in neither. */
  reads = 0;
  writes = 0;
  /** f registers, a bit each. */
  floatReads = 0;
  floatWrites = 0;
  /** Whether it depends on memory: also of a store-conditional, which may leave it as it is. */
  loads = false;
  stores = false;
  /** Bytes that it loads or stores; its address is register `base` plus `offset`. */
  size = 0;
  base = 0;
  offset = 0;
}

/** a0 to a7: what a call of the layer below may read; it answers in a0 and a1. */
const ARGUMENTS = 0xff << 10;
const ANSWERS = 0b11 << 10;

const decoded = new Decoded();
const sizes = new Map<Instruction, number>();

/** @returns false for an encoding that is no instruction: it uses nothing. */
export function usesOf(xlen: 32 | 64, bits: number, uses: Uses): boolean {
  const { instruction, rd, rs1, rs2, rs3, imm } = decoderOf(xlen).decode(bits, decoded);
  if (instruction === undefined) return false;
  const { facts } = instruction;
  uses.reads = (facts.readsRs1 ? 1 << rs1 : 0) | (facts.readsRs2 ? 1 << rs2 : 0);
  uses.writes = facts.writesRd ? 1 << rd : 0;
  uses.floatReads =
    (facts.readsFs1 ? 1 << rs1 : 0) | (facts.readsFs2 ? 1 << rs2 : 0) | (facts.readsFs3 ? 1 << rs3 : 0);
  uses.floatWrites = facts.writesFd ? 1 << rd : 0;
  if (facts.system?.is === 'ecall') {
    uses.reads |= ARGUMENTS;
    uses.writes |= ANSWERS;
  }
  uses.reads &= ~1;
  uses.writes &= ~1;
  uses.loads = facts.loads || instruction.semantics.some(({ op }) => op === 'storeConditional');
  uses.stores = facts.stores;
  uses.base = rs1;
  // Atomic instructions have no offset, and their tables no immediate.
  uses.offset = facts.readsImmediate ? imm : 0;
  uses.size = facts.loads || facts.stores ? sizeOf(instruction) : 0;
  return true;
}

function sizeOf(instruction: Instruction): number {
  let size = sizes.get(instruction);
  if (size === undefined) sizes.set(instruction, (size = largestAccess(instruction.semantics)));
  return size;
}

const largestAccess = (nodes: readonly (Value | Step)[]): number =>
  Math.max(
    0,
    ...nodes.map((node) => Math.max('kind' in node ? SIZES[node.kind] : 0, largestAccess(operandsOf(node)))),
  );
