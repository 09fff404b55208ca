import { Command } from 'commander';
import { AuthorError } from '../../author-error';
import { isFolder, mergeFolders } from '../../campaign/parts/merge-folders';
import { mergeStores } from '../../campaign/store/merge';
import { CampaignStore } from '../../campaign/store/store';
import type { CampaignSummary } from '../../campaign/result';
import { judgeWhole } from '../../jest/matchers/campaign-matchers';
import { countText } from '../../report/campaign/number-text';
import { CampaignPage } from '../../report/campaign/page/page';
import { isFine, type OutputOptions, printSummary, withOutputs, writeOutputs } from '../campaign-outputs';

/** `testvisor merge INTO PARTS…`: stores of shards as one, or folders of stores that shards of Jest have left. */
export const mergeCommand = (): Command =>
  withOutputs(
    new Command('merge')
      .description('Merges the stores of a campaign’s shards, and says what all of it came to.')
      .argument('<into>', 'the store of the whole, or the folder of all wholes: new, or merged into before')
      .argument('<parts...>', 'the stores of the parts, or the folders that jest --shard has left them in'),
  )
    .addHelpText(
      'after',
      '\nOf folders, every campaign is merged, and what specs expect of it is judged.' +
        '\nExit code: 0 when all is there, without harness-error and what --fail-on names, and as it is expected, else 1.',
    )
    .action((into: string, parts: readonly string[], options: OutputOptions) =>
      isFolder(parts[0]!) ? folders(into, parts, options) : stores(into, parts, options),
    );

async function stores(into: string, parts: readonly string[], options: OutputOptions): Promise<void> {
  const { results, repeated } = await mergeStores(into, parts);
  tellSize(results, repeated);
  const page = await pageOf(into);
  process.exitCode = (await show(page, into, options)) ? 0 : 1;
}

async function folders(into: string, parts: readonly string[], options: OutputOptions): Promise<void> {
  const merged = await mergeFolders(into, parts);
  requireOne(merged.length, options);
  const pages = [];
  for (const { store } of merged) pages.push(await pageOf(store));
  const wholes = new Map(pages.map((page) => page.summary()).map((summary) => [summary.identity, summary]));
  let isRight = true;
  for (const [number, { store, results, repeated, expectations }] of merged.entries()) {
    const page = pages[number]!;
    tellSize(results, repeated);
    isRight = (await show(page, store, options)) && isRight;
    for (const expectation of expectations) {
      const { passes, text, message } = judgeWhole(expectation, page.summary(), (one) => wholes.get(one));
      isRight &&= passes;
      process.stdout.write(`${passes ? '✓' : '✗'} expected ${text}\n`);
      if (!passes)
        process.stdout.write(
          `${message}\n${expectation.test === undefined ? '' : `test: ${expectation.test}\n`}`,
        );
    }
    process.stdout.write('\n');
  }
  process.exitCode = isRight ? 0 : 1;
}

const tellSize = (results: number, repeated: number): boolean =>
  process.stderr.write(`${countText(results)} results, ${countText(repeated)} were there already\n`);

async function pageOf(file: string): Promise<CampaignPage> {
  const store = await CampaignStore.read(file);
  try {
    const page = new CampaignPage(store.head);
    for await (const result of store.results()) page.add(result);
    return page;
  } finally {
    await store.close();
  }
}

/** @returns whether it is complete, and without what must not be there */
async function show(page: CampaignPage, store: string, options: OutputOptions): Promise<boolean> {
  const summary: CampaignSummary = page.summary();
  printSummary(summary);
  await writeOutputs(options, { summary, html: () => page.html() }, store);
  return isFine(summary, summary.done === summary.planned, options.failOn);
}

/** A report is one file, of one campaign. */
function requireOne(campaigns: number, { report, junit, export: exported }: OutputOptions): void {
  if (campaigns === 1 || [report, junit, exported].every((file) => file === undefined)) return;
  throw new AuthorError({
    code: 'bad-value',
    where: 'testvisor merge --report, --junit, --export',
    what: `there are ${campaigns} campaigns in these folders, and one file to write.`,
    mend: 'Merge the files of that campaign by themselves: testvisor merge whole.duckdb shard-1-of-2/x.duckdb … --report FILE.',
  });
}
