/**
 * The port of a switch behind which the same switch goes on in another machine: some of the stations are here, those that have
 * moved are there. Frames leave one after the other, each after the time that it takes on the wire, and wait until they
 * are carried across. What waits is bounded, as at every port; what is dropped is dropped for those whom it would reach.
 */
import { ETHERNET_HEADER } from '../../platform/ethernet';
import type { DropReason, Frame } from './frame';
import type { Wire } from './port';

/** Frames that have left and wait to be carried across: perhaps nobody carries them any more. */
export const LARGEST_WAITING = 16_384;
const { max } = Math;

/** A frame that leaves, and the cycle at which its last byte has. */
export interface LeavingFrame {
  readonly frame: Frame;
  readonly due: number;
  /** Ports that it would reach there. */
  readonly to: readonly number[];
}

export interface UplinkState {
  /** Ports whose stations are there. */
  readonly away: readonly number[];
  /** In the order in which they leave. */
  readonly leaving: readonly LeavingFrame[];
}

export interface UplinkOptions extends Wire {
  readonly dropped: (port: number, frame: Frame, why: DropReason) => void;
}

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #away: readonly number[];
  readonly #leaving: LeavingFrame[];

  constructor(options: UplinkOptions, { away, leaving }: UplinkState) {
    this.#options = options;
    this.#away = away;
    this.#leaving = leaving.slice();
  }

  /** Whether the station of a port is in the other machine. */
  isAway(port: number): boolean {
    return this.#away.includes(port);
  }

  /**
   * The switch forwards a frame to the other machine at a cycle.
   * @param to ports that it would reach there; none: nobody is to hear it
   */
  forward(frame: Frame, now: number, to: readonly number[]): void {
    if (to.length === 0) return;
    const { capacity, wireTime, dropped } = this.#options;
    // Of this a fault has left no frame.
    if (frame.bytes.length < ETHERNET_HEADER) return dropped(frame.from, frame, 'malformed');
    const leaving = this.#leaving;
    const onWire = leaving.length - 1 - leaving.findLastIndex(({ due }) => due <= now);
    if (onWire >= capacity || leaving.length >= LARGEST_WAITING)
      return this.#lose({ frame, to }, 'queue-full');
    const due = max(now, leaving.at(-1)?.due ?? 0) + wireTime(frame.bytes.length);
    leaving.push({ frame, due, to });
  }

  /** Takes the oldest frame that has left by a cycle. */
  take(now: number): LeavingFrame | undefined {
    return (this.#leaving[0]?.due ?? Infinity) <= now ? this.#leaving.shift() : undefined;
  }

  /** Nobody carries anything across any more: what waits is lost. */
  end(): void {
    for (const leaving of this.#leaving.splice(0)) this.#lose(leaving, 'link-down');
  }

  save(): UplinkState {
    return { away: this.#away, leaving: this.#leaving.slice() };
  }

  #lose({ frame, to }: Pick<LeavingFrame, 'frame' | 'to'>, why: DropReason): void {
    for (const port of to) this.#options.dropped(port, frame, why);
  }
}
