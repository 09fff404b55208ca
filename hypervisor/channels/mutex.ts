/** The mutex of a shared channel, apart from its content: who holds it and who waits, in order of arrival. */
export interface MutexState {
  /** Number of the VM that holds it; `null`: nobody. */
  readonly holder: number | null;
  /** The holder got it while it waited, and its hypercall has not been resumed since. */
  readonly handedOver: boolean;
  readonly waiters: readonly number[];
}

export class Mutex {
  #state: MutexState = { holder: null, handedOver: false, waiters: [] };

  get holder(): number | null {
    return this.#state.holder;
  }

  /** VMs waiting for it, in order of arrival. */
  get waiters(): readonly number[] {
    return this.#state.waiters;
  }

  /**
   * Locks it for a VM. A VM that must wait stays among the waiters until it gets it or `stopWaiting`; trying
   * again while it waits keeps its place.
   */
  tryLock(vm: number): 'locked' | 'must-wait' | 'held-already' {
    const { holder, handedOver, waiters } = this.#state;
    if (holder === vm && !handedOver) return 'held-already';
    if (holder === null || holder === vm) {
      this.#state = { holder: vm, handedOver: false, waiters };
      return 'locked';
    }
    if (!waiters.includes(vm)) this.#state = { holder, handedOver, waiters: [...waiters, vm] };
    return 'must-wait';
  }

  /**
   * Takes it from its holder and hands it to the waiter of highest priority, the first to arrive among equals.
   * Handed over rather than freed: a holder that locks again at once cannot starve who waits.
   * @returns the new holder, or `null`.
   */
  release(priorityOf: (vm: number) => number): number | null {
    const { waiters } = this.#state;
    let next: number | null = null;
    for (const vm of waiters) {
      if (next === null || priorityOf(vm) > priorityOf(next)) next = vm;
    }
    this.#state = { holder: next, handedOver: next !== null, waiters: waiters.filter((vm) => vm !== next) };
    return next;
  }

  stopWaiting(vm: number): void {
    const { waiters } = this.#state;
    if (waiters.includes(vm))
      this.#state = { ...this.#state, waiters: waiters.filter((other) => other !== vm) };
  }

  save(): MutexState {
    return this.#state;
  }

  restore(state: MutexState): void {
    this.#state = state;
  }
}
