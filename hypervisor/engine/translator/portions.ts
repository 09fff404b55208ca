/**
 * A batch that is translated in portions, between which the guest runs on: no pause is longer than one portion takes. The
 * guest may change its code meanwhile; whoever installs the batch looks whether it is still what was translated.
 */
import type { Batch } from './batch';
import type { TranslationPolicy } from './policy';

/** The translator gets faster as it is used: of so many instructions that were translated, a portion may have one more. */
const TRANSLATED_PER_INSTRUCTION = 8;

export interface Underway {
  readonly batch: Batch;
  /** Of its regions, each counted for every region that it is in. */
  readonly instructions: number;
  /** It stands for all that is installed. */
  readonly isWhole: boolean;
  /** Some of it the guest comes to as its code is written. */
  readonly isLasting: boolean;
}

export class Portions {
  #underway: Underway | undefined;
  /** Cycles since the last portion. */
  #passed = 0;
  /** Instructions of all batches. */
  translated = 0;

  constructor(readonly policy: TranslationPolicy) {}

  get isUnderway(): boolean {
    return this.#underway !== undefined;
  }

  /** @returns the batch, if it is translated at once */
  begin(underway: Underway): Underway | undefined {
    this.translated += underway.instructions;
    if (this.policy.portion === Infinity) {
      underway.batch.translate(Infinity);
      return underway;
    }
    this.#underway = underway;
    this.#passed = 0;
    return undefined;
  }

  /** The guest has run for some cycles: translates the next portion if it is time. @returns what is ready to be installed */
  passed(cycles: number): Underway | undefined {
    const underway = this.#underway;
    if (underway === undefined) return undefined;
    this.#passed += cycles;
    if (this.#passed < this.policy.betweenPortions) return undefined;
    this.#passed = 0;
    const { batch } = underway;
    if (batch.isDone) {
      this.#underway = undefined;
      return underway;
    }
    batch.translate(Math.max(this.policy.portion, this.translated / TRANSLATED_PER_INSTRUCTION));
    return undefined;
  }
}
