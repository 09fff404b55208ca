/**
 * Accesses of one block by the same register, as long as that keeps its value, are checked together: the first one
 * checks that all of them are inside of RAM. If not, the function leaves before it, though it might be inside itself:
 * the interpreter finds out.
 */
import { SIZES, type Value } from '../../isa/semantics';
import { CODE_LINE_SIZE } from '../../memory/code-lines';
import type { GuestInstruction } from './region';
import { writtenBy } from './registers';

/** Bytes from the lowest to the end of the highest, as distances to a register. */
export interface Reach {
  readonly lowest: number;
  readonly end: number;
}

/** The bytes that a group's accesses touch. */
export interface AccessGroup extends Reach {
  /** What its stores touch, if it has any. */
  readonly stores: Reach | undefined;
}

interface OpenGroup extends AccessGroup {
  readonly first: GuestInstruction;
}

/** More than this apart, and a check of both would too often fail where one is fine. */
export const MOST_APART = 2048;
/** The same of stores: their lines are looked at together, eight at most, whatever the first one's place in its line. */
const MOST_STORES_APART = 7 * CODE_LINE_SIZE;

/** What encloses two reaches. */
const around = (a: Reach | undefined, b: Reach): Reach =>
  a === undefined ? b : { lowest: Math.min(a.lowest, b.lowest), end: Math.max(a.end, b.end) };

const span = (reach: Reach | undefined): number => (reach === undefined ? 0 : reach.end - reach.lowest);

/** Whether one reach lies in another. */
export const isWithin = (inner: Reach | undefined, outer: Reach | undefined): boolean =>
  inner === undefined || (outer !== undefined && inner.lowest >= outer.lowest && inner.end <= outer.end);

/** What one instruction accesses, if it does so by a register and an immediate. */
function accessOf({
  instruction,
  imm,
}: GuestInstruction): { readonly at: number; readonly size: number; readonly isStore: boolean } | undefined {
  for (const step of instruction.semantics) {
    if ((step.op !== 'load' && step.op !== 'store') || !isRegisterAndImmediate(step.address)) continue;
    return { at: imm, size: SIZES[step.kind], isStore: step.op === 'store' };
  }
  return undefined;
}

export const isRegisterAndImmediate = (address: Value): boolean =>
  address.op === 'add' && address.a.op === 'rs1' && address.b.op === 'imm';

/**
 * By instruction that begins a group: the group.
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
    groups.set(group.first, group);
  };
  for (const guest of instructions) {
    const access = guest.rs1 === 0 ? undefined : accessOf(guest);
    if (access !== undefined) {
      const found = open.get(guest.rs1);
      const own = { lowest: access.at, end: access.at + access.size };
      const reach = around(found, own);
      const stores = access.isStore ? around(found?.stores, own) : found?.stores;
      if (found !== undefined && span(reach) <= mostApart && span(stores) <= MOST_STORES_APART) {
        open.set(guest.rs1, { ...reach, stores, first: found.first });
      } else {
        close(guest.rs1);
        open.set(guest.rs1, {
          ...own,
          stores: access.isStore ? own : undefined,
          first: guest,
        });
      }
    }
    if (writtenBy(guest) !== 0) close(guest.rd);
  }
  for (const register of [...open.keys()]) close(register);
  return groups;
}
