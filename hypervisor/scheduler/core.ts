/** A virtual core: its own clock, and whose turn it is. */
export interface Core {
  readonly number: number;
  /** Cycles since the machine started. A core with nothing to run is lifted along by the others. */
  time: number;
  /** The hart that has the core, by its number in the machine; `null`: none. */
  current: number | null;
  /** The hart that should have it, where harts move between cores; `null`: none, or nobody moves here. */
  given: number | null;
  /** The hart that had it last: to return to it is no context switch. */
  last: number | null;
  /** When the turn of `current` among its equals is over. */
  sliceEndsAt: number;
}

export const createCores = (count: number): Core[] =>
  Array.from({ length: count }, (_, number) => ({
    number,
    time: 0,
    current: null,
    given: null,
    last: null,
    sliceEndsAt: 0,
  }));
