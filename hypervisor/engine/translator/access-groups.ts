/**
 * Accesses of one block by the same register, as long as that keeps its value, are checked together: the first one
 * checks that all of them are inside of RAM. If not, the function leaves before it, though it might be inside itself:
 * the interpreter finds out.
 */
import { SIZES, type Value } from '../../isa/semantics';
import type { DataUse } from '../translated-address';
import type { GuestInstruction } from './region';
import { writtenBy } from './registers';

/** The bytes that a group's accesses touch, from the lowest to the end of the highest, as distances to the register. */
export interface AccessGroup {
  readonly lowest: number;
  readonly end: number;
  /** Whether one of them stores. */
  readonly use: DataUse;
}

interface OpenGroup {
  readonly first: GuestInstruction;
  lowest: number;
  end: number;
  use: DataUse;
  count: number;
}

/** More than this apart, and a check of both would too often fail where one is fine. */
export const MOST_APART = 2048;

/** What one instruction accesses, if it does so by a register and an immediate. */
function accessOf({
  instruction,
  imm,
}: GuestInstruction): { readonly at: number; readonly size: number; readonly use: DataUse } | undefined {
  for (const step of instruction.semantics) {
    if ((step.op !== 'load' && step.op !== 'store') || !isRegisterAndImmediate(step.address)) continue;
    return { at: imm, size: SIZES[step.kind], use: step.op === 'load' ? 'read' : 'write' };
  }
  return undefined;
}

export const isRegisterAndImmediate = (address: Value): boolean =>
  address.op === 'add' && address.a.op === 'rs1' && address.b.op === 'imm';

/**
 * By instruction that begins a group: the group; only groups of several.
 * @param mostApart from the lowest byte to the end of the highest
 */
export function accessGroups(
  instructions: readonly GuestInstruction[],
  mostApart = MOST_APART,
): ReadonlyMap<GuestInstruction, AccessGroup> {
  const groups = new Map<GuestInstruction, AccessGroup>();
  const open = new Map<number, OpenGroup>();
  const close = (register: number): void => {
    const group = open.get(register);
    if (group === undefined) return;
    open.delete(register);
    if (group.count > 1) {
      groups.set(group.first, { lowest: group.lowest, end: group.end, use: group.use });
    }
  };
  for (const guest of instructions) {
    const access = guest.rs1 === 0 ? undefined : accessOf(guest);
    if (access !== undefined) {
      const group = open.get(guest.rs1);
      const lowest = Math.min(group?.lowest ?? access.at, access.at);
      const end = Math.max(group?.end ?? -Infinity, access.at + access.size);
      if (group !== undefined && end - lowest <= mostApart) {
        const use = access.use === 'write' ? 'write' : group.use;
        Object.assign(group, { lowest, end, use, count: group.count + 1 });
      } else {
        close(guest.rs1);
        const { at, size, use } = access;
        open.set(guest.rs1, { first: guest, lowest: at, end: at + size, use, count: 1 });
      }
    }
    if (writtenBy(guest) !== 0) close(guest.rd);
  }
  for (const register of [...open.keys()]) close(register);
  return groups;
}
