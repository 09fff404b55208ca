/**
 * The virtual cores of a machine, each with its own clock, and the time of the machine between them: everything
 * before it has happened.
 */
import type { Vcpu } from '../vm/vcpu';
import type { Core } from './core';
import type { Scheduler } from './scheduler';

export interface CoresState {
  readonly time: number;
  readonly cores: readonly Readonly<Core>[];
}

export class Cores {
  /** Cycles at which the thing that is going on happens; between runs, up to where everything has happened. */
  time = 0;
  readonly #cores: readonly Core[];
  readonly #scheduler: Scheduler;
  /** Cycles from one meeting of the cores to the next. */
  readonly #quantum: number;

  constructor(cores: readonly Core[], scheduler: Scheduler, quantum: number) {
    this.#cores = cores;
    this.#scheduler = scheduler;
    this.#quantum = quantum;
  }

  core(number: number): Core {
    return this.#cores[number]!;
  }

  timeOf(core: number): number {
    return this.#cores[core]!.time;
  }

  /** The core with work that is furthest behind. */
  furthestBehind(): Core | undefined {
    let best: Core | undefined;
    for (const core of this.#cores) {
      if (this.#scheduler.hasWork(core) && (best === undefined || core.time < best.time)) best = core;
    }
    return best;
  }

  /**
   * How far the core that is furthest behind may run ahead of the others that have work: to the next multiple of the
   * quantum. There they all come by, so that a run that ends at one leaves no trace in the order of their turns.
   */
  furthestAllowed(core: Core): number {
    for (const other of this.#cores) {
      if (other !== core && this.#scheduler.hasWork(other))
        return (Math.floor(core.time / this.#quantum) + 1) * this.#quantum;
    }
    return Infinity;
  }

  /**
   * Where a run up to `limit` ends: with several cores at a meeting. In between, the order of what they have done, and
   * what they have seen of each other in memory, would depend on where the test stops to look.
   */
  endOfRun(limit: number): number {
    return this.#cores.length === 1 ? limit : Math.ceil(limit / this.#quantum) * this.#quantum;
  }

  /** Everything before `time` has happened: cores without work come along. */
  passTime(time: number): void {
    if (time > this.time) this.time = time;
    const cores = this.#cores;
    for (let number = 0; number < cores.length; number++) {
      const core = cores[number]!;
      if (core.time < this.time && !this.#scheduler.hasWork(core)) core.time = this.time;
    }
  }

  /**
   * A run up to `limit` has ended, perhaps in the middle of a turn: time is where the core is that is furthest behind.
   * Where none has work any more, because the VM whose turn it was has ended, it is where the last of them stopped.
   * @param nextEvent cycles of what happens next by itself, which must not be passed
   */
  catchUp(limit: number, nextEvent: number): void {
    const behind = this.furthestBehind();
    const time = behind?.time ?? Math.min(nextEvent, Math.max(...this.#cores.map((core) => core.time)));
    this.passTime(Math.min(time, limit));
  }

  /** A hart has something to do from `cycle` on: its core, if it had nothing to run, has not been anywhere before. */
  wake(vcpu: Vcpu, cycle: number): void {
    if (vcpu.moves) {
      // Whichever core goes on with it.
      if (cycle > vcpu.readyFrom) vcpu.readyFrom = cycle;
      vcpu.isWoken = true;
      return;
    }
    const core = this.#cores[vcpu.core]!;
    if (core.time < cycle && !this.#scheduler.hasWork(core)) core.time = cycle;
    vcpu.isWoken = true;
  }

  save(): CoresState {
    return { time: this.time, cores: this.#cores.map((core) => ({ ...core })) };
  }

  restore({ time, cores }: CoresState): void {
    this.time = time;
    this.#cores.forEach((core, number) => Object.assign(core, cores[number]));
  }
}
