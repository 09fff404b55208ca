/** A console with one port (Virtual I/O Device version 1.2, section 5.3). What the test types waits in the console until the driver offers room for it. */
import { VIRTIO_DEVICES } from '../../../platform/virtio/transport';
import type { Console } from '../console';
import { gather, lengthOf, scatter } from './buffers';
import { SerialQueue, type SerialQueueState } from './serial-queue';
import type { VirtioDevice, VirtioPort } from './virtio-device';
import type { Virtqueue } from './virtqueue';

export interface ConsoleDeviceOptions {
  readonly console: Console;
  /** Cycles of each byte that the guest writes. */
  readonly costs: { readonly copyPerByte: number };
}

export interface ConsoleDeviceState {
  readonly output: SerialQueueState;
}

export class ConsoleDevice implements VirtioDevice<ConsoleDeviceState> {
  readonly name = 'console';
  readonly number = VIRTIO_DEVICES.console;
  readonly features: readonly number[] = [];
  readonly configuration = new Uint8Array(0);
  readonly #port: VirtioPort;
  readonly #console: Console;
  readonly #input: Virtqueue;
  readonly #output: SerialQueue;

  constructor(port: VirtioPort, { console, costs }: ConsoleDeviceOptions) {
    this.#port = port;
    this.#console = console;
    this.#input = port.addQueue();
    this.#output = new SerialQueue({
      context: port.context,
      queue: port.addQueue(),
      cost: ({ readable }) => Math.ceil(costs.copyPerByte * lengthOf(readable)),
      serve: ({ readable }) => {
        console.write(gather(port.dma, readable, 0, lengthOf(readable)));
        return 0;
      },
    });
    console.onInput(() => this.#deliver());
  }

  notify(queue: Virtqueue): void {
    if (queue === this.#input) this.#deliver();
    else this.#output.notify();
  }

  abandon(queue: Virtqueue): void {
    if (queue === this.#output.queue) this.#output.reset();
  }

  nextEventAt(): number {
    return this.#output.nextEventAt();
  }

  advance(now: number): void {
    this.#output.advance(now);
  }

  reset(): void {
    this.#output.reset();
  }

  save(): ConsoleDeviceState {
    return { output: this.#output.save() };
  }

  restore(state: ConsoleDeviceState): void {
    this.#output.restore(state.output);
  }

  /** Hands over what was typed, as far as the driver has offered room. Each turn takes a byte at least. */
  #deliver(): void {
    while (this.#port.isLive && this.#console.waiting > 0) {
      const chain = this.#input.take();
      if (chain === undefined) return;
      const room = lengthOf(chain.writable);
      if (room === 0) {
        this.#port.violated('a buffer for input that cannot be written');
        return;
      }
      const bytes = new Uint8Array(Math.min(room, this.#console.waiting));
      for (let at = 0; at < bytes.length; at++) bytes[at] = this.#console.readByte();
      this.#input.give(chain, scatter(this.#port.dma, chain.writable, 0, bytes));
    }
  }
}
