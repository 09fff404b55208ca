/**
 * What statistics need of results: sums for each outcome. A tally takes a result at a time and stays as small as it is
 * for a million; tallies of parts add up to that of the whole.
 */
import { OUTCOME_NAMES, type Outcome, outcomeRow } from './outcomes';
import type { CampaignHead, FaultCount, InjectionResult, OutcomeCount, Rate } from './result';
import { clopperPearson, effectiveTrials, requireConfidence, upperBound } from './statistics';

export interface Sums {
  readonly injections: number;
  /** Faults of the space that they stand for. */
  readonly weight: number;
  /** Of the weights: says how uneven they are. */
  readonly squares: number;
}

/** A share of what is known: `of` is part of `among`. */
export interface Share {
  readonly of: readonly Outcome[];
  readonly among: readonly Outcome[];
}

/** Outcomes of faults that fired, which say something about the system. */
export const FIRED: readonly Outcome[] = OUTCOME_NAMES.filter((name) => outcomeRow(name).counts !== 'none');

const NOTHING: Sums = { injections: 0, weight: 0, squares: 0 };
const sum = (a: Sums, b: Sums): Sums => ({
  injections: a.injections + b.injections,
  weight: a.weight + b.weight,
  squares: a.squares + b.squares,
});

export class Tally {
  readonly #sums = new Map<Outcome, Sums>();

  /** What a summary was made of. */
  static from(outcomes: readonly OutcomeCount[]): Tally {
    const tally = new Tally();
    for (const { outcome, injections, weight, squares } of outcomes)
      if (injections > 0) tally.#sums.set(outcome, { injections, weight, squares });
    return tally;
  }

  add({ outcome, weight }: Pick<InjectionResult, 'outcome' | 'weight'>): void {
    this.#sums.set(outcome, sum(this.of([outcome]), { injections: 1, weight, squares: weight ** 2 }));
  }

  of(outcomes: readonly Outcome[]): Sums {
    return outcomes.reduce((total, outcome) => sum(total, this.#sums.get(outcome) ?? NOTHING), NOTHING);
  }

  get all(): Sums {
    return this.of(OUTCOME_NAMES);
  }
}

/** What a tally stands for. */
export type Population = Pick<CampaignHead, 'basis' | 'spaceSize'>;

/**
 * A share with its interval. Of the whole space it is exact; what is not known yet, or ended in `harness-error`, widens
 * it by all that could become of it. Of a sample it is Clopper and Pearson’s interval at the effective sample size, its
 * upper end with all of `harness-error` as hits, its lower end with none.
 * @returns null where there is nothing to take a share of
 */
export function rateOf(
  tally: Tally,
  { of, among }: Share,
  population: Population,
  confidence: number,
): Rate | null {
  requireConfidence('rateOf()', confidence);
  const hits = tally.of(of).weight;
  const all = tally.of(among);
  const unknown = unknownWeight(tally, among, population);
  if (all.weight + unknown === 0) return null;
  const estimate = all.weight === 0 ? 0 : hits / all.weight;
  if (population.basis === 'whole') {
    const low = hits / (all.weight + unknown);
    const high = (hits + unknown) / (all.weight + unknown);
    return { estimate, low, high, confidence: 1, method: unknown === 0 ? 'exact' : 'bounds' };
  }
  const { least, most } = sampled(tally, hits, among, unknown);
  return {
    estimate,
    low: clopperPearson({ ...least, confidence }).low,
    high: clopperPearson({ ...most, confidence }).high,
    confidence,
    method: 'clopper-pearson',
  };
}

/**
 * What a share is below with `confidence`, from one side: the exact share of a whole space, with all that is unknown as
 * hits, or Clopper and Pearson’s bound. 1 where nothing is known.
 */
export function upperBoundOf(
  tally: Tally,
  { of, among }: Share,
  population: Population,
  confidence: number,
): number {
  requireConfidence('upperBoundOf()', confidence);
  const hits = tally.of(of).weight;
  const unknown = unknownWeight(tally, among, population);
  const all = tally.of(among).weight + unknown;
  if (all === 0) return 1;
  if (population.basis === 'whole') return (hits + unknown) / all;
  return upperBound({ ...sampled(tally, hits, among, unknown).most, confidence });
}

/** What a share is above with `confidence`, from one side; 0 where nothing is known. */
export function lowerBoundOf(
  tally: Tally,
  { of, among }: Share,
  population: Population,
  confidence: number,
): number {
  // What is not a hit is below one minus it.
  const others = among.filter((outcome) => !of.includes(outcome));
  return 1 - upperBoundOf(tally, { of: others, among }, population, confidence);
}

/**
 * How many faults of the whole space are among `of`: counted, or extrapolated.
 * @returns null where the space has no size
 */
export function countOf(
  tally: Tally,
  of: readonly Outcome[],
  population: Population,
  confidence: number,
): FaultCount | null {
  const { spaceSize } = population;
  if (spaceSize === null) return null;
  const rate = rateOf(tally, { of, among: OUTCOME_NAMES }, population, confidence);
  if (rate === null) return { estimate: 0, low: 0, high: spaceSize };
  if (population.basis === 'whole') {
    const { weight } = tally.of(of);
    return { estimate: weight, low: weight, high: weight + unknownWeight(tally, OUTCOME_NAMES, population) };
  }
  const scaled = (share: number): number => share * spaceSize;
  return { estimate: scaled(rate.estimate), low: scaled(rate.low), high: scaled(rate.high) };
}

/** Weight that could belong to `among`, or to a part of it, and is not known to. */
function unknownWeight(tally: Tally, among: readonly Outcome[], { basis, spaceSize }: Population): number {
  const errors = among.includes('harness-error') ? 0 : tally.of(['harness-error']).weight;
  const missing = basis === 'whole' && spaceSize !== null ? Math.max(0, spaceSize - tally.all.weight) : 0;
  return errors + missing;
}

/** The trials of a sample at its effective size, with what is unknown as misses and as hits. */
function sampled(tally: Tally, hits: number, among: readonly Outcome[], unknown: number) {
  const known = tally.of(among);
  const errors = unknown === 0 ? NOTHING : tally.of(['harness-error']);
  const all = sum(known, errors);
  const trials = effectiveTrials(all.weight, all.squares);
  return {
    least: { trials, hits: (trials * hits) / all.weight },
    most: { trials, hits: (trials * (hits + errors.weight)) / all.weight },
  };
}
