/**
 * What windows supply a VM with: hierarchical analysis of a periodic job in a periodic schedule of windows (after
 * Davis and Burns, Hierarchical fixed priority pre-emptive scheduling, 2005), exact since windows are known. Nanoseconds.
 */
import type { SystemSchedule } from '../schedule-definition';

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The windows of a VM on a core within a major frame, without the switch at their beginning. */
export const windowsOf = (
  { windows }: SystemSchedule,
  vm: string,
  core: number,
  contextSwitch: number,
): readonly Stretch[] =>
  windows
    .filter((window) => window.vm === vm && window.core === core)
    .map(({ start, end }) => ({ start: Math.min(start + contextSwitch, end), end }));

/**
 * How long after its release at `from` (within the major frame) a job that needs `demand` is done.
 * @returns `undefined` when there are no windows
 */
export function servedAfter(
  windows: readonly Stretch[],
  majorFrame: number,
  from: number,
  demand: number,
): number | undefined {
  const perFrame = windows.reduce((sum, { start, end }) => sum + end - start, 0);
  if (perFrame <= 0) return undefined;
  let left = demand;
  for (let frame = 0; ; frame += majorFrame) {
    for (const { start, end } of windows) {
      const begin = Math.max(frame + start, from);
      const available = frame + end - begin;
      if (available <= 0) continue;
      if (available >= left) return begin + left - from;
      left -= available;
    }
  }
}

/** The latest of that over all releases, whenever they come: those at the end of a window wait longest. */
export function servedAfterAtWorst(
  windows: readonly Stretch[],
  majorFrame: number,
  demand: number,
): number | undefined {
  let worst: number | undefined;
  for (const { end } of windows) {
    const served = servedAfter(windows, majorFrame, end, demand);
    if (served !== undefined && served > (worst ?? 0)) worst = served;
  }
  return worst;
}
