import { HypervisorBug } from '../bug';
import { type Arrangement, type MemoryRange, MOST_MEMORY, sizeOf, usedBytes } from './arrangement';

/**
 * Memories of disposed machines, to be used again: creating one is cheap, but the first touch of its pages costs
 * about 1.5 ms a MiB. A memory is handed out all zero; only what its last user dirtied is cleared.
 *
 * They are shared ones, though no two threads use one: V8 counts the bytes of any other, 2 GiB of nothing among them, and
 * would collect all garbage at once for each new memory. Of shared ones it counts nothing, and would not know what machines
 * hold that nobody uses any more. So a buffer stands for each, as large as what is in use, that nobody ever touches.
 */
interface Pooled {
  readonly memory: WebAssembly.Memory;
  readonly dirty: readonly MemoryRange[];
}

const WASM_PAGE = 65536;
export const MOST_WASM_PAGES = MOST_MEMORY / WASM_PAGE;
/** More than this to clear, and a fresh memory is the cheaper one. */
const MOST_DIRTY_BYTES = 64 * 1024 * 1024;
const MOST_POOLED = 8;

const pool: Pooled[] = [];
const counted = new WeakMap<WebAssembly.Memory, ArrayBuffer>();

/**
 * A memory for all of an arrangement, all zero.
 * @throws RangeError where the host has no room for it
 */
export function takeMemory(arrangement: Arrangement): WebAssembly.Memory {
  const memory = takeOrMake(sizeOf(arrangement));
  const bytes = usedBytes(arrangement);
  if ((counted.get(memory)?.byteLength ?? 0) < bytes) counted.set(memory, new ArrayBuffer(bytes));
  return memory;
}

function takeOrMake(size: number): WebAssembly.Memory {
  const pages = Math.ceil(size / WASM_PAGE);
  if (pages > MOST_WASM_PAGES) {
    throw new HypervisorBug(
      `a machine's memory of ${size} bytes is more than the 4 GiB a WebAssembly memory can hold`,
    );
  }
  const fitting = pool.findIndex(({ memory }) => memory.buffer.byteLength >= size);
  const pooled = pool.splice(fitting === -1 ? pool.length - 1 : fitting, 1)[0];
  if (pooled === undefined)
    return new WebAssembly.Memory({ initial: pages, maximum: MOST_WASM_PAGES, shared: true });
  const { memory, dirty } = pooled;
  const bytes = new Uint8Array(memory.buffer);
  for (const { start, end } of dirty) bytes.fill(0, start, end);
  const missing = pages - memory.buffer.byteLength / WASM_PAGE;
  if (missing > 0) memory.grow(missing);
  return memory;
}

/** Gives a memory back; nobody may use its views afterwards. */
export function returnMemory(memory: WebAssembly.Memory, dirty: readonly MemoryRange[]): void {
  const dirtyBytes = dirty.reduce((sum, { start, end }) => sum + end - start, 0);
  if (dirtyBytes > MOST_DIRTY_BYTES || pool.length >= MOST_POOLED) return;
  pool.push({ memory, dirty });
}
