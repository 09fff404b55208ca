/** VMs that lose their power by a fault, and have it again at once. */
import type { LifeCycle } from '../machine/life-cycle';
import type { Vm } from '../vm/vm';

/** A VM, and the cycle at which it loses its power. */
export interface PowerLoss {
  readonly vm: string;
  readonly at: number;
  /** The number of the fault. */
  readonly id: number;
}

export class Power {
  #losses: readonly PowerLoss[] = [];

  lose(vm: Vm, at: number, id: number): void {
    this.#losses = [...this.#losses, { vm: vm.name, at, id }];
  }

  nextEventAt(): number {
    let next = Infinity;
    for (const { at } of this.#losses) next = Math.min(next, at);
    return next;
  }

  advance(now: number, vms: readonly Vm[], lifeCycle: LifeCycle): void {
    if (this.#losses.length === 0) return;
    const due = this.#losses.filter(({ at }) => at <= now);
    this.#losses = this.#losses.filter(({ at }) => at > now);
    for (const vm of vms) {
      const loss = due.find(({ vm: name }) => name === vm.name);
      if (loss !== undefined && vm.isAlive) lifeCycle.powerFailed(vm, loss.id);
    }
  }

  save(): readonly PowerLoss[] {
    return this.#losses;
  }

  restore(losses: readonly PowerLoss[]): void {
    this.#losses = losses;
  }
}
