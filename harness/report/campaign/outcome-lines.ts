/** A campaign in a few lines: what it was, and how often each outcome occurred. */
import { OUTCOME_NAMES } from '../../campaign/outcomes';
import type { CampaignSummary, OutcomeCount } from '../../campaign/result';
import { countText, rateText } from './number-text';

/** Plan, seed, identity, and a line for each outcome that occurred. */
export function campaignLines(summary: CampaignSummary): readonly string[] {
  const { plan, seed, identity, done, planned, spaceSize } = summary;
  const space = spaceSize === null ? '' : `, of a space of ${countText(spaceSize)} faults`;
  return [
    `${plan}: ${done === planned ? '' : `${countText(done)} of `}${countText(planned)} injections${space} (seed ${seed}, campaign ${identity.slice(0, 12)})`,
    ...outcomeLines(summary.outcomes.filter(({ injections }) => injections > 0)),
  ];
}

const WIDTH = Math.max(...OUTCOME_NAMES.map((name) => name.length));

const outcomeLines = (outcomes: readonly OutcomeCount[]): readonly string[] =>
  outcomes.map(
    ({ outcome, injections, rate }) =>
      `  ${outcome.padEnd(WIDTH)}  ${countText(injections).padStart(11)}   ${rateText(rate)}`,
  );
