/**
 * Fixed-priority preemptive scheduling with budgets: on each core the ready hart of highest priority runs; equals take
 * turns. A hart has the priority of its VM, and a VM's budget is common to its harts. Priorities are inherited through locks, and by servers from whoever waits for their reply. Deterministic: ties end at the order of declaration.
 */
import { type AnyChannel, inheritedPriorities, type InheritedLock } from '../channels';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import type { Core } from './core';

export class Scheduler {
  readonly #byCore: readonly (readonly Vcpu[])[];
  readonly #own: readonly number[];
  readonly #locks: readonly InheritedLock[];
  #lastTurn: number;

  constructor(vms: readonly Vm[], channels: readonly AnyChannel[], cores: number) {
    const vcpus = vms.flatMap((vm) => vm.vcpus);
    this.#byCore = Array.from({ length: cores }, (_, number) => vcpus.filter(({ core }) => core === number));
    this.#own = vms.map(({ definition }) => definition.priority);
    this.#locks = channels.filter((channel) => channel.kind === 'shared' || channel.kind === 'rpc');
    this.#lastTurn = vcpus.length;
  }

  /** The priority at which a VM runs now. */
  priority(vm: number): number {
    return this.#priorities()[vm]!;
  }

  /** The hart that should have the core; `undefined` when none is ready. */
  select(core: Core): Vcpu | undefined {
    const priorities = this.#priorities();
    let best: Vcpu | undefined;
    for (const vcpu of this.#byCore[core.number]!) {
      if (!vcpu.isReady) continue;
      if (best === undefined) {
        best = vcpu;
        continue;
      }
      const difference = priorities[vcpu.vm.number]! - priorities[best.vm.number]!;
      if (difference > 0 || (difference === 0 && vcpu.turn < best.turn)) best = vcpu;
    }
    return best;
  }

  /** Whether another hart of the core is ready. */
  isContended(core: Core, vcpu: Vcpu): boolean {
    for (const other of this.#byCore[core.number]!) if (other !== vcpu && other.isReady) return true;
    return false;
  }

  /** Whether any hart of the core is ready. */
  hasWork(core: Core): boolean {
    for (const vcpu of this.#byCore[core.number]!) if (vcpu.isReady) return true;
    return false;
  }

  /** The hart's turn is over: its equals come first. */
  endTurn(vcpu: Vcpu): void {
    vcpu.turn = ++this.#lastTurn;
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
