/** What a campaign’s results come to: a result at a time, so that a million take no more memory than a thousand. */
import { FIGURE_NAMES, FIGURES, shareOf } from './figures';
import { OUTCOME_NAMES, outcomeRow } from './outcomes';
import { FailureGroups } from './failure-groups';
import type { CampaignHead, CampaignSummary, InjectionResult, RecoveryTimes } from './result';
import { PropertyTally } from './properties';
import { countOf, rateOf, Tally } from './tally';

/** What intervals hold with, unless one asks for something else. */
export const DEFAULT_CONFIDENCE = 0.95;

/** Where there are more recovery times than this, further ones count as up to a per cent longer. */
const MOST_TIMES = 10_000;
const DIGITS = 3;

function roundedUp(time: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(time, 1))) + 1 - DIGITS);
  return Math.ceil(time / unit) * unit;
}

/** Takes results in any order, unless there are too many causes to keep (`failure-groups.ts`): then in that of their indexes. */
export class Summarizer {
  readonly #head: CampaignHead;
  readonly tally = new Tally();
  readonly #properties = new PropertyTally();
  readonly #known = { ran: 0, converged: 0, pruned: 0 };
  readonly #groups = new FailureGroups();
  /** Weights by recovery time: of many faults few times come, since a restart takes its time whatever led to it. */
  readonly #recoveries = new Map<number, { injections: number; weight: number }>();

  constructor(head: CampaignHead) {
    this.#head = head;
    this.#properties.add(head.golden.properties);
  }

  add(result: InjectionResult): void {
    this.tally.add(result);
    this.#properties.add(result.properties);
    this.#known[result.known] += 1;
    this.#addToGroup(result);
    if (result.recoveryTime === null) return;
    const time = this.#recoveries.size < MOST_TIMES ? result.recoveryTime : roundedUp(result.recoveryTime);
    const recovery = this.#recoveries.get(time) ?? { injections: 0, weight: 0 };
    recovery.injections += 1;
    recovery.weight += result.weight;
    this.#recoveries.set(time, recovery);
  }

  #addToGroup(result: InjectionResult): void {
    const { outcome } = result;
    if (outcome === 'not-activated' || outcomeRow(outcome).counts === 'benign') return;
    this.#groups.add(result);
  }

  /** @throws AuthorError `bad-value` for a confidence that is none */
  summary(confidence = DEFAULT_CONFIDENCE): CampaignSummary {
    const { tally } = this;
    const head = this.#head;
    return {
      ...head,
      done: tally.all.injections,
      known: { ...this.#known },
      outcomes: OUTCOME_NAMES.map((outcome) => {
        return {
          outcome,
          ...tally.of([outcome]),
          rate: rateOf(tally, shareOf(outcome), head, confidence),
          count: countOf(tally, [outcome], head, confidence),
        };
      }),
      figures: FIGURE_NAMES.map((figure) => ({
        figure,
        rate: rateOf(tally, FIGURES[figure], head, confidence),
        count: countOf(tally, FIGURES[figure].of, head, confidence),
      })),
      groups: this.#groups.all(),
      properties: this.#properties.results(),
      otherProperties: this.#properties.others,
      recovery: this.#recoveryTimes(),
    };
  }

  #recoveryTimes(): RecoveryTimes | null {
    const times = [...this.#recoveries].sort(([a], [b]) => a - b);
    const last = times.at(-1);
    if (last === undefined) return null;
    const total = times.reduce((sum, [, { weight }]) => sum + weight, 0);
    return {
      injections: times.reduce((sum, [, { injections }]) => sum + injections, 0),
      median: percentile(times, total / 2),
      percentile99: percentile(times, total * 0.99),
      longest: last[0],
    };
  }
}

/** The summary of results that are all at hand. */
export function summarize(
  head: CampaignHead,
  results: Iterable<InjectionResult>,
  { confidence = DEFAULT_CONFIDENCE }: SummaryOptions = {},
): CampaignSummary {
  const summarizer = new Summarizer(head);
  for (const result of results) summarizer.add(result);
  return summarizer.summary(confidence);
}

export interface SummaryOptions {
  /** What intervals hold with. Default 0.95. */
  readonly confidence?: number;
}

/** The least of the times by which so much of the weight had recovered. */
function percentile(
  times: readonly (readonly [number, { readonly weight: number }])[],
  rank: number,
): number {
  let sum = 0;
  for (const [time, { weight }] of times) {
    sum += weight;
    if (sum >= rank) return time;
  }
  return times.at(-1)![0];
}
