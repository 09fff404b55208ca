/** What campaigns are expected to come to: pure functions from a summary to a verdict. */
import { AuthorError } from '../../author-error';
import { FIGURES, type Quantity, QUANTITIES, shareOf } from '../../campaign/figures';
import { outcomeRow, OUTCOMES } from '../../campaign/outcomes';
import type { CampaignSummary, FailureGroup } from '../../campaign/result';
import { sizeOf } from '../../campaign/run/shard';
import { requireConfidence } from '../../campaign/statistics';
import { countOf, FIRED, lowerBoundOf, Tally, upperBoundOf } from '../../campaign/tally';
import { suggestName } from '../../known-name';
import { sizeText } from '../../report/campaign/group-text';
import { countText, faultCountText, shareText } from '../../report/campaign/number-text';
import { durationText } from '../../report/time-text';
import { row, type Verdict } from './verdict';

/** A verdict that names failures. One that is `inconclusive` fails, with and without `.not`. */
export interface CampaignVerdict extends Verdict {
  readonly groups: readonly FailureGroup[];
  readonly isInconclusive: boolean;
}

export interface Confidence {
  /** How sure it has to be: 0.95 (the default), 0.99 and the like. Of a whole space everything is certain. */
  readonly confidence?: number;
}

/** No injection came to this. */
export function hasNo(summary: CampaignSummary, quantity: Quantity): CampaignVerdict {
  requireQuantity('toHaveNo', quantity);
  const { of } = shareOf(quantity);
  const { injections, weight } = Tally.from(summary.outcomes).of(of);
  return verdict(summary, {
    pass: injections === 0,
    expected: `no ${quantity}`,
    actual: injections === 0 ? 'none' : sizeText(injections, weight),
    groups: groupsOf(summary, of),
    notes: definition(quantity),
  });
}

/** The share is below a bound, from all that is known of it: not its estimate counts, but what it may still be. */
export function hasRateBelow(
  summary: CampaignSummary,
  quantity: Quantity,
  bound: number,
  { confidence = 0.95 }: Confidence = {},
): CampaignVerdict {
  const { highest, actual } = boundsOf('toHaveRateBelow', summary, quantity, bound, confidence);
  return verdict(summary, {
    pass: highest < bound,
    expected: `${quantity} below ${shareText(bound)}${surely(summary, confidence)}`,
    actual: `${actual}, at most ${shareText(highest)}`,
    groups: groupsOf(summary, shareOf(quantity).of),
    notes: [...definition(quantity), ...hintAtSize(summary, quantity, highest, bound)],
  });
}

/** The share is above a bound, whatever it may still be. */
export function hasRateAbove(
  summary: CampaignSummary,
  quantity: Quantity,
  bound: number,
  { confidence = 0.95 }: Confidence = {},
): CampaignVerdict {
  const { lowest, actual } = boundsOf('toHaveRateAbove', summary, quantity, bound, confidence);
  const { of, among } = shareOf(quantity);
  return verdict(summary, {
    pass: lowest > bound,
    expected: `${quantity} above ${shareText(bound)}${surely(summary, confidence)}`,
    actual: `${actual}, at least ${shareText(lowest)}`,
    groups: groupsOf(
      summary,
      among.filter((outcome) => !of.includes(outcome)),
    ),
    notes: definition(quantity),
  });
}

/**
 * Fewer faults of its space lead to this than of another campaign’s: how two variants of a program are compared, since
 * shares depend on how much else there is to hit (Schirmeier, Borchert, Spinczyk, DSN 2015).
 */
