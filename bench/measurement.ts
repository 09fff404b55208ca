/** A figure, and what it is to be compared with. */
export interface Measurement {
  readonly name: string;
  /** Median of the runs. */
  readonly value: number;
  readonly unit: string;
  readonly runs: number;
  /** What is promised: at most (or, for speeds, at least) this. */
  readonly promise?: { readonly is: 'at most' | 'at least'; readonly value: number };
  /** The same work done by another program on this machine, in the same unit. */
  readonly peers?: readonly { readonly name: string; readonly value: number }[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('the median of nothing');
  return (low + high) / 2;
}

/** Milliseconds that each of `runs` calls took; `warmUp` calls before them do not count. */
export async function milliseconds(
  runs: number,
  warmUp: number,
  run: () => unknown,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = -warmUp; index < runs; index++) {
    const start = performance.now();
    await run();
    if (index >= 0) times.push(performance.now() - start);
  }
  return times;
}
