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
