/** The last frames that were sent on a network, for whoever looks at them whole: the trace only names them. */

/** Frames that are kept. */
export const LOGGED_FRAMES = 1024;

export interface LoggedFrame {
  /** Virtual nanoseconds. */
  readonly at: number;
  /** Who sent it: a VM or the test, and by which of its NICs. */
  readonly sender: string;
  readonly nic: number;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

export type FrameLogState = readonly LoggedFrame[];

export class FrameLog {
  #frames: LoggedFrame[] = [];

  /** Oldest first. */
  get frames(): readonly LoggedFrame[] {
    return this.#frames.slice(-LOGGED_FRAMES);
  }

  append(frame: LoggedFrame): void {
    this.#frames.push(frame);
    if (this.#frames.length > 2 * LOGGED_FRAMES) this.#frames = this.#frames.slice(-LOGGED_FRAMES);
  }

  /** The frame of this number, if it is kept. */
  find(sequence: number): LoggedFrame | undefined {
    return this.#frames.findLast((frame) => frame.sequence === sequence);
  }

  save(): FrameLogState {
    return this.#frames.slice(-LOGGED_FRAMES);
  }

  restore(state: FrameLogState): void {
    this.#frames = state.slice();
  }
}
