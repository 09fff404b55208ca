/** Most cycles that the interpreter goes on for. */
const MOST_PASSED = 256;

/** Where translated code could not go on when it was last run. */
export class LastTry {
  /** -1: it may by now. */
  at = -1;
  /**
   * For how many cycles the interpreter goes on there, not stopped by markers. Where function after function leaves before
   * its first instruction, as those do that a `memset` jumps into the middle of where it stores to watched pages, for
   * more each time.
   */
  passes = 1;

  note(at: number, hasRun: boolean): void {
    this.at = at;
    this.passes = hasRun ? 1 : Math.min(2 * this.passes, MOST_PASSED);
  }

  forget(): void {
    this.at = -1;
  }
}
