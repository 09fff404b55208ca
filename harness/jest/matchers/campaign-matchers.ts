/** The matchers of campaigns, as `expect.extend` takes them: the judges are in campaign.ts, their words in report/. */
import { AuthorError } from '../../author-error';
import type { Quantity } from '../../campaign/figures';
import type { CampaignSummary } from '../../campaign/result';
import { groupLines } from '../../report/campaign/group-text';
import { campaignLines } from '../../report/campaign/outcome-lines';
import { failureBlocks } from '../../report/failure-text';
import { valueText } from '../../report/value-text';
import * as judge from './campaign';

/** What a campaign gave: its summary, or what has one. */
export type CampaignSubject = CampaignSummary | { readonly summary: CampaignSummary };

export interface Result {
  readonly pass: boolean;
  readonly message: () => string;
  readonly verdict: judge.CampaignVerdict;
}

function summaryOf(name: string, received: unknown): CampaignSummary {
  const candidate = received as Partial<CampaignSummary> & { readonly summary?: Partial<CampaignSummary> };
  for (const one of [candidate?.summary, candidate])
    if (Array.isArray(one?.outcomes) && Array.isArray(one.groups)) return one as CampaignSummary;
  throw new AuthorError({
    code: 'bad-expectation',
    where: `expect(…).${name}()`,
    what: `it is about a campaign, not about ${valueText(received)}.`,
    mend: 'Write expect(await campaign(…)), or give the summary of a store.',
  });
}

function matcher<Wanted extends readonly unknown[]>(
  name: string,
  decide: (summary: CampaignSummary, ...wanted: Wanted) => judge.CampaignVerdict,
) {
  return function (this: { readonly isNot?: boolean }, received: unknown, ...wanted: Wanted): Result {
    const summary = summaryOf(name, received);
    const verdict = decide(summary, ...wanted);
    const isNot = this.isNot === true;
    return {
      // Jest turns it around for `.not`: what is inconclusive fails both ways.
      pass: verdict.isInconclusive ? isNot : verdict.pass,
      verdict,
      message: () =>
        failureBlocks([
          [
            `expect(campaign “${summary.name}”).${isNot ? 'not.' : ''}${name}(${typeof wanted[0] === 'string' ? `'${wanted[0]}'` : ''})`,
          ],
          { rows: verdict.comparison },
          verdict.notes ?? [],
          groupLines(summary, verdict.groups),
          campaignLines(summary),
        ]),
    };
  };
}

export const campaignMatchers = {
  toHaveNo: matcher('toHaveNo', judge.hasNo),
  toHaveRateBelow: matcher('toHaveRateBelow', judge.hasRateBelow),
  toHaveRateAbove: matcher('toHaveRateAbove', judge.hasRateAbove),
  toHaveFewer: matcher(
    'toHaveFewer',
    (
      summary,
      quantity: Quantity,
      { than, ...options }: judge.Confidence & { readonly than: CampaignSubject },
    ) => judge.hasFewer(summary, quantity, { ...options, than: summaryOf('toHaveFewer', than) }),
  ),
  toRecoverWithin: matcher('toRecoverWithin', judge.recoversWithin),
  toHaveFulfilledProperties: matcher('toHaveFulfilledProperties', judge.fulfilsProperties),
  toBeComplete: matcher('toBeComplete', judge.isComplete),
};
