import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { MediaSource } from '../../hypervisor';

/** The unit in which a file is kept, in bytes. Those that are all zero take no memory. */
const CHUNK = 64 * 1024;
const EMPTY = new Uint8Array(CHUNK);

/** Contents already read by this process, by path; a file that has changed is read again. */
const known = new Map<string, { readonly stamp: string; readonly source: MediaSource }>();

/**
 * What a file holds, as the first contents of a disk: read once, kept without its empty parts, and shared by all
 * machines.
 * @param path absolute, of a file that exists; throws what the file system throws
 */
export function mediaFile(path: string): MediaSource {
  const { size, mtimeMs } = statSync(path);
  const stamp = `${mtimeMs} ${size}`;
  const before = known.get(path);
  if (before?.stamp === stamp) return before.source;
  const source = chunkedSource(size, readChunks(path, size));
  known.set(path, { stamp, source });
  return source;
}

function readChunks(path: string, size: number): ReadonlyMap<number, Uint8Array> {
  const chunks = new Map<number, Uint8Array>();
  const file = openSync(path, 'r');
  try {
    for (let offset = 0; offset < size; offset += CHUNK) {
      const chunk = new Uint8Array(CHUNK);
      let filled = 0;
      for (let read = -1; read !== 0 && filled < CHUNK; filled += read)
        read = readSync(file, chunk, filled, CHUNK - filled, offset + filled);
      if (Buffer.compare(chunk, EMPTY) !== 0) chunks.set(offset / CHUNK, chunk);
    }
  } finally {
    closeSync(file);
  }
  return chunks;
}

const chunkedSource = (size: number, chunks: ReadonlyMap<number, Uint8Array>): MediaSource => ({
  size,
  read: (offset, length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const number = Math.floor((offset + at) / CHUNK);
      const from = offset + at - number * CHUNK;
      const chunk = chunks.get(number);
      const part = Math.min(CHUNK - from, length - at);
      if (chunk !== undefined) bytes.set(chunk.subarray(from, from + part), at);
      at += part;
    }
    return bytes;
  },
});
