/** The memory that a driver hands to a device: pieces of RAM, read or written as if they were one run of bytes. */
import type { Dma } from '../dma';

/** A piece of a buffer: guest-physical and within RAM, which whoever made it has checked. */
export interface Segment {
  readonly address: number;
  readonly length: number;
}

/** The buffers of one request: the device reads from some, then writes into others. Plain data. */
export interface DescriptorChain {
  /** Index of its first descriptor: what the device gives back. */
  readonly head: number;
  readonly readable: readonly Segment[];
  readonly writable: readonly Segment[];
}

export function lengthOf(segments: readonly Segment[]): number {
  let total = 0;
  for (const { length } of segments) total += length;
  return total;
}

/** Copies up to `length` bytes that begin `offset` bytes into the segments; as many as there are. */
export function gather(dma: Dma, segments: readonly Segment[], offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, lengthOf(segments) - offset)));
  each(segments, offset, bytes.length, (address, from, size) =>
    dma.read(address, bytes.subarray(from, from + size)),
  );
  return bytes;
}

/** Writes the bytes from `offset` bytes into the segments on, as far as they reach. @returns how many fitted. */
export function scatter(dma: Dma, segments: readonly Segment[], offset: number, bytes: Uint8Array): number {
  return each(segments, offset, bytes.length, (address, from, size) =>
    dma.write(address, bytes.subarray(from, from + size)),
  );
}

/** The pieces of [offset, offset + length) in order. @returns the sum of their sizes. */
function each(
  segments: readonly Segment[],
  offset: number,
  length: number,
  visit: (address: number, from: number, size: number) => void,
): number {
  let skip = offset;
  let done = 0;
  for (const segment of segments) {
    if (done === length) break;
    const size = Math.min(segment.length - skip, length - done);
    if (size > 0) {
      visit(segment.address + skip, done, size);
      done += size;
      skip = 0;
    } else skip -= segment.length;
  }
  return done;
}
