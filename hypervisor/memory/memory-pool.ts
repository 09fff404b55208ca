import { HypervisorBug } from '../bug';

/**
 * Memories of disposed machines, to be used again: creating one is cheap, but the first touch of its pages costs
 * about 1.5 ms a MiB. A memory is handed out all zero; only what its last user dirtied is cleared.
 */
export interface DirtyRange {
  readonly start: number;
  readonly end: number;
}

interface Pooled {
  readonly memory: WebAssembly.Memory;
  readonly dirty: readonly DirtyRange[];
}

const WASM_PAGE = 65536;
const MOST_WASM_PAGES = 65536;
/** More than this to clear, and a fresh memory is the cheaper one. */
const MOST_DIRTY_BYTES = 64 * 1024 * 1024;
const MOST_POOLED = 8;

const pool: Pooled[] = [];

/** A memory of at least `size` bytes, all zero. */
export function takeMemory(size: number): WebAssembly.Memory {
  const pages = Math.ceil(size / WASM_PAGE);
  if (pages > MOST_WASM_PAGES) {
    throw new HypervisorBug(
      `a machine's memory of ${size} bytes is more than the 4 GiB a WebAssembly memory can hold`,
    );
  }
  const fitting = pool.findIndex(({ memory }) => memory.buffer.byteLength >= size);
  const pooled = pool.splice(fitting === -1 ? pool.length - 1 : fitting, 1)[0];
  if (pooled === undefined) return new WebAssembly.Memory({ initial: pages, maximum: MOST_WASM_PAGES });
  const { memory, dirty } = pooled;
  const bytes = new Uint8Array(memory.buffer);
  for (const { start, end } of dirty) bytes.fill(0, start, end);
  const missing = pages - memory.buffer.byteLength / WASM_PAGE;
  if (missing > 0) memory.grow(missing);
  return memory;
}

/** Gives a memory back; nobody may use its views afterwards. */
export function returnMemory(memory: WebAssembly.Memory, dirty: readonly DirtyRange[]): void {
  const dirtyBytes = dirty.reduce((sum, { start, end }) => sum + end - start, 0);
  if (dirtyBytes > MOST_DIRTY_BYTES || pool.length >= MOST_POOLED) return;
  pool.push({ memory, dirty });
}
