/** What a campaign leaves: its summary on the terminal, and files that are asked for. */
import { type Command, InvalidArgumentError } from 'commander';
import { AuthorError } from '../author-error';
import { FIGURES, type Quantity, QUANTITIES, shareOf } from '../campaign/figures';
import type { CampaignSummary } from '../campaign/result';
import { exportResults } from '../campaign/store/export';
import { CampaignStore } from '../campaign/store/store';
import { Tally } from '../campaign/tally';
import { groupLines } from '../report/campaign/group-text';
import { campaignJUnit } from '../report/campaign/junit';
import { rateText } from '../report/campaign/number-text';
import { campaignLines } from '../report/campaign/outcome-lines';
import { writeWhole } from '../write-whole';

export interface OutputOptions {
  readonly report?: string;
  readonly junit?: string;
  readonly export?: string;
  readonly failOn: readonly Quantity[];
}

const quantity = (text: string, before: readonly Quantity[]): readonly Quantity[] => {
  if (!(QUANTITIES as readonly string[]).includes(text))
    throw new InvalidArgumentError(`one of ${QUANTITIES.join(', ')}`);
  return [...before, text as Quantity];
};

/** The options that say what is written. */
export const withOutputs = (command: Command): Command =>
  command
    .option('--report <file>', 'writes a report as one HTML page')
    .option('--junit <file>', 'writes JUnit')
    .option('--export <file>', 'writes all results as .parquet or .csv; needs --store')
    .option(
      '--fail-on <what>',
      'exit code 1 when there is any of it, such as undetected-failure; may be repeated',
      quantity,
      [],
    );

/** Figures, outcomes, causes. */
export function printSummary(summary: CampaignSummary): void {
  const lines = [
    summary.name,
    ...campaignLines(summary),
    '',
    ...summary.figures
      .filter(({ rate }) => rate !== null)
      .map(({ figure, rate }) => `${FIGURES[figure].title}: ${rateText(rate)}`),
    '',
    ...groupLines(summary, summary.groups),
  ];
  process.stdout.write(`${lines.join('\n').trimEnd()}\n`);
}

/**
 * Writes the files; the store must be closed.
 * @throws AuthorError `report-not-written`, `store-failed`
 */
export async function writeOutputs(
  { report, junit, export: exported }: OutputOptions,
  campaign: { readonly summary: CampaignSummary; html(): string },
  store: string | undefined,
): Promise<void> {
  if (report !== undefined) writeReport(report, campaign.html());
  if (junit !== undefined) writeReport(junit, campaignJUnit(campaign.summary));
  if (exported === undefined) return;
  if (store === undefined) throw new Error('--export needs --store: results are exported from there.');
  const opened = await CampaignStore.read(store);
  try {
    await exportResults(opened, exported);
  } finally {
    await opened.close();
  }
}

function writeReport(path: string, text: string): void {
  try {
    writeWhole(path, text);
  } catch (error) {
    throw new AuthorError({
      code: 'report-not-written',
      where: path,
      what: `it was not written: ${(error as Error).message}.`,
      mend: 'Make room, or name a file in a folder that exists. With --store, whoever runs the campaign again gets it without an injection.',
    });
  }
}

/** Whether all is known, and nothing is there that must not be. */
export function isFine(summary: CampaignSummary, isDone: boolean, failOn: readonly Quantity[]): boolean {
  const tally = Tally.from(summary.outcomes);
  const unwanted = ['harness-error' as const, ...failOn];
  return isDone && unwanted.every((one) => tally.of(shareOf(one).of).injections === 0);
}
