/** The matchers of campaigns, as `expect.extend` takes them: the judges are in campaign.ts, their words in report/. */
import { AuthorError } from '../../author-error';
import type { Quantity } from '../../campaign/figures';
import type { CampaignSummary } from '../../campaign/result';
import { type Expectation, type OtherCampaign, recordExpectation } from '../../campaign/parts/expectations';
import { replayCommand } from '../../report/current-test';
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

/** What holds of a whole exactly where it holds of every part. */
const OF_EVERY_PART: ReadonlySet<string> = new Set(['toHaveNo', 'toBeComplete']);

/** Whether only all parts together can say it; what a part can say is that it is not done, or has errors of ours. */
const isLeftToMerge = (name: string, isNot: boolean, summary: CampaignSummary): boolean =>
  summary.part !== undefined &&
  judge.doubtsAbout(summary).length === 0 &&
  (isNot || !OF_EVERY_PART.has(name));

const isSubject = (value: unknown): value is { readonly than: CampaignSubject } =>
  typeof value === 'object' && value !== null && 'than' in value;

function withoutCampaigns(value: unknown): unknown {
  if (!isSubject(value)) return value;
  const { name, identity } = summaryOf('toHaveFewer', value.than);
  return { ...value, than: { campaign: name, identity } satisfies OtherCampaign };
}

/** What a spec expected of a part, of the whole. */
export interface Judgement {
  readonly passes: boolean;
  /** `.not.toHaveRateBelow('failure', 0.01)`. */
  readonly text: string;
  readonly message: string;
}

/** @param other the whole of another campaign by its identity, if there is one */
export function judgeWhole(
  { matcher: name, isNot, wanted }: Expectation,
  summary: CampaignSummary,
  other: (identity: string) => CampaignSummary | undefined,
): Judgement {
  const text = `${isNot ? '.not' : ''}.${name}(${wanted.map((value) => JSON.stringify(value)).join(', ')})`;
  const given: unknown[] = [];
  for (const value of wanted) {
    if (!isSubject(value)) given.push(value);
    else {
      const { campaign, identity } = value.than as unknown as OtherCampaign;
      const than = other(identity);
      if (than === undefined)
        return {
          passes: false,
          text,
          message: `of campaign “${campaign}”, with which it is compared, there is no part`,
        };
      given.push({ ...value, than });
    }
  }
  const judged = (
    campaignMatchers as unknown as Readonly<
      Record<string, (this: { isNot: boolean }, received: unknown, ...wanted: readonly unknown[]) => Result>
    >
  )[name]!.call({ isNot }, summary, ...given);
  return { passes: judged.pass !== isNot, text, message: judged.message() };
}

function matcher<Wanted extends readonly unknown[]>(
  name: string,
  decide: (summary: CampaignSummary, ...wanted: Wanted) => judge.CampaignVerdict,
) {
  return function (this: { readonly isNot?: boolean }, received: unknown, ...wanted: Wanted): Result {
    const summary = summaryOf(name, received);
    const verdict = decide(summary, ...wanted);
    const isNot = this.isNot === true;
    if (summary.part !== undefined)
      recordExpectation(summary.part.store, {
        ...{ matcher: name, isNot, test: replayCommand() },
        wanted: wanted.map(withoutCampaigns),
      });
    const isLeft = isLeftToMerge(name, isNot, summary);
    return {
      // Jest turns it around for `.not`: what is inconclusive fails both ways, and what a part says nothing of passes.
      pass: isLeft ? !isNot : verdict.isInconclusive ? isNot : verdict.pass,
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
