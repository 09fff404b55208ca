/**
 * Where a jump by register may lead within its function, as compilers write a `switch`:
 *
 *     bltu  bound, index, default
 *     slli  slot, index, 2
 *     add   slot, slot, table
 *     lw    target, 0(slot)
 *     add   target, target, table     # where the table holds distances
 *     jr    target
 *
 * What is found is a guess: code compares where it goes with what was found, and leaves if it is none of that. So the
 * table may change, and a register may hold something else than the code just before it says.
 */
import type { GuestInstruction } from './region';
import { writtenBy } from './registers';

/** Targets of one table. */
const MOST_TARGETS = 128;
/** How far from the jump a target may be, in bytes. */
const FARTHEST = 16_384;
/** How far back the instruction that wrote a register is looked for, in bytes; the comparison with the bound, in instructions. */
const FARTHEST_BACK = 4096;
const BOUND_WITHIN = 16;
/** Additions that make up one constant. */
const LONGEST_SUM = 4;

const RETURN_ADDRESSES: readonly number[] = [1, 5];

export interface TableReader {
  readonly instructions: ReadonlyMap<number, GuestInstruction>;
  /** The word at a guest address, signed, or undefined where there is none. */
  readonly wordAt: (address: number) => number | undefined;
  readonly isCode: (address: number) => boolean;
}

/** Targets of a jump by register, each once; none where it goes by no table that is recognised. */
export function jumpTargets(jump: GuestInstruction, reader: TableReader): readonly number[] {
  if (RETURN_ADDRESSES.includes(jump.rs1) || jump.imm !== 0) return [];
  const table = tableOf(jump, reader);
  const count = table === undefined ? 0 : Math.min(boundBefore(jump, reader), MOST_TARGETS);
  const targets = new Set<number>();
  for (let index = 0; index < count; index++) {
    const word = reader.wordAt(table!.at + 4 * index);
    if (word === undefined) break;
    const target = table!.from === undefined ? word >>> 0 : table!.from + word;
    const isNear = Math.abs(target - jump.address) <= FARTHEST;
    if (isNear && target % 2 === 0 && reader.isCode(target)) targets.add(target);
  }
  return [...targets];
}

/** Where the table is, and what its words are distances from, if that is what they are. */
interface Table {
  readonly at: number;
  readonly from: number | undefined;
}

function tableOf(jump: GuestInstruction, reader: TableReader): Table | undefined {
  const last = writerOf(jump.rs1, jump, reader);
  if (last === undefined) return undefined;
  if (last.instruction.name !== 'add') return tableOfLoad(last, undefined, reader);
  for (const [word, base] of [
    [last.rs1, last.rs2],
    [last.rs2, last.rs1],
  ] as const) {
    const load = writerOf(word, last, reader);
    const from = constantIn(base, last, reader);
    if (load !== undefined && from !== undefined) return tableOfLoad(load, from, reader);
  }
  return undefined;
}

function tableOfLoad(
  load: GuestInstruction,
  from: number | undefined,
  reader: TableReader,
): Table | undefined {
  if (load.instruction.name !== 'lw') return undefined;
  const slot = writerOf(load.rs1, load, reader);
  if (slot === undefined || !['add', 'sh2add'].includes(slot.instruction.name)) return undefined;
  const base = constantIn(slot.rs2, slot, reader) ?? constantIn(slot.rs1, slot, reader);
  return base === undefined ? undefined : { at: base + load.imm, from };
}

/** How many words the table has, by the comparison that comes before; 0 where none is found. */
function boundBefore(jump: GuestInstruction, reader: TableReader): number {
  let left = BOUND_WITHIN;
  for (const guest of before(jump, reader)) {
    if (left-- === 0) break;
    const { name } = guest.instruction;
    if (name !== 'bltu' && name !== 'bgeu') continue;
    const bound = constantIn(guest.rs1, guest, reader) ?? constantIn(guest.rs2, guest, reader);
    return bound === undefined || bound < 0 ? 0 : bound + 1;
  }
  return 0;
}

/** The number that a register holds before an instruction, as far as it is put together of constants. */
function constantIn(
  register: number,
  at: GuestInstruction,
  reader: TableReader,
  left = LONGEST_SUM,
): number | undefined {
  if (register === 0) return 0;
  const writer = left === 0 ? undefined : writerOf(register, at, reader);
  switch (writer?.instruction.name) {
    case 'lui':
      return writer.imm >>> 0;
    case 'auipc':
      return writer.address + writer.imm;
    case 'addi': {
      const sum = constantIn(writer.rs1, writer, reader, left - 1);
      return sum === undefined ? undefined : sum + writer.imm;
    }
    default:
      return undefined;
  }
}

/** The instruction that wrote a register, taking code for run as it is written. */
function writerOf(register: number, at: GuestInstruction, reader: TableReader): GuestInstruction | undefined {
  if (register === 0) return undefined;
  for (const guest of before(at, reader)) if (((writtenBy(guest) >>> register) & 1) === 1) return guest;
  return undefined;
}

function* before({ address }: GuestInstruction, { instructions }: TableReader): Generator<GuestInstruction> {
  for (let at = address - 2; at >= address - FARTHEST_BACK; at -= 2) {
    const guest = instructions.get(at);
    if (guest !== undefined) yield guest;
  }
}