export function hasFewer(
  summary: CampaignSummary,
  quantity: Quantity,
  { than, confidence = 0.95 }: Confidence & { readonly than: CampaignSummary },
): CampaignVerdict {
  requireQuantity('toHaveFewer', quantity);
  requireConfidence('toHaveFewer()', confidence);
  const { of } = shareOf(quantity);
  const count = (one: CampaignSummary) => {
    const counted = countOf(Tally.from(one.outcomes), of, one, confidence);
    if (counted !== null) return counted;
    throw new AuthorError({
      code: 'bad-expectation',
      where: `expect(…).toHaveFewer('${quantity}')`,
      what: `the space of “${one.name}” has no size, so there are no absolute counts.`,
      mend: 'Compare campaigns over spaces that can be counted.',
    });
  };
  const [ours, theirs] = [count(summary), count(than)];
  return verdict(summary, {
    pass: ours.high < theirs.low,
    expected: `fewer ${quantity} than ${than.name}: ${faultCountText(theirs)}`,
    actual: faultCountText(ours),
    groups: groupsOf(summary, of),
    notes: definition(quantity),
    alsoOf: than,
  });
}

/** Everything that recovered did so in time: the longest, or a percentile. */
export function recoversWithin(
  summary: CampaignSummary,
  limit: number,
  { percentile = 100 }: { readonly percentile?: 50 | 99 | 100 } = {},
): CampaignVerdict {
  const { recovery } = summary;
  const times = { 50: 'median', 99: 'percentile99', 100: 'longest' } as const;
  const field = times[percentile];
  if (field === undefined)
    throw new AuthorError({
      code: 'bad-expectation',
      where: 'expect(…).toRecoverWithin({ percentile })',
      what: `${String(percentile)} is not known of a campaign.`,
      mend: 'Ask for 50 (the median), 99 or 100 (the longest, which is the default).',
    });
  const which = percentile === 100 ? 'longest' : percentile === 50 ? 'median' : '99th percentile';
  return verdict(summary, {
    pass: recovery !== null && recovery[field] <= limit,
    expected: `${which} recovery within ${durationText(limit)}`,
    actual: recovery === null ? 'nothing recovered' : durationText(recovery[field]),
    groups: [],
    notes: [],
    isInconclusive: recovery === null,
  });
}

/** All that guests state of themselves is so: what must always be was, what must sometimes be was once. */
export function fulfilsProperties(summary: CampaignSummary): CampaignVerdict {
  const { properties, otherProperties } = summary;
  const broken = properties.filter(({ isFulfilled }) => !isFulfilled);
  return {
    ...verdict(summary, {
      pass: broken.length === 0,
      expected: '',
      actual: '',
      groups: [],
      notes: [
        ...(properties.length === 0 ? ['No guest stated any property: nothing was tested.'] : []),
        ...(otherProperties > 0
          ? [
              `Runs stated other properties ${countText(otherProperties)} times, of which nothing is known: no more than ${countText(properties.length)} are kept.`,
            ]
          : []),
      ],
      isInconclusive: properties.length === 0 || (broken.length === 0 && otherProperties > 0),
    }),
    comparison: (broken.length === 0 ? properties : broken).map(
      ({ vm, property, name, runs, held, failed, isFulfilled }) =>
        row(
          isFulfilled ? '✓' : '✗',
          `${vm}: ${property} “${name}”`,
          `held in ${countText(held)}, failed in ${countText(failed)} of ${countText(runs)} runs`,
        ),
    ),
  };
}

/** Every injection of the plan has a result that says something. */
export function isComplete(summary: CampaignSummary): CampaignVerdict {
  const errors = Tally.from(summary.outcomes).of(['harness-error']).injections;
  const wanted = wantedOf(summary);
  return {
    pass: summary.done === wanted && errors === 0,
    comparison: [
      row(
        summary.done === wanted ? '✓' : '✗',
        `results of ${countText(wanted)} injections`,
        countText(summary.done),
      ),
      row(errors === 0 ? '✓' : '✗', 'no harness-error', countText(errors)),
    ],
    groups: groupsOf(summary, ['harness-error']),
    isInconclusive: false,
  };
}

