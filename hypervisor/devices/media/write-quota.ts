/** How much may be written to a disk or a flash in all: what was written counts for good, whatever becomes of the VM or the bytes. */
export class WriteQuota {
  /** Bytes so far. */
  written = 0;
  readonly #most: number | undefined;
  readonly #onExceeded: () => void;

  /** @param most bytes; undefined: no limit */
  constructor(most: number | undefined, onExceeded: () => void) {
    this.#most = most;
    this.#onExceeded = onExceeded;
  }

  /** Counts an operation that writes so many bytes; false, and nothing is counted, when they are too many. */
  take(bytes: number): boolean {
    if (this.#most !== undefined && this.written + bytes > this.#most) {
      this.#onExceeded();
      return false;
    }
    this.written += bytes;
    return true;
  }
}
