/** Exception flags, as bits of fflags (unprivileged architecture, F, figure 11.2). */
export const FloatFlag = { inexact: 1, underflow: 2, overflow: 4, divideByZero: 8, invalid: 16 } as const;

/** Rounding modes, as frm and the rm field have them. */
export const Rounding = {
  nearestEven: 0,
  towardsZero: 1,
  down: 2,
  up: 3,
  nearestAway: 4,
} as const;
export type Rounding = (typeof Rounding)[keyof typeof Rounding];

/** rm: take the mode from frm. */
export const DYNAMIC_ROUNDING = 7;

/** What an operation rounds by, and the flags that it raises. */
export class FloatEnvironment {
  flags = 0;
  constructor(public rounding: Rounding = Rounding.nearestEven) {}

  raise(flag: number): void {
    this.flags |= flag;
  }
}
