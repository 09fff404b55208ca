/**
 * The contents of a disk or a flash: blocks that were written, over a source that never changes. Copy on write: saving
 * copies no contents, and a block is copied when it is written for the first time after that.
 */
import { HypervisorBug } from '../../bug';
import type { MediaSource } from './media-source';

/** The unit in which contents are shared and copied, in bytes. */
export const MEDIA_BLOCK = 4096;

/** Contents at one moment. The bytes are shared with whoever else holds them: nobody may change them. */
export interface MediaState {
  /** Numbers of the blocks that differ from the source, and the contents of each. */
  readonly blocks: readonly number[];
  readonly contents: readonly Uint8Array[];
}

const ZEROES = new Uint8Array(MEDIA_BLOCK);
const { floor, min, max } = Math;

export class Media {
  /** Bytes. */
  readonly size: number;
  readonly #source: MediaSource;
  readonly #blocks = new Map<number, Uint8Array>();
  /** Blocks that nobody else holds: these may be changed in place. */
  readonly #own = new Set<number>();
  /** As they were saved or restored last, until something changes. */
  #saved: MediaState | undefined;

  constructor(source: MediaSource, size: number) {
    this.#source = source;
    this.size = size;
  }

  /** A copy of the bytes from `offset` on. Throws `HypervisorBug` for what is not within the size. */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#each(offset, length, (block, from, at, size) => {
      const content = this.#blocks.get(block);
      if (content !== undefined) bytes.set(content.subarray(from, from + size), at);
      else this.#readSource(block * MEDIA_BLOCK + from, bytes.subarray(at, at + size));
    });
    return bytes;
  }

  /** Throws `HypervisorBug` for what is not within the size. */
  write(offset: number, bytes: Uint8Array): void {
    this.#each(offset, bytes.length, (block, from, at, size) =>
      this.#changeable(block).set(bytes.subarray(at, at + size), from),
    );
  }

  /** Sets bytes to zero; whole blocks of zeroes take no memory. */
  zero(offset: number, length: number): void {
    this.#each(offset, length, (block, from, _at, size) => {
      if (size < MEDIA_BLOCK) this.#changeable(block).fill(0, from, from + size);
      else {
        this.#saved = undefined;
        this.#blocks.set(block, ZEROES);
        this.#own.delete(block);
      }
    });
  }

  save(): MediaState {
    if (this.#saved !== undefined) return this.#saved;
    this.#own.clear();
    const blocks = [...this.#blocks.keys()].sort((a, b) => a - b);
    return (this.#saved = { blocks, contents: blocks.map((block) => this.#blocks.get(block)!) });
  }

  restore(state: MediaState): void {
    if (state === this.#saved) return;
    this.#saved = state;
    this.#blocks.clear();
    this.#own.clear();
    state.blocks.forEach((block, index) => this.#blocks.set(block, state.contents[index]!));
  }

  /** The bytes of a block, to be changed. */
  #changeable(block: number): Uint8Array {
    this.#saved = undefined;
    const content = this.#blocks.get(block);
    if (content !== undefined && this.#own.has(block)) return content;
    const copy = new Uint8Array(MEDIA_BLOCK);
    if (content !== undefined) copy.set(content);
    else this.#readSource(block * MEDIA_BLOCK, copy);
    this.#blocks.set(block, copy);
    this.#own.add(block);
    return copy;
  }

  #readSource(offset: number, target: Uint8Array): void {
    const length = max(0, min(target.length, this.#source.size - offset));
    if (length > 0) target.set(this.#source.read(offset, length));
  }

  /** The parts of a range, block by block: block, offset within it, offset within the range, bytes. */
  #each(
    offset: number,
    length: number,
    visit: (block: number, from: number, at: number, size: number) => void,
  ): void {
    if (offset < 0 || length < 0 || offset + length > this.size)
      throw new HypervisorBug(`bytes ${offset} to ${offset + length} of a medium of ${this.size}`);
    for (let at = 0; at < length;) {
      const block = floor((offset + at) / MEDIA_BLOCK);
      const from = offset + at - block * MEDIA_BLOCK;
      const size = min(MEDIA_BLOCK - from, length - at);
      visit(block, from, at, size);
      at += size;
    }
  }
}
