import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { queueExecutor } from '../../campaign/run/queue';
import { runCampaign } from '../../campaign/run/run-campaign';
import type { Shard } from '../../campaign/run/shard';
import { isFine, type OutputOptions, printSummary, withOutputs, writeOutputs } from '../campaign-outputs';
import { CampaignProgress } from '../campaign-progress';

interface Options extends OutputOptions {
  readonly name?: string;
  readonly workers?: number;
  readonly store?: string;
  readonly shard?: Shard;
  readonly redis?: string;
}

export const positiveWhole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number from 1');
  return Number(text);
};

const shard = (text: string): Shard => {
  const [, number, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (number === undefined || count === undefined)
    throw new InvalidArgumentError('NUMBER/COUNT, such as 1/3');
  return { number: Number(number), count: Number(count) };
};

/** `testvisor campaign FILE`: carries out the campaign that a module exports. */
export const campaignCommand = (): Command =>
  withOutputs(
    new Command('campaign')
      .description('Carries out a fault-injection campaign, and says what its faults led to.')
      .argument('<file>', 'a module that exports what defineCampaign returned')
      .option('--name <name>', 'which, where it exports several')
      .option(
        '--workers <number>',
        `threads (default: one for each core, here ${availableParallelism()})`,
        positiveWhole,
      )
      .option('--store <file>', 'keeps results as they come: a campaign that is stopped goes on from there')
      .option('--shard <number/count>', 'a part of it, whose store is merged with the others’', shard)
      .option('--redis <url>', 'has workers carry it out that are started by testvisor worker, anywhere'),
  )
    .addHelpText(
      'after',
      '\nExit code: 0 when all is done, without harness-error and without what --fail-on names, else 1.',
    )
    .action(async (file: string, options: Options) => {
      const { redis, failOn, report: _, junit: __, export: ___, ...wanted } = options;
      const progress = new CampaignProgress();
      try {
        const run = await runCampaign({
          ...wanted,
          file,
          ...(redis === undefined ? {} : { executor: (head, failed) => queueExecutor(redis, head, failed) }),
          onResult: (_result, state) => progress.update(state),
        });
        progress.stop();
        printSummary(run.summary);
        await writeOutputs(options, run, options.store);
        process.exitCode = isFine(run.summary, run.isDone, failOn) ? 0 : 1;
      } finally {
        progress.stop();
      }
    });
