/**
 * A source of randomness for the guest (Virtual I/O Device version 1.2, section 5.4): the same in every run of a seed. Neither
 * a reset nor a restart of its VM begins it again, so nobody draws the same numbers twice.
 */
import type { Random, RandomState } from '../../../platform/random';
import { VIRTIO_DEVICES } from '../../../platform/virtio/transport';
import { lengthOf, scatter } from './buffers';
import { SerialQueue, type SerialQueueState } from './serial-queue';
import type { VirtioDevice, VirtioPort } from './virtio-device';

/** Bytes that one request is given at most: fewer than asked for is allowed, and its work is bounded. */
const MOST_BYTES = 64 * 1024;

export interface EntropyOptions {
  /** Where its bytes come from. */
  readonly random: Random;
  /** Cycles of each byte. */
  readonly costs: { readonly copyPerByte: number };
}

export interface EntropyState {
  readonly requests: SerialQueueState;
  readonly random: RandomState;
}

export class EntropyDevice implements VirtioDevice<EntropyState> {
  readonly name = 'entropy';
  readonly number = VIRTIO_DEVICES.entropy;
  readonly features: readonly number[] = [];
  readonly configuration = new Uint8Array(0);
  readonly #random: Random;
  readonly #requests: SerialQueue;

  constructor(port: VirtioPort, { random, costs }: EntropyOptions) {
    this.#random = random;
    const wanted = (length: number): number => Math.min(length, MOST_BYTES);
    this.#requests = new SerialQueue({
      context: port.context,
      queue: port.addQueue(),
      cost: ({ writable }) => Math.ceil(costs.copyPerByte * wanted(lengthOf(writable))),
      serve: ({ writable }) => scatter(port.dma, writable, 0, this.#random.bytes(wanted(lengthOf(writable)))),
    });
  }

  notify(): void {
    this.#requests.notify();
  }

  abandon(): void {
    this.#requests.reset();
  }

  nextEventAt(): number {
    return this.#requests.nextEventAt();
  }

  advance(now: number): void {
    this.#requests.advance(now);
  }

  reset(): void {
    this.#requests.reset();
  }

  save(): EntropyState {
    return { requests: this.#requests.save(), random: this.#random.save() };
  }

  restore(state: EntropyState): void {
    this.#requests.restore(state.requests);
    this.#random.restore(state.random);
  }
}
