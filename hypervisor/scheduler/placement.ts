/**
 * Which cores run the harts of a scheduling domain, in which VMs move between cores. Global scheduling: the harts that come
 * first run, as many as there are cores for them; a hart that may use a few cores only is never kept from them by one that
 * could have another (strong affinities: Cerqueira, Gujarati and Brandenburg, Linux's Processor Affinity API, Refined,
 * RTSS 2014). Which of them run follows from their order alone; where, from this: one that has a core keeps it, one that
 * comes takes the core that it had last if that is free, else the free one with the lowest number, and makes others move
 * only if it must.
 */
import type { Vcpu } from '../vm/vcpu';
import type { Core } from './core';

/** Cores by number, and the hart that has each. */
type Taken = Map<number, Vcpu>;

export class Placement {
  /** Harts that only this domain's cores run. */
  readonly harts: readonly Vcpu[];
  readonly cores: readonly Core[];
  readonly #vcpus: readonly Vcpu[];

  /** @param vcpus all harts of the machine, by number */
  constructor(vcpus: readonly Vcpu[], cores: readonly Core[]) {
    const numbers = new Set(cores.map(({ number }) => number));
    this.#vcpus = vcpus;
    this.cores = cores;
    this.harts = vcpus.filter(({ affinity }) => numbers.has(affinity[0]!));
  }

  /** The hart that should have one of the domain's cores. */
  on({ given }: Core): Vcpu | undefined {
    return given === null ? undefined : this.#vcpus[given];
  }

  /** Whether harts are ready that have no core. */
  get hasWaiting(): boolean {
    for (const vcpu of this.harts) if (vcpu.isReady && !this.#isGiven(vcpu)) return true;
    return false;
  }

  /**
   * Deals the cores out, unless those who have them are all who are ready. To do so again changes nothing.
   * @param order negative where the first of two harts comes before the second
   */
  place(order: (one: Vcpu, other: Vcpu) => number): void {
    if (!this.hasWaiting && this.cores.every((core) => this.on(core)?.isReady ?? true)) return;
    const run = this.#first(this.harts.filter(({ isReady }) => isReady).sort(order));
    const taken: Taken = new Map();
    for (const core of this.cores) {
      const vcpu = this.on(core);
      if (vcpu !== undefined && run.has(vcpu)) taken.set(core.number, vcpu);
    }
    const placed = new Set(taken.values());
    for (const vcpu of run) if (!placed.has(vcpu)) take(taken, vcpu);
    for (const core of this.cores) core.given = taken.get(core.number)?.number ?? null;
  }

  /** Those that come first, as many as can run at once, in order. */
  #first(ready: readonly Vcpu[]): ReadonlySet<Vcpu> {
    const [run, taken] = [new Set<Vcpu>(), new Map() as Taken];
    for (const vcpu of ready) {
      if (run.size === this.cores.length) break;
      if (take(taken, vcpu)) run.add(vcpu);
    }
    return run;
  }

  #isGiven({ number }: Vcpu): boolean {
    for (const { given } of this.cores) if (given === number) return true;
    return false;
  }
}

/**
 * Gives a hart a core, and others another one if it must, as few as possible.
 * @returns whether there was a way
 */
function take(taken: Taken, vcpu: Vcpu): boolean {
  const heldBy = new Map([...taken].map(([core, holder]) => [holder, core]));
  /** Cores that could be had, and by whom. */
  const reached = new Map<number, Vcpu>();
  const queue = [vcpu];
  for (const hart of queue) {
    for (const core of preferred(hart)) {
      if (reached.has(core)) continue;
      reached.set(core, hart);
      const holder = taken.get(core);
      if (holder !== undefined) {
        queue.push(holder);
        continue;
      }
      for (let to: number | undefined = core; to !== undefined;) {
        const mover: Vcpu = reached.get(to)!;
        taken.set(to, mover);
        to = mover === vcpu ? undefined : heldBy.get(mover);
      }
      return true;
    }
  }
  return false;
}

/** The cores that may run a hart, the one that did so last before all others. */
const preferred = ({ affinity, core }: Vcpu): readonly number[] =>
  affinity.length === 1 ? affinity : [core, ...affinity.filter((other) => other !== core)];
