/** The last frames that were sent on a network, for whoever looks at them whole: the trace only names them. */

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
  /** Frames that are kept. */
  readonly #capacity: number;
  #frames: LoggedFrame[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Oldest first. */
  get frames(): readonly LoggedFrame[] {
    return this.#frames.slice(-this.#capacity);
  }

  append(frame: LoggedFrame): void {
    this.#frames.push(frame);
    if (this.#frames.length > 2 * this.#capacity) this.#frames = this.#frames.slice(-this.#capacity);
  }

  /** The frame of this number, if it is kept. */
  find(sequence: number): LoggedFrame | undefined {
    return this.#frames.findLast((frame) => frame.sequence === sequence);
  }

  save(): FrameLogState {
    return this.#frames.slice(-this.#capacity);
  }

  restore(state: FrameLogState): void {
    this.#frames = state.slice();
  }
}
