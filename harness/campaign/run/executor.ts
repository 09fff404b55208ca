/** Who carries out injections: threads of this process, or workers anywhere. */
import type { InjectionResult } from '../result';

/** Injections that are carried out together. */
export interface Chunk {
  /** Equal chunks of equal campaigns have equal names. */
  readonly from: number;
  readonly to: number;
  /** Those of them that have no result yet. */
  readonly missing: readonly number[];
}

export interface Executor {
  /** How many chunks it works on at a time. */
  readonly width: number;
  /** The results of a chunk’s missing injections, and perhaps of others of it. */
  run(chunk: Chunk): Promise<readonly InjectionResult[]>;
  close(): Promise<void>;
}

/** Small enough that a kill costs little and workers end together, large enough that handing it over costs nothing. */
export const CHUNK = 50;

/**
 * The chunks of a plan that lack results. They begin at multiples of their size, whatever is there already, so that
 * whoever goes on with a campaign asks for the same chunks.
 */
export function* chunksOf(missing: Iterable<number>): Generator<Chunk> {
  let open: { from: number; missing: number[] } | undefined;
  for (const index of missing) {
    const from = index - (index % CHUNK);
    if (open !== undefined && open.from !== from) yield { ...open, to: open.from + CHUNK };
    if (open?.from !== from) open = { from, missing: [] };
    open.missing.push(index);
  }
  if (open !== undefined) yield { ...open, to: open.from + CHUNK };
}

async function wantedOf(executor: Executor, chunk: Chunk): Promise<readonly InjectionResult[]> {
  const wanted = new Set(chunk.missing);
  const results = await executor.run(chunk);
  return results.filter(({ index }) => wanted.has(index)).sort((a, b) => a.index - b.index);
}

/** The results of chunks in the order of their indexes, while an executor works on several. */
export async function* inOrder(executor: Executor, chunks: Iterable<Chunk>): AsyncGenerator<InjectionResult> {
  const begun: Promise<readonly InjectionResult[]>[] = [];
  const ahead = executor.width * 4;
  const rest = chunks[Symbol.iterator]();
  try {
    for (;;) {
      while (begun.length < ahead) {
        const next = rest.next();
        if (next.done === true) break;
        const running = wantedOf(executor, next.value);
        // It is awaited below, perhaps after another has failed.
        running.catch(() => {});
        begun.push(running);
      }
      const first = begun.shift();
      if (first === undefined) return;
      yield* await first;
    }
  } finally {
    await Promise.allSettled(begun);
  }
}
