/**
 * Constant-bandwidth servers, for cores that go by the earliest deadline first (Abeni and Buttazzo, Integrating multimedia
 * applications in hard real-time systems, 1998). A VM with a budget and a period is served: it runs at the deadline of
 * its server. One that uses its budget up goes on with a new one, at a deadline that is a period later: it takes time
 * that nobody else needs, and none that others were promised.
 */
import type { Vm } from '../vm/vm';

export interface ServersState {
  /** By VM number: cycles of its deadline. */
  readonly deadlines: readonly number[];
  /** By VM number: whether it has had something to do since its last arrival. */
  readonly active: readonly boolean[];
}

type Budgeted = Vm & { readonly definition: { readonly budget: number; readonly period: number } };

export class Servers {
  #deadlines: number[];
  #active: boolean[];

  constructor(vms: readonly Vm[]) {
    this.#deadlines = vms.map(() => 0);
    this.#active = vms.map(() => false);
  }

  serves(vm: Vm): vm is Budgeted {
    return vm.isServed;
  }

  /** Cycles of its server's deadline; `Infinity` for a VM without one. */
  deadline(vm: Vm): number {
    return this.serves(vm) ? this.#deadlines[vm.number]! : Infinity;
  }

  /** Whether the VM has something to do, at this cycle of its core. */
  observe(vm: Vm, isReady: boolean, now: number): void {
    if (!this.serves(vm) || isReady === this.#active[vm.number]) return;
    this.#active[vm.number] = isReady;
    if (isReady) this.#arrive(vm, now);
  }

  /** The VM has used its budget up. @returns cycles of its new deadline */
  postpone(vm: Budgeted): number {
    vm.budgetLeft += vm.clock.nanosecondsToCycles(vm.definition.budget);
    return (this.#deadlines[vm.number]! += vm.clock.nanosecondsToCycles(vm.definition.period));
  }

  save(): ServersState {
    return { deadlines: this.#deadlines.slice(), active: this.#active.slice() };
  }

  restore({ deadlines, active }: ServersState): void {
    this.#deadlines = deadlines.slice();
    this.#active = active.slice();
  }

  /** What is left of the budget may be used until the deadline only if that is no more than its share. */
  #arrive(vm: Budgeted, now: number): void {
    const { clock, definition } = vm;
    const budget = clock.nanosecondsToCycles(definition.budget);
    const relative = clock.nanosecondsToCycles(definition.deadline ?? definition.period);
    const left = this.#deadlines[vm.number]! - now;
    if (left > 0 && vm.budgetLeft * relative < left * budget) return;
    this.#deadlines[vm.number] = now + relative;
    vm.budgetLeft = budget;
  }
}
