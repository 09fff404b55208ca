/** Not a new one each time: most queues are empty whenever they are saved. */
export const NO_BYTES = new Uint8Array(0);

/** A bounded first-in, first-out queue of bytes; takes memory as it fills, never more than its capacity. */
export class ByteQueue {
  readonly capacity: number;
  #ring: Uint8Array;
  #first = 0;
  #length = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#ring = new Uint8Array(Math.min(capacity, FIRST_SIZE));
  }

  get length(): number {
    return this.#length;
  }

  /** Appends the low 8 bits; false, and nothing done, when full. */
  push(byte: number): boolean {
    if (this.#length === this.capacity) return false;
    if (this.#length === this.#ring.length) this.#grow();
    let at = this.#first + this.#length;
    if (at >= this.#ring.length) at -= this.#ring.length;
    this.#ring[at] = byte;
    this.#length++;
    return true;
  }

  /** Takes the oldest byte; -1 when empty. */
  shift(): number {
    if (this.#length === 0) return -1;
    const byte = this.#ring[this.#first]!;
    this.#first = this.#first + 1 === this.#ring.length ? 0 : this.#first + 1;
    this.#length--;
    return byte;
  }

  clear(): void {
    this.#first = 0;
    this.#length = 0;
  }

  /** All bytes, oldest first; a copy. */
  toBytes(): Uint8Array {
    if (this.#length === 0) return NO_BYTES;
    const bytes = new Uint8Array(this.#length);
    const head = Math.min(this.#length, this.#ring.length - this.#first);
    bytes.set(this.#ring.subarray(this.#first, this.#first + head));
    bytes.set(this.#ring.subarray(0, this.#length - head), head);
    return bytes;
  }

  /** Holds exactly these bytes from now on; at most `capacity` of them. */
  fill(bytes: Uint8Array): void {
    if (this.#ring.length < bytes.length) this.#ring = new Uint8Array(bytes.length);
    this.#ring.set(bytes);
    this.#first = 0;
    this.#length = bytes.length;
  }

  #grow(): void {
    const bytes = this.toBytes();
    this.#ring = new Uint8Array(Math.min(this.capacity, this.#ring.length * 2));
    this.#ring.set(bytes);
    this.#first = 0;
  }
}

const FIRST_SIZE = 256;
