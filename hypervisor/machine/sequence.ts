/**
 * The order of everything that happens in a machine: always the earliest thing first, be it an event or the turn of
 * the core that is furthest behind.
 */
import type { Core } from '../scheduler/core';
import type { Cores } from '../scheduler/cores';
import type { Scheduler } from '../scheduler/scheduler';
import type { PausedTurn } from './contract';
import type { Executor } from './executor';

/** Something to which things happen by themselves, at cycles that it knows before. */
export interface Timed {
  /** `Infinity` when nothing is due. */
  nextEventAt(): number;
  advance(now: number): void;
}

export interface SequenceParts {
  readonly cores: Cores;
  readonly scheduler: Scheduler;
  readonly executor: Executor;
  /** In the order in which things happen that are due at the same cycle. */
  readonly timed: readonly Timed[];
}

export class Sequence {
  readonly #parts: SequenceParts;
  #paused: PausedTurn | undefined;

  constructor(parts: SequenceParts) {
    this.#parts = parts;
  }

  /**
   * Lets the next thing happen.
   * @returns why there is none before `limit`: it comes later (`time`), or never will (`idle`).
   */
  next(limit: number): 'time' | 'idle' | undefined {
    const { cores, scheduler, executor } = this.#parts;
    const behind = cores.furthestBehind();
    const event = this.#nextEventAt();
    if (behind === undefined || event <= behind.time) return this.#happen(event, limit, behind === undefined);
    // What a core is still busy with then, a hypercall or a switch, has its end in the next run.
    cores.passTime(Math.min(behind.time, limit));
    if (behind.time >= limit) return 'time';
    const paused = this.#takePaused(Math.min(event, limit));
    const core = paused?.core ?? behind;
    const vcpu = scheduler.select(core)!;
    const horizon = Math.min(event, paused?.horizon ?? cores.furthestAllowed(core));
    const end = executor.run(core, vcpu, horizon, limit);
    if (!scheduler.hasWork(core)) executor.idle(core);
    else if (end === 'paused') this.#paused = { core: core.number, horizon };
    return undefined;
  }

  save(): PausedTurn | undefined {
    return this.#paused;
  }

  restore(paused: PausedTurn | undefined): void {
    this.#paused = paused;
  }

  #happen(event: number, limit: number, isIdle: boolean): 'time' | 'idle' | undefined {
    const { cores, timed } = this.#parts;
    const at = Math.max(event, cores.time);
    if (at >= limit) {
      cores.passTime(limit);
      return isIdle && event === Infinity ? 'idle' : 'time';
    }
    cores.passTime(at);
    for (const each of timed) each.advance(at);
    return undefined;
  }

  /** The turn that somebody who watches has ended early, if it may go on now: before this cycle, and with work for its core. */
  #takePaused(before: number): { readonly core: Core; readonly horizon: number } | undefined {
    if (this.#paused === undefined) return undefined;
    const { cores, scheduler } = this.#parts;
    const core = cores.core(this.#paused.core);
    if (core.time >= before) return undefined;
    const { horizon } = this.#paused;
    this.#paused = undefined;
    return scheduler.hasWork(core) ? { core, horizon } : undefined;
  }

  #nextEventAt(): number {
    let next = Infinity;
    for (const each of this.#parts.timed) next = Math.min(next, each.nextEventAt());
    return next;
  }
}
