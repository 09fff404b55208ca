/**
 * Serves the buffers of a queue one after the other, each after the time that it takes. The next one is taken from the
 * ring when the one before is done, so that at most one is under way: the ring itself is the waiting line. Everything
 * takes at least a cycle, so that no driver, whatever it does to its rings, keeps a device busy without end at
 * one moment.
 */
import type { DeviceContext } from '../device';
import type { DescriptorChain } from './buffers';
import type { Virtqueue } from './virtqueue';

const { max } = Math;

export interface SerialQueueOptions {
  readonly context: DeviceContext;
  readonly queue: Virtqueue;
  /** Cycles from when a chain is taken until it is served. */
  readonly cost: (chain: DescriptorChain) => number;
  /** Does it. @returns bytes written into the chain; undefined when the port was told of a violation. */
  readonly serve: (chain: DescriptorChain) => number | undefined;
}

/** The chain under way, and the cycles until it is done: relative, so that it can be restored at another time. */
export type SerialQueueState = { readonly chain: DescriptorChain; readonly remaining: number } | null;

export class SerialQueue {
  readonly queue: Virtqueue;
  readonly #options: SerialQueueOptions;
  #chain: DescriptorChain | undefined;
  #doneAt = Infinity;

  constructor(options: SerialQueueOptions) {
    this.queue = options.queue;
    this.#options = options;
  }

  notify(): void {
    if (this.#chain === undefined) this.#begin(this.#options.context.cycles());
  }

  nextEventAt(): number {
    return this.#doneAt;
  }

  advance(now: number): void {
    while (this.#chain !== undefined && now >= this.#doneAt) {
      const [chain, at] = [this.#chain, this.#doneAt];
      const written = this.#options.serve(chain);
      this.reset();
      if (written === undefined) return;
      this.queue.give(chain, written);
      this.#begin(at);
    }
  }

  /** Nothing is under way any more. */
  reset(): void {
    this.#chain = undefined;
    this.#doneAt = Infinity;
  }

  save(): SerialQueueState {
    if (this.#chain === undefined) return null;
    return { chain: this.#chain, remaining: this.#doneAt - this.#options.context.cycles() };
  }

  restore(state: SerialQueueState): void {
    this.#chain = state?.chain;
    this.#doneAt = state === null ? Infinity : this.#options.context.cycles() + state.remaining;
  }

  #begin(at: number): void {
    const chain = this.queue.take();
    if (chain === undefined) return;
    this.#chain = chain;
    this.#doneAt = at + max(1, this.#options.cost(chain));
  }
}
