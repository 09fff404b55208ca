import { Command } from 'commander';
import { mergeStores } from '../../campaign/store/merge';
import { CampaignStore } from '../../campaign/store/store';
import { countText } from '../../report/campaign/number-text';
import { CampaignPage } from '../../report/campaign/page/page';
import { isFine, type OutputOptions, printSummary, withOutputs, writeOutputs } from '../campaign-outputs';

/** `testvisor merge INTO PARTS…`: stores of shards as one. */
export const mergeCommand = (): Command =>
  withOutputs(
    new Command('merge')
      .description('Merges the stores of a campaign’s shards, and says what all of it came to.')
      .argument('<into>', 'the store of the whole: new, or merged into before')
      .argument('<parts...>', 'the stores of the parts'),
  )
    .addHelpText(
      'after',
      '\nExit code: 0 when the whole campaign is there, without harness-error and without what --fail-on names, else 1.',
    )
    .action(async (into: string, parts: readonly string[], options: OutputOptions) => {
      const { results, repeated } = await mergeStores(into, parts);
      process.stderr.write(`${countText(results)} results, ${countText(repeated)} were there already\n`);
      const store = await CampaignStore.read(into);
      const page = new CampaignPage(store.head);
      for await (const result of store.results()) page.add(result);
      await store.close();
      const summary = page.summary();
      printSummary(summary);
      await writeOutputs(options, { summary, html: () => page.html() }, into);
      process.exitCode = isFine(summary, summary.done === summary.planned, options.failOn) ? 0 : 1;
    });
