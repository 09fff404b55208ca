/** One run of a workload: what it does next, up to any moment, so that it can be interrupted and taken up again. */
import type { Machine } from '../../../hypervisor';
import type { EventPattern } from '../../machine/event-pattern';
import type { TestMachine } from '../../machine/test-machine';
import type { Stimulus, Workload } from '../contract';

/** How far a run has come. `done`: what it runs until has happened. `ended`: its time is up, or the machine has halted. */
export type Progress = 'going on' | 'done' | 'ended';

export class WorkloadRun {
  readonly #test: TestMachine;
  readonly #machine: Machine;
  readonly #pattern: EventPattern | undefined;
  /** At virtual time since the machine started, in order. */
  readonly #stimuli: readonly { readonly at: number; readonly act: Stimulus['act'] }[];
  readonly #limit: number;
  /** The stimulus that comes next. */
  next = 0;
  progress: Progress = 'going on';

  /** @param began virtual nanoseconds at which the workload began */
  constructor(test: TestMachine, workload: Workload, began: number) {
    this.#test = test;
    this.#machine = test.hypervisorMachine;
    this.#pattern = workload.until?.(test);
    this.#limit = began + workload.atMost;
    this.#stimuli = [...(workload.stimuli ?? [])]
      .map(({ at, act }) => ({ at: began + at, act }))
      .sort((a, b) => a.at - b.at);
  }

  /** Takes up a run that has made so much progress: the machine is as it was then. */
  resume(next: number): void {
    this.next = next;
    this.progress = 'going on';
  }

  /** Runs up to a moment, or the end of the workload if that comes first. */
  to(moment: number): Progress {
    const end = Math.min(moment, this.#limit);
    while (this.progress === 'going on') {
      const stimulus = this.#stimuli[this.next];
      const pause = Math.min(end, stimulus?.at ?? Infinity);
      if (!this.#runTo(pause)) break;
      if (stimulus !== undefined && stimulus.at <= pause && stimulus.at < this.#limit) {
        this.next++;
        stimulus.act(this.#test);
      } else if (pause >= end) break;
    }
    if (this.progress === 'going on' && this.#machine.now >= this.#limit) this.progress = 'ended';
    return this.progress;
  }

  toEnd(): Progress {
    return this.to(Infinity);
  }

  /** @returns whether the workload goes on */
  #runTo(moment: number): boolean {
    const pattern = this.#pattern;
    if (pattern?.alreadyHolds?.(this.#test) === true) this.progress = 'done';
    else if (moment > this.#machine.now) this.#run(moment, pattern);
    return this.progress === 'going on';
  }

  #run(until: number, pattern: EventPattern | undefined): void {
    const end = this.#machine.run({
      until,
      ...(pattern === undefined
        ? {}
        : {
            stop: (event) => pattern.matches(this.#test, event),
            prompts: pattern.prompts ?? [],
            places: pattern.places ?? [],
          }),
    });
    if (end.is === 'stopped' || end.is === 'prompted' || end.is === 'reached') this.progress = 'done';
    else if (pattern?.alreadyHolds?.(this.#test) === true) this.progress = 'done';
    else if (end.is === 'halted') this.progress = 'ended';
  }
}
