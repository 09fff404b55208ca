/**
 * Intervals for shares: what a number of hits among a number of trials says about the share behind it. Trials may be
 * fractions: a weighted sample counts as its effective size (`effectiveTrials`).
 */
import type BetaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import { AuthorError } from '../author-error';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Trials {
  /** How many of the trials hit: from 0 to `trials`. */
  readonly hits: number;
  readonly trials: number;
  /** 0.95 and the like: how sure one wants to be that the interval holds the share. */
  readonly confidence: number;
}

/**
 * The interval of Clopper and Pearson (Biometrika 26, 1934): the share is within it at least as often as `confidence`
 * says, whatever the share and however few the trials. With no trials it is all from 0 to 1.
 * @throws AuthorError `bad-value`
 */
export function clopperPearson(given: Trials): Interval {
  const { hits, trials, confidence } = requireTrials('clopperPearson()', given);
  const tail = (1 - confidence) / 2;
  return {
    low: hits === 0 ? 0 : betaQuantile(tail, hits, trials - hits + 1),
    high: hits === trials ? 1 : betaQuantile(1 - tail, hits + 1, trials - hits),
  };
}

/**
 * The interval of Wilson (Journal of the American Statistical Association 22, 1927): narrower than Clopper and Pearson’s
 * and right on average, but not for every share. A sample that is stopped by its width goes by it.
 * @throws AuthorError `bad-value`
 */
export function wilson(given: Trials): Interval {
  const { hits, trials, confidence } = requireTrials('wilson()', given);
  if (trials === 0) return { low: 0, high: 1 };
  const z = normalQuantile((1 + confidence) / 2);
  const share = hits / trials;
  const scale = 1 + z ** 2 / trials;
  const middle = (share + z ** 2 / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  // At either end the two terms are equal, but for the last bit.
  return {
    low: hits === 0 ? 0 : Math.max(0, middle - half),
    high: hits === trials ? 1 : Math.min(1, middle + half),
  };
}

/**
 * The share is below this with `confidence`: Clopper and Pearson’s bound from one side. With no hits among n trials it
 * is about 3/n at 0.95 (the rule of three).
 * @throws AuthorError `bad-value`
 */
export function upperBound(given: Trials): number {
  const { hits, trials, confidence } = requireTrials('upperBound()', given);
  return hits === trials ? 1 : betaQuantile(confidence, hits + 1, trials - hits);
}

/**
 * How many unweighted trials a weighted sample is worth: the square of the sum of its weights by the sum of their
 * squares (Kish, Survey Sampling, 1965; with Clopper and Pearson’s interval: Korn and Graubard, Survey Methodology 24,
 * 1998). Equal to the number of trials where all weights are equal.
 */
export const effectiveTrials = (weight: number, squares: number): number =>
  squares === 0 ? 0 : weight ** 2 / squares;

/**
 * How many faults must be drawn from a space so that a share is known to `margin` either way, whatever it is
 * (Leveugle et al., DATE 2009, with p = 0.5).
 * @param spaceSize faults in the space; Infinity where it has no size
 * @throws AuthorError `bad-value`
 */
export function trialsFor({
  margin,
  confidence,
  spaceSize = Infinity,
}: {
  readonly margin: number;
  readonly confidence: number;
  readonly spaceSize?: number;
}): number {
  requireConfidence('trialsFor()', confidence);
  if (!(margin > 0 && margin < 1))
    throw badValue('trialsFor({ margin })', margin, 'Give a share such as 0.01.');
  const unlimited = normalQuantile((1 + confidence) / 2) ** 2 / (4 * margin ** 2);
  const needed = spaceSize === Infinity ? unlimited : spaceSize / (1 + (spaceSize - 1) / unlimited);
  return Math.ceil(needed - ROUNDING);
}

/** What the arithmetic above may be too large by. */
const ROUNDING = 1e-9;

/** @throws AuthorError `bad-value` unless it is above 0 and below 1 */
export function requireConfidence(where: string, confidence: number): void {
  if (!(confidence > 0 && confidence < 1))
    throw badValue(`${where}, confidence`, confidence, 'Give a share such as 0.95 or 0.99.');
}

function requireTrials(where: string, given: Trials): Trials {
  const { hits, trials, confidence } = given;
  requireConfidence(where, confidence);
  if (!(trials >= 0 && trials < Infinity))
    throw badValue(`${where}, trials`, trials, 'Give a number from 0.');
  if (!(hits >= 0 && hits <= trials * (1 + ROUNDING)))
    throw badValue(`${where}, hits`, hits, `Give a number from 0 to the ${trials} trials.`);
  return hits > trials ? { ...given, hits: trials } : given;
}

const badValue = (where: string, value: number, mend: string): AuthorError =>
  new AuthorError({ code: 'bad-value', where, what: `${value} is not possible.`, mend });

/** Where a beta distribution has `probability` to its left. Loaded when it is needed: few specs are campaigns. */
function betaQuantile(probability: number, alpha: number, beta: number): number {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above.
  const quantile = require('@stdlib/stats-base-dists-beta-quantile') as typeof BetaQuantile;
  return quantile(probability, alpha, beta);
}

/** Where the standard normal distribution has `probability` to its left, by halving; for probabilities from 0.5. */
function normalQuantile(probability: number): number {
  let low = 0;
  let high = 9;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalDistribution(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** By the series of Marsaglia (Journal of Statistical Software 11, 2004), to the last bits of a number. */
function normalDistribution(z: number): number {
  let term = z;
  let sum = z;
  for (let odd = 3; sum + term !== sum; odd += 2) {
    term *= z ** 2 / odd;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-(z ** 2) / 2)) / Math.sqrt(2 * Math.PI);
}
