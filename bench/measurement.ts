/** A figure, and what is promised of it. */
export interface Measurement {
  readonly name: string;
  /** Median of the runs, unless the name says otherwise. */
  readonly value: number;
  readonly unit: string;
  readonly runs: number;
  /** What is promised: at most (or, for speeds, at least) this. */
  readonly promise?: Promised;
}

export interface Promised {
  readonly is: 'at most' | 'at least';
  readonly value: number;
}

export const isKept = (value: number, promise: Promised): boolean =>
  promise.is === 'at most' ? value <= promise.value : value >= promise.value;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('the median of nothing');
  return (low + high) / 2;
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/**
 * Milliseconds that this process was busy with something: wall-clock time or processor time, whichever is less. Other
 * programs on the machine add to the one, V8's own threads to the other.
 */
export async function busyMilliseconds(work: () => unknown): Promise<number> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.min(performance.now() - start, (user + system) / 1000);
}

/** How long each of `runs` calls kept this process busy; `warmUp` calls before them do not count. */
export async function milliseconds(
  runs: number,
  warmUp: number,
  work: () => unknown,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = -warmUp; run < runs; run++) {
    const time = await busyMilliseconds(work);
    if (run >= 0) times.push(time);
  }
  return times;
}
