/** Plans: which faults of a space are injected, and in which order. */
import { Random } from '../../platform/random';
import type { Nanoseconds } from '../../platform/units';
import { AuthorError } from '../author-error';
import type { EventPattern } from '../machine/event-pattern';
import { requireWholeNumber } from '../machine/require-amount';
import { durationText } from '../report/time-text';
import type { GoldenRecord } from './engine/golden-run';
import { OUTCOME_NAMES } from './outcomes';
import type { Basis } from './result';
import type { ResolvedSpace, SpaceFault } from './space';
import { trialsFor, wilson } from './statistics';
import type { Tally } from './tally';

/** The injections of a plan in one campaign. */
export interface Injections {
  readonly planned: number;
  readonly basis: Basis;
  /**
   * Faults that these stand for, where that is not all of the space; null where they are drawn from more than the space
   * has: combinations of its faults.
   */
  readonly spaceSize?: number | null;
  /** @param index from 0, less than `planned` */
  at(index: number): SpaceFault;
  /** See `OpenCampaign.isEnough`. */
  isEnough(tally: Tally): boolean;
}

export interface Plan {
  /** In words: `exhaustive`. */
  readonly describe: string;
  draw(space: ResolvedSpace, seed: number, prunes: boolean, golden: GoldenRecord): Injections;
}

const never = (): boolean => false;

/** Every fault of the space; with pruning, one of each class. */
export const exhaustive = (): Plan => ({
  describe: 'exhaustive',
  draw: (space, _seed, prunes) => ({
    planned: prunes ? space.classCount : space.size,
    basis: 'whole',
    at: (index) => (prunes ? space.classAt(index) : space.at(index)),
    isEnough: never,
  }),
});

export interface SampleOptions {
  /** How far off a share may be, either way: 0.01 is a percentage point. Default 0.01, unless `size` is given. */
  readonly margin?: number;
  /** How sure that must be. Default 0.95. */
  readonly confidence?: number;
  /** So many faults, whatever interval that gives. */
  readonly size?: number;
}

const DEFAULT_MARGIN = 0.01;
const DEFAULT_CONFIDENCE = 0.95;
/** Before so many, an interval that looks narrow may be luck. */
const FEWEST = 100;

/**
 * Faults drawn from the space at random, each as likely as any other, one independently of the other. With a margin, as
 * many as that may need at most; fewer once every outcome's interval (Wilson) is as narrow.
 */
export const sample = ({ margin, confidence = DEFAULT_CONFIDENCE, size }: SampleOptions = {}): Plan => {
  if (size !== undefined && margin !== undefined)
    throw new AuthorError({
      code: 'bad-campaign',
      where: 'sample({ margin, size })',
      what: 'either decides how many faults are drawn.',
      mend: 'Give one of them.',
    });
  if (size !== undefined) requireWholeNumber('sample({ size })', size, 1);
  const width = size === undefined ? (margin ?? DEFAULT_MARGIN) : undefined;
  return {
    describe:
      width === undefined
        ? `sample of ${size}`
        : `sample to ±${width * 100} % with ${confidence * 100} % confidence`,
    draw(space, seed) {
      const planned =
        space.size === 0 ? 0 : (size ?? trialsFor({ margin: width!, confidence, spaceSize: space.size }));
      const random = new Random(seed);
      const drawn = Float64Array.from({ length: planned }, () => belowOf(random, space.size));
      return {
        planned,
        basis: 'sample',
        at: (index) => space.at(drawn[index]!),
        isEnough: (tally) => width !== undefined && isNarrow(tally, width, confidence),
      };
    },
  };
};

/** Faults of the space (one of each class) that happen within a while of certain events of the golden run. */
export const around = (pattern: EventPattern, { within }: { readonly within: Nanoseconds }): Plan => ({
  describe: `within ${durationText(within)} of ${pattern.describe}`,
  draw(space, _seed, prunes, golden) {
    const moments = golden.events.filter((event) => pattern.matches(golden.test, event)).map(({ at }) => at);
    if (moments.length === 0)
      throw new AuthorError({
        code: 'bad-campaign',
        where: 'around()',
        what: `${pattern.describe} does not occur in the golden run.`,
        mend: 'Choose an event of the workload: golden.events lists them.',
      });
    const { planned, at } = exhaustive().draw(space, 0, prunes, golden);
    const chosen: number[] = [];
    let spaceSize = 0;
    for (let index = 0; index < planned; index++) {
      const { at: when, weight } = at(index);
      if (when === null || !moments.some((moment) => Math.abs(moment - when) <= within)) continue;
      chosen.push(index);
      spaceSize += weight;
    }
    return {
      planned: chosen.length,
      basis: 'whole',
      spaceSize,
      at: (index) => at(chosen[index]!),
      isEnough: never,
    };
  },
});

/** Spaces may have more faults than 2^32. */
function belowOf(random: Random, limit: number): number {
  if (limit <= 2 ** 32) return random.below(limit);
  for (;;) {
    const drawn = random.below(Math.ceil(limit / 2 ** 20)) * 2 ** 20 + random.below(2 ** 20);
    if (drawn < limit) return drawn;
  }
}

function isNarrow(tally: Tally, margin: number, confidence: number): boolean {
  const trials = tally.all.injections;
  if (trials < FEWEST) return false;
  return OUTCOME_NAMES.map((outcome) => tally.of([outcome]).injections).every((hits) => {
    const { low, high } = wilson({ hits, trials, confidence });
    return hits === 0 || (high - low) / 2 <= margin;
  });
}
