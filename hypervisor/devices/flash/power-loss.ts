/**
 * What a part is left with whose power fails, or which is reset, in the middle of an operation. Cells change one by one
 * and in no order that anybody promises, so each word has changed wholly, partly or not at all, the more of them
 * the longer the operation had gone on.
 */
import type { Random } from '../../../platform/random';

const SCALE = 2 ** 16;
const TOP_BIT = 2 ** 31;

/**
 * Of words that were to change, what has become of each: a function of the word and what it was to become.
 * @param progress how much of the operation's time had passed, from 0 to 1.
 */
export function interrupted(random: Random, progress: number): (word: number, aim: number) => number {
  const certain = Math.floor(progress * SCALE);
  return (word, aim) => {
    if (random.below(SCALE) < certain) return aim;
    // Half of the words that have not changed wholly have not changed at all.
    const drawn = random.next();
    return drawn < TOP_BIT ? word : word ^ ((word ^ aim) & drawn);
  };
}
