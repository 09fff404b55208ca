import { Mode } from '../mode';
import { Pmp } from '../pmp-csrs';

/** Bits of a page table entry that lie in its low byte (privileged architecture 4.3.1, 4.4.1). */
export const Entry = {
  valid: 1,
  read: 2,
  write: 4,
  execute: 8,
  user: 16,
  global: 32,
  accessed: 64,
  dirty: 128,
} as const;

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { user: USER_MODE, supervisor: SUPERVISOR_MODE } = Mode;
const { read: MAY_READ, execute: MAY_EXECUTE } = Pmp;
const { user: USER } = Entry;
const { valid: VALID, read: READ, write: WRITE, execute: EXECUTE } = Entry;
const PERMISSIONS = READ | WRITE | EXECUTE;
/** Reserved in entries that point to a table. */
const RESERVED_IN_POINTERS = Entry.user | Entry.accessed | Entry.dirty;

/** Whether an entry means anything, by its low byte; reserved combinations do not (4.3.2, step 3). */
export const isMeaningful = (flags: number): boolean =>
  (flags & VALID) !== 0 &&
  (flags & (READ | WRITE)) !== WRITE &&
  ((flags & PERMISSIONS) !== 0 || (flags & RESERVED_IN_POINTERS) === 0);

export const isLeaf = (flags: number): boolean => (flags & PERMISSIONS) !== 0;

/**
 * What a leaf permits, as bits of pmpcfg (4.3.1, 3.1.6.3).
 * @param flags the leaf's low byte
 * @param mode whose rights the access has: S or U
 * @param sum whether S may access U's pages
 * @param mxr whether what may be executed may be read
 */
export function rightsOf(flags: number, mode: Mode, sum: boolean, mxr: boolean): number {
  const isUsers = (flags & USER) !== 0;
  if (mode === USER_MODE && !isUsers) return 0;
  let rights = (flags & PERMISSIONS) >> 1;
  if (mxr && (flags & EXECUTE) !== 0) rights |= MAY_READ;
  if (mode === SUPERVISOR_MODE && isUsers) rights &= sum ? ~MAY_EXECUTE : 0;
  return rights;
}
