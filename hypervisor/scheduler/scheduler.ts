/**
 * Fixed-priority preemptive scheduling with budgets: on each core the ready VM of highest priority runs; equals take
 * turns. Priorities are inherited through locks. Deterministic: ties end at the order of declaration.
 */
import { type AnyChannel, inheritedPriorities, type SharedChannel } from '../channels';
import type { Vm } from '../vm/vm';
import type { Core } from './core';

export class Scheduler {
  readonly #byCore: readonly (readonly Vm[])[];
  readonly #own: readonly number[];
  readonly #locks: readonly SharedChannel[];
  #lastTurn: number;

  constructor(vms: readonly Vm[], channels: readonly AnyChannel[], cores: number) {
    this.#byCore = Array.from({ length: cores }, (_, core) =>
      vms.filter(({ definition }) => definition.core === core),
    );
    this.#own = vms.map(({ definition }) => definition.priority);
    this.#locks = channels.filter((channel) => channel.kind === 'shared');
    this.#lastTurn = vms.length;
  }

  /** The priority at which a VM runs now. */
  priority(vm: number): number {
    return this.#priorities()[vm]!;
  }

  /** The VM that should have the core; `undefined` when none is ready. */
  select(core: Core): Vm | undefined {
    const priorities = this.#priorities();
    let best: Vm | undefined;
    for (const vm of this.#byCore[core.number]!) {
      if (!vm.isReady) continue;
      if (best === undefined) {
        best = vm;
        continue;
      }
      const difference = priorities[vm.number]! - priorities[best.number]!;
      if (difference > 0 || (difference === 0 && vm.turn < best.turn)) best = vm;
    }
    return best;
  }

  /** Whether any VM of the core is ready. */
  hasWork(core: Core): boolean {
    for (const vm of this.#byCore[core.number]!) if (vm.isReady) return true;
    return false;
  }

  /** The VM's turn is over: its equals come first. */
  endTurn(vm: Vm): void {
    vm.turn = ++this.#lastTurn;
  }

  save(): number {
    return this.#lastTurn;
  }

  restore(lastTurn: number): void {
    this.#lastTurn = lastTurn;
  }

  #priorities(): readonly number[] {
    for (const lock of this.#locks) {
      if (lock.waiters.length > 0) return inheritedPriorities(this.#own, this.#locks);
    }
    return this.#own;
  }
}
