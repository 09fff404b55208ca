/**
 * A network card (Virtual I/O Device version 1.2, section 5.1) at a port of a virtual network. It takes as long to send
 * a frame as the frame takes on the wire; what arrives waits at the port until the driver offers room. It offers
 * neither checksums nor segmentation, so what is in the header of a frame that is sent means nothing.
 */
import { LARGEST_FRAME, macBytes } from '../../../platform/ethernet';
import { NetConfiguration, NET_FEATURES, NetHeader, NET_STATUS } from '../../../platform/virtio/net';
import { VIRTIO_DEVICES } from '../../../platform/virtio/transport';
import type { Station } from '../../network/frame';
import type { NetworkPort } from '../../network/port';
import { type DescriptorChain, gather, lengthOf, scatter } from './buffers';
import { SerialQueue, type SerialQueueState } from './serial-queue';
import type { VirtioDevice, VirtioPort } from './virtio-device';
import type { Virtqueue } from './virtqueue';

const HEADER = NetHeader.size;
const { max, min } = Math;

export interface NetDeviceState {
  readonly transmit: SerialQueueState;
  /** Buffers taken for a frame that needs more of them. */
  readonly held: readonly DescriptorChain[];
}

export class NetDevice implements VirtioDevice<NetDeviceState>, Station {
  readonly name = 'net';
  readonly number = VIRTIO_DEVICES.net;
  readonly features = [NET_FEATURES.mac, NET_FEATURES.status, NET_FEATURES.mergeableBuffers];
  readonly #port: VirtioPort;
  readonly #wire: NetworkPort;
  readonly #isPowered: () => boolean;
  readonly #mac: readonly number[];
  readonly #receive: Virtqueue;
  readonly #transmit: SerialQueue;
  #held: DescriptorChain[] = [];

  /** @param isPowered whether the VM is alive: the card of one that is not hears nothing. */
  constructor(port: VirtioPort, wire: NetworkPort, isPowered: () => boolean = () => true) {
    this.#port = port;
    this.#isPowered = isPowered;
    this.#wire = wire;
    this.#mac = macBytes(wire.mac)!;
    this.#receive = port.addQueue();
    this.#transmit = new SerialQueue({
      context: port.context,
      queue: port.addQueue(),
      cost: ({ readable }) => wire.wireTime(min(max(0, lengthOf(readable) - HEADER), LARGEST_FRAME)),
      serve: (chain) => this.#send(chain),
    });
    wire.attach(this);
  }

  get configuration(): Uint8Array {
    return NetConfiguration.encode({ mac: this.#mac, status: this.#wire.isUp ? NET_STATUS.linkUp : 0 });
  }

  notify(queue: Virtqueue): void {
    if (queue === this.#transmit.queue) this.#transmit.notify();
    else this.#wire.ready(this.#port.context.cycles() + 1);
  }

  abandon(queue: Virtqueue): void {
    if (queue === this.#transmit.queue) this.#transmit.reset();
    else this.#held = [];
  }

  nextEventAt(): number {
    return this.#transmit.nextEventAt();
  }

  advance(now: number): void {
    this.#transmit.advance(now);
  }

  reset(): void {
    this.#transmit.reset();
    this.#held = [];
    // A frame that waits for room finds nobody there.
    this.#wire.ready(this.#port.context.cycles() + 1);
  }

  save(): NetDeviceState {
    return { transmit: this.#transmit.save(), held: this.#held.slice() };
  }

  restore(state: NetDeviceState): void {
    this.#transmit.restore(state.transmit);
    this.#held = state.held.slice();
  }

  linkChanged(): void {
    this.#port.configurationChanged();
  }

  /** A frame from the network: into one buffer, or into as many as it takes if the driver agreed to that. */
  accept(frame: Uint8Array): 'taken' | 'full' | 'no-driver' {
    if (!this.#isPowered() || !this.#port.isLive || !this.#receive.isReady) return 'no-driver';
    const needed = HEADER + frame.length;
    const mergeable = this.#port.has(NET_FEATURES.mergeableBuffers);
    let room = this.#held.reduce((sum, { writable }) => sum + lengthOf(writable), 0);
    while (room < needed) {
      const chain = this.#receive.take();
      if (chain === undefined) return this.#port.isLive ? 'full' : 'no-driver';
      const size = lengthOf(chain.writable);
      if (size < (mergeable ? HEADER : needed)) {
        this.#port.violated('a buffer too small for a frame');
        return 'no-driver';
      }
      this.#held.push(chain);
      room += size;
    }
    this.#fill(frame);
    return 'taken';
  }

  #fill(frame: Uint8Array): void {
    const chains = this.#held;
    this.#held = [];
    const bytes = new Uint8Array(HEADER + frame.length);
    bytes.set(NetHeader.encode({ ...EMPTY_HEADER, buffers: chains.length }));
    bytes.set(frame, HEADER);
    let from = 0;
    for (const chain of chains) {
      const written = scatter(this.#port.dma, chain.writable, 0, bytes.subarray(from));
      from += written;
      this.#receive.give(chain, written);
    }
  }

  #send({ readable }: DescriptorChain): number | undefined {
    const length = lengthOf(readable);
    if (length < HEADER) {
      this.#port.violated('a frame without a whole header');
      return undefined;
    }
    // One byte more than the largest frame shows the network that it is too large, whatever a driver's buffers hold.
    this.#wire.send(gather(this.#port.dma, readable, HEADER, min(length - HEADER, LARGEST_FRAME + 1)));
    return 0;
  }
}

const EMPTY_HEADER = {
  flags: 0,
  segmentation: 0,
  headerLength: 0,
  segmentSize: 0,
  checksumStart: 0,
  checksumOffset: 0,
};
