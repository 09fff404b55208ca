/**
 * Work that is done in portions, between which the guest runs on: no pause is longer than one portion takes. The guest may
 * change its code meanwhile; whoever installs what comes of it looks whether it is still what was translated.
 */
import type { TranslationPolicy } from './policy';

/** Work that may rest wherever it yields: how much was done since the last time, as instructions that are translated. */
export type Work<Result> = Generator<number, Result, undefined>;

/** All work at once. */
export function allOf<Result>(work: Work<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** The translator gets faster as it is used: of so many instructions that were translated, a portion may have one more. */
const TRANSLATED_PER_INSTRUCTION = 8;

export class Portions {
  #underway: Work<void> | undefined;
  /** Cycles since the last portion. */
  #passed = 0;
  /** Instructions of all batches. */
  translated = 0;

  constructor(readonly policy: TranslationPolicy) {}

  get isUnderway(): boolean {
    return this.#underway !== undefined;
  }

  /** Does work in portions from now on, or at once where the policy knows none. */
  begin(work: Work<void>): void {
    if (this.policy.portion === Infinity) {
      allOf(work);
      return;
    }
    this.#underway = work;
    this.#passed = 0;
  }

  /** The guest has run for some cycles: does the next portion if it is time. */
  passed(cycles: number): void {
    const underway = this.#underway;
    if (underway === undefined) return;
    this.#passed += cycles;
    if (this.#passed < this.policy.betweenPortions) return;
    this.#passed = 0;
    let left = Math.max(this.policy.portion, this.translated / TRANSLATED_PER_INSTRUCTION);
    while (left > 0) {
      const { done, value } = underway.next();
      if (done === true) {
        this.#underway = undefined;
        return;
      }
      left -= value;
    }
  }
}
