/** What a virtio device is to its transport, and the other way round. Vocabulary: Virtual I/O Device version 1.2, section 2. */
import type { DeviceContext } from '../device';
import type { Dma } from '../dma';
import type { Violation } from './descriptor-table';
import type { Virtqueue } from './virtqueue';

/** What a device has of its transport, given at construction. */
export interface VirtioPort {
  readonly context: DeviceContext;
  readonly dma: Dma;
  /** The device's next queue; they are numbered in the order of the calls, all of them made at construction. */
  addQueue(): Virtqueue;
  /** Whether driver and device agreed on a feature, by bit number. */
  has(feature: number): boolean;
  /** The driver has said that it is ready, and nothing has gone wrong since. Queues must not be touched otherwise. */
  readonly isLive: boolean;
  /** The configuration space reads otherwise from now on. */
  configurationChanged(): void;
  /** The driver broke the rules: the device stops until it is reset. `reset` of the device is called within. */
  violated(violation: Violation): void;
}

/**
 * A virtio device behind its transport. It reads and writes guest memory only by what its queues hand out. `State` is
 * as that of any device.
 */
export interface VirtioDevice<State = unknown> {
  readonly name: string;
  /** Its kind, one of VIRTIO_DEVICES. */
  readonly number: number;
  /** Feature bits of its kind that it offers, by bit number. */
  readonly features: readonly number[];
  /** The configuration space as it reads now. */
  readonly configuration: Uint8Array;
  /** The driver stores into the configuration space, within its length. Absent: nothing happens. */
  configure?(offset: number, size: 1 | 2 | 4, value: number): void;
  /** There may be something new in this queue. Only called while the port is live. */
  notify(queue: Virtqueue): void;
  /** The driver took this queue away: what was taken from it is forgotten. */
  abandon(queue: Virtqueue): void;
  /** As `Device`: the cycle at which `advance` is due, and what is due by `now`. */
  nextEventAt(): number;
  advance(now: number): void;
  /** Nothing is under way any more. What it stores for good (a disk's contents) stays. */
  reset(): void;
  save(): State;
  /** Queues and features have been restored before. */
  restore(state: State): void;
}

export type MakeVirtioDevice = (port: VirtioPort) => VirtioDevice;