function boundsOf(
  name: string,
  summary: CampaignSummary,
  quantity: Quantity,
  bound: number,
  confidence: number,
) {
  requireQuantity(name, quantity);
  if (!(bound >= 0 && bound <= 1))
    throw new AuthorError({
      code: 'bad-expectation',
      where: `expect(…).${name}('${quantity}', ${String(bound)})`,
      what: 'a share is from 0 to 1.',
      mend: 'Write 0.01 for one per cent.',
    });
  const share = shareOf(quantity);
  const tally = Tally.from(summary.outcomes);
  const [hits, all] = [tally.of(share.of).weight, tally.of(share.among).weight];
  return {
    highest: upperBoundOf(tally, share, summary, confidence),
    lowest: lowerBoundOf(tally, share, summary, confidence),
    actual: all === 0 ? 'no faults' : `${shareText(hits / all)} (${countText(hits)} of ${countText(all)})`,
  };
}

const surely = ({ basis }: CampaignSummary, confidence: number): string =>
  basis === 'whole' ? '' : ` with ${shareText(confidence)} confidence`;

function hintAtSize(
  summary: CampaignSummary,
  quantity: Quantity,
  highest: number,
  bound: number,
): readonly string[] {
  const { of, among } = shareOf(quantity);
  const tally = Tally.from(summary.outcomes);
  const estimate = tally.of(of).weight / Math.max(tally.of(among).weight, 1);
  if (highest < bound || estimate >= bound || summary.basis === 'whole') return [];
  return ['The estimate is below the bound: more injections would narrow what it may be.'];
}

const definition = (quantity: Quantity): readonly string[] => {
  const means =
    quantity in FIGURES
      ? FIGURES[quantity as keyof typeof FIGURES].means
      : OUTCOMES[quantity as keyof typeof OUTCOMES].means;
  return [`${quantity}: ${means}`];
};

const groupsOf = ({ groups }: CampaignSummary, outcomes: readonly string[]): readonly FailureGroup[] =>
  groups.filter(({ outcome }) => outcomes.includes(outcome) && outcomeRow(outcome).counts !== 'benign');

interface Finding {
  readonly pass: boolean;
  readonly expected: string;
  readonly actual: string;
  readonly groups: readonly FailureGroup[];
  readonly notes: readonly string[];
  readonly isInconclusive?: boolean;
  /** Another campaign that the finding rests on. */
  readonly alsoOf?: CampaignSummary;
}

function verdict(summary: CampaignSummary, finding: Finding): CampaignVerdict {
  const doubts = [summary, ...(finding.alsoOf === undefined ? [] : [finding.alsoOf])].flatMap(doubtsAbout);
  return {
    pass: finding.pass,
    comparison: [row(finding.pass ? '✓' : '✗', finding.expected, finding.actual)],
    notes: [...finding.notes, ...doubts],
    groups: finding.groups,
    isInconclusive: finding.isInconclusive === true || doubts.length > 0,
  };
}

/** Injections that it has results of when it is done: those of its part, where it is one. */
const wantedOf = ({ planned, part }: CampaignSummary): number =>
  part === undefined ? planned : sizeOf(planned, part);

/** Why nothing can be said of a campaign, whatever its results. */
export function doubtsAbout(summary: CampaignSummary): readonly string[] {
  const tally = Tally.from(summary.outcomes);
  const errors = tally.of(['harness-error']).injections;
  const { name, done, part } = summary;
  const planned = wantedOf(summary);
  return [
    ...(done < planned
      ? [
          `“${name}” is not done: ${countText(done)} of ${countText(planned)} injections have results. Run it again to go on.`,
        ]
      : []),
    ...(errors > 0
      ? [`“${name}” has ${sizeText(errors, errors)} that ended in harness-error: of them nothing is known.`]
      : []),
    ...(part === undefined && tally.of(FIRED).injections === 0
      ? [`No fault of “${name}” fired: nothing was tested.`]
      : []),
  ];
}

function requireQuantity(name: string, quantity: unknown): void {
  if (typeof quantity === 'string' && (QUANTITIES as readonly string[]).includes(quantity)) return;
  throw new AuthorError({
    code: 'bad-expectation',
    where: `expect(…).${name}(${JSON.stringify(quantity)})`,
    what: 'that is neither an outcome nor a figure.',
    mend: suggestName(String(quantity), QUANTITIES, 'outcome'),
  });
}
