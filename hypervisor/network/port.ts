/**
 * A port of the switch with the link to its station: frames leave it one after the other, each after the time that
 * it takes on the wire. What waits is bounded; a frame for which there is no room is dropped.
 */
import type { SystemNetwork } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import { HypervisorBug } from '../bug';
import type { DropReason, Frame, Station } from './frame';

const BITS_PER_BYTE = 8;
const NANOSECONDS_PER_SECOND = 1e9;
const { ceil, max } = Math;

/** A frame on the link, and the cycle at which its last byte arrives. */
interface Leaving {
  readonly frame: Frame;
  readonly due: number;
}

export interface PortState {
  readonly leaving: readonly Leaving[];
  /** The station had no room for the first of them. */
  readonly blocked: boolean;
  readonly up: boolean;
}

/** What a network's wires are like. */
export interface Wire {
  /** Frames that may wait for it. */
  readonly capacity: number;
  /** Cycles that so many bytes take on it. */
  readonly wireTime: (bytes: number) => number;
}

export const wireOf = (
  { bandwidth, queueCapacity }: Pick<SystemNetwork, 'bandwidth' | 'queueCapacity'>,
  clock: Pick<ClockConversion, 'nanosecondsToCycles'>,
): Wire => ({
  capacity: queueCapacity,
  wireTime: (bytes) =>
    max(1, clock.nanosecondsToCycles(ceil((bytes * BITS_PER_BYTE * NANOSECONDS_PER_SECOND) / bandwidth))),
});

export interface PortOptions extends Wire {
  /** Who sits there: a VM's name or the test's, and which of its NICs. */
  readonly owner: string;
  readonly nic: number;
  /** Its address, as text. */
  readonly mac: string;
  /** The station sends. */
  readonly send: (port: NetworkPort, bytes: Uint8Array) => void;
  readonly received: (port: NetworkPort, frame: Frame) => void;
  readonly dropped: (port: NetworkPort, frame: Frame, why: DropReason) => void;
}

export class NetworkPort {
  readonly owner: string;
  readonly nic: number;
  readonly mac: string;
  readonly #options: PortOptions;
  #station: Station | undefined;
  #leaving: Leaving[] = [];
  #blocked = false;
  #up = true;

  constructor(options: PortOptions) {
    this.owner = options.owner;
    this.nic = options.nic;
    this.mac = options.mac;
    this.#options = options;
  }

  /** Who receives from here on. */
  attach(station: Station): void {
    if (this.#station !== undefined)
      throw new HypervisorBug(`two stations at NIC ${this.nic} of ${this.owner}`);
    this.#station = station;
  }

  /** The station sends a frame, which nobody changes afterwards. */
  send(bytes: Uint8Array): void {
    this.#options.send(this, bytes);
  }

  /** Cycles that so many bytes take on the wire; a cycle at least. */
  wireTime(bytes: number): number {
    return this.#options.wireTime(bytes);
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** Plugs the cable in or pulls it. What was on the link is lost. */
  setUp(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    const lost = this.#leaving;
    this.#leaving = [];
    this.#blocked = false;
    for (const { frame } of lost) this.#options.dropped(this, frame, 'link-down');
    this.#station?.linkChanged();
  }

  /** The switch forwards a frame to this port at a cycle. */
  forward(frame: Frame, now: number): void {
    if (!this.#up) return this.#options.dropped(this, frame, 'link-down');
    if (this.#leaving.length >= this.#options.capacity)
      return this.#options.dropped(this, frame, 'queue-full');
    const free = max(now, this.#leaving.at(-1)?.due ?? 0);
    this.#leaving.push({ frame, due: free + this.#options.wireTime(frame.bytes.length) });
  }

  /** The station, which was full, has room from a cycle on. */
  ready(cycle: number): void {
    const first = this.#leaving[0];
    if (!this.#blocked || first === undefined) return;
    this.#blocked = false;
    this.#leaving[0] = { frame: first.frame, due: max(first.due, cycle) };
  }

  nextEventAt(): number {
    return this.#blocked ? Infinity : (this.#leaving[0]?.due ?? Infinity);
  }

  /** Hands over what has arrived by `now`. */
  advance(now: number): void {
    while (this.nextEventAt() <= now) {
      const { frame } = this.#leaving[0]!;
      const answer = this.#station?.accept(frame.bytes) ?? 'no-driver';
      if (answer === 'full') {
        this.#blocked = true;
        return;
      }
      this.#leaving.shift();
      if (answer === 'taken') this.#options.received(this, frame);
      else this.#options.dropped(this, frame, answer);
    }
  }

  save(): PortState {
    return { leaving: this.#leaving.slice(), blocked: this.#blocked, up: this.#up };
  }

  restore(state: PortState): void {
    this.#leaving = state.leaving.slice();
    this.#blocked = state.blocked;
    this.#up = state.up;
  }
}
