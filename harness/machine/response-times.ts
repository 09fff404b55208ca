/** How long a VM's jobs, or the spans that its guest marks, have taken: statistics of what the trace has. */
import type { TraceEvent } from '../../hypervisor';
import { AuthorError } from '../author-error';

export interface ResponseTimesOptions {
  /** The span that the guest marks (`tv_trace_span_begin`). Default: jobs, from their release to their completion. */
  readonly span?: string;
  /** Only what began then or later, in virtual nanoseconds. Default 0. */
  readonly from?: number;
}

/** In virtual nanoseconds; all but the count are `NaN` where there was nothing. */
export interface ResponseTimes {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The difference between the longest and the shortest. */
  readonly jitter: number;
  /** Each of them, in order of their ends. */
  readonly all: readonly number[];
  /**
   * The least of them that so many percent do not exceed (nearest rank): `percentile(99)`.
   * @throws AuthorError for what is not above 0 and at most 100
   */
  percentile(percent: number): number;
}

export function responseTimes(
  events: readonly TraceEvent[],
  vm: string,
  { span, from = 0 }: ResponseTimesOptions,
): ResponseTimes {
  const durations = span === undefined ? jobs(events, vm, from) : spans(events, vm, span, from);
  return statistics(durations);
}

function jobs(events: readonly TraceEvent[], vm: string, from: number): readonly number[] {
  return events.flatMap((event) =>
    event.kind === 'completed' && event.vm === vm && event.released >= from
      ? [event.at - event.released]
      : [],
  );
}

/** Spans of one name nest within a hart; those that a restart cuts short do not count. */
function spans(events: readonly TraceEvent[], vm: string, span: string, from: number): readonly number[] {
  const open = new Map<number, number[]>();
  const durations: number[] = [];
  for (const event of events) {
    if (!('vm' in event) || event.vm !== vm) continue;
    if (event.kind === 'vm-started') open.clear();
    if ((event.kind !== 'span-begin' && event.kind !== 'span-end') || event.name !== span) continue;
    const hart = event.hart ?? 0;
    if (event.kind === 'span-begin') {
      open.set(hart, [...(open.get(hart) ?? []), event.at]);
      continue;
    }
    const began = open.get(hart)?.pop();
    if (began !== undefined && began >= from) durations.push(event.at - began);
  }
  return durations;
}

function statistics(all: readonly number[]): ResponseTimes {
  const sorted = all.slice().sort((one, other) => one - other);
  const count = sorted.length;
  const [min, max] = [sorted[0] ?? NaN, sorted.at(-1) ?? NaN];
  return {
    count,
    min,
    max,
    mean: sorted.reduce((sum, duration) => sum + duration, 0) / count,
    jitter: max - min,
    all,
    percentile: (percent) => {
      if (!(percent > 0 && percent <= 100))
        throw new AuthorError({
          code: 'bad-amount',
          where: 'percentile()',
          what: `${percent} is no percentage above 0 and at most 100.`,
          mend: 'Write for example percentile(99).',
        });
      return sorted[Math.ceil((percent / 100) * count) - 1] ?? NaN;
    },
  };
}
