/**
 * The order of everything that happens in a machine: always the earliest thing first, be it an event (device, deadline,
 * release, delayed message, fault) or the turn of the core that is furthest behind. A hypercall is carried out when its
 * core is the furthest behind, so whatever passes between VMs is ordered by virtual time on any number of cores; only
 * plain accesses to shared memory by several cores are exact to no more than the system's `coreQuantum`.
 */
import type { Core } from '../scheduler/core';
import type { Cores } from '../scheduler/cores';
import type { Scheduler } from '../scheduler/scheduler';
import type { Vcpu } from '../vm/vcpu';
import type { Agenda } from './agenda';
import type { PausedTurn } from './contract';
import type { Executor, TurnEnd } from './executor';

export interface SequenceParts {
  readonly cores: Cores;
  readonly scheduler: Scheduler;
  readonly executor: Executor;
  readonly agenda: Agenda;
  /** Whether somebody who watches has met what the run was to stop for. */
  readonly hasMet: () => boolean;
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
    const { cores, scheduler, executor, agenda } = this.#parts;
    // The test may have done something.
    this.#place();
    const behind = cores.furthestBehind();
    const event = agenda.nextEventAt();
    if (behind === undefined || event <= behind.time) return this.#happen(event, limit, behind === undefined);
    // What a core is still busy with then, a hypercall or a switch, has its end in the next run.
    cores.passTime(Math.min(behind.time, limit));
    if (behind.time >= limit) return 'time';
    const paused = this.#takePaused(Math.min(event, limit));
    const core = paused?.core ?? behind;
    const vcpu = scheduler.select(core)!;
    if (core.time < vcpu.readyFrom) {
      // Another core has got further with it.
      core.time = vcpu.readyFrom;
      return undefined;
    }
    const allowed = paused?.horizon ?? cores.furthestAllowed(core);
    const horizon = Math.min(event, allowed);
    const end = this.#run(core, vcpu, horizon, limit, allowed === Infinity);
    scheduler.rest(core, vcpu);
    this.#place();
    if (!scheduler.hasWork(core)) {
      if (!scheduler.isShared(core)) executor.idle(core);
    } else if (end === 'paused') this.#paused = { core: core.number, horizon };
    return undefined;
  }

  save(): PausedTurn | undefined {
    return this.#paused;
  }

  restore(paused: PausedTurn | undefined): void {
    this.#paused = paused;
  }

  /**
   * Lets a hart run, and carries its hypercalls out, as long as nothing has happened that could make it another's turn.
   * @param isAlone whether no other core has work
   */
  #run(core: Core, vcpu: Vcpu, horizon: number, limit: number, isAlone: boolean): TurnEnd {
    const { cores, scheduler, executor, agenda, hasMet } = this.#parts;
    const { turn } = vcpu;
    for (let until = horizon; ; until = agenda.nextEventAt()) {
      const end = executor.run(core, vcpu, until, limit, isAlone);
      if (end === 'ran') agenda.change(vcpu.vm.number);
      else if (end !== 'computed') agenda.forget();
      const goesOn =
        isAlone && agenda.isKnown && vcpu.turn === turn && scheduler.isStill(core, vcpu) && !hasMet();
      if (!goesOn || core.time >= Math.min(agenda.nextEventAt(), limit)) return end;
      cores.passTime(core.time);
    }
  }

  #happen(event: number, limit: number, isIdle: boolean): 'time' | 'idle' | undefined {
    const { cores, agenda } = this.#parts;
    const at = Math.max(event, cores.time);
    if (at >= limit) {
      cores.passTime(limit);
      return isIdle && event === Infinity ? 'idle' : 'time';
    }
    cores.passTime(at);
    agenda.advance(at);
    this.#place();
    return undefined;
  }

  /** Who is ready may be others than before: cores between which harts move are dealt out anew. */
  #place(): void {
    const { cores, scheduler, executor } = this.#parts;
    for (const core of scheduler.place(cores.time)) executor.idle(core);
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
}
