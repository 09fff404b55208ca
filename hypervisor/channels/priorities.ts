/** What a priority ceiling needs to know of a mutex. */
export interface CeilingLock {
  readonly holder: number | null;
  /** The highest priority of those who may lock it. */
  readonly ceiling: number;
}

/** Priorities are whole numbers: at a ceiling a VM comes before those who have it by declaration. */
const BEFORE_EQUALS = 0.5;

/** A VM that holds such a lock runs before all who may lock it. @returns `own` itself when nobody holds one. */
export function raisedToCeilings(own: readonly number[], locks: readonly CeilingLock[]): readonly number[] {
  let raised: number[] | undefined;
  for (const { holder, ceiling } of locks) {
    if (holder === null) continue;
    raised ??= own.slice();
    raised[holder] = Math.max(raised[holder]!, ceiling + BEFORE_EQUALS);
  }
  return raised ?? own;
}

/** What priority inheritance needs to know of a mutex. */
export interface InheritedLock {
  readonly holder: number | null;
  readonly waiters: readonly number[];
}

/**
 * Priority inheritance, transitive: a VM that holds locks runs at the highest priority among its own and those of
 * the VMs waiting for one of its locks, each at the priority that it inherits itself.
 * @param own the VMs' declared priorities, by VM number.
 * @returns the priorities they run at, by VM number; `own` itself when nobody waits for a lock.
 */
export function inheritedPriorities(
  own: readonly number[],
  locks: readonly InheritedLock[],
): readonly number[] {
  const contended = locks.filter(({ waiters }) => waiters.length > 0);
  if (contended.length === 0) return own;
  const priorities = own.slice();
  // Priorities only rise and come from a finite set, so this ends; a chain of n locks takes n rounds.
  for (let risen = true; risen;) {
    risen = false;
    for (const { holder, waiters } of contended) {
      if (holder === null) continue;
      for (const waiter of waiters) {
        if (priorities[waiter]! <= priorities[holder]!) continue;
        priorities[holder] = priorities[waiter]!;
        risen = true;
      }
    }
  }
  return priorities;
}
