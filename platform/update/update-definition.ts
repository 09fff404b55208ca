/** What an author declares of a VM that is updated while the machine runs, and what is made of it. */
import type { ByteCount, Nanoseconds } from '../units';

/** When the image of a VM may be exchanged. */
export const QUIESCENCE = ['when-idle', 'when-offered'] as const;
export type Quiescence = (typeof QUIESCENCE)[number];

export interface UpdateDefinition<VmName extends string = string> {
  /** VMs that may update this one. Without any only the test may, and whoever manages the machine. */
  readonly by?: VmName | readonly VmName[];
  /**
   * The VM in which a new image proves itself before it takes this one's place: with as many harts and as much RAM,
   * `autostart: false`, no channels and no devices of its own. What it says of itself besides are its image, core and schedule.
   */
  readonly shadow: VmName;
  /** Virtual time in which a new image must report that its self-test has passed. Default 100 ms. */
  readonly selfTest?: Nanoseconds;
  /**
   * The quiescent point. `when-idle`: all its harts wait for a message, a signal, activity or a release, it holds no lock
   * and owes no reply. `when-offered`: its guest says so (`update offer`), and hands its state over. Default `when-idle`.
   */
  readonly quiescence?: Quiescence;
  /** Virtual time in which there must be a quiescent point. Default 100 ms. */
  readonly switchWithin?: Nanoseconds;
  /** Virtual time for which a new image is watched; an error in it brings the old one back. */
  readonly probation: Nanoseconds;
  /** Bytes of each of its two image slots. Default: as many as the VM may have RAM. */
  readonly slotSize?: ByteCount;
  /** How long it takes to write the boot record. A loss of power in the middle tears it. Default 20 µs. */
  readonly recordTime?: Nanoseconds;
}

export interface SystemUpdate {
  readonly by: readonly string[];
  readonly shadow: string;
  readonly selfTest: Nanoseconds;
  readonly quiescence: Quiescence;
  readonly switchWithin: Nanoseconds;
  readonly probation: Nanoseconds;
  readonly slotSize: ByteCount;
  readonly recordTime: Nanoseconds;
}

/** The most bytes of one chunk, and of the state that a guest hands over: what a hypercall copies is bounded. */
export const LARGEST_CHUNK = 65_536;
export const LARGEST_HANDOVER = 4096;
