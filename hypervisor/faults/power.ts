/** VMs that lose their power by a fault, and have it again at once: they start cold, whatever their health policy is. */
import type { LifeCycle } from '../machine/life-cycle';
import type { Vm } from '../vm/vm';

/** A VM, and the cycle at which it loses its power. */
export interface PowerLoss {
  readonly vm: string;
  readonly at: number;
}

export class Power {
  #losses: readonly PowerLoss[] = [];

  lose(vm: Vm, at: number): void {
    this.#losses = [...this.#losses, { vm: vm.name, at }];
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
    for (const vm of vms)
      if (vm.isAlive && due.some(({ vm: name }) => name === vm.name)) lifeCycle.restart(vm, 'cold');
  }

  save(): readonly PowerLoss[] {
    return this.#losses;
  }

  restore(losses: readonly PowerLoss[]): void {
    this.#losses = losses;
  }
}
