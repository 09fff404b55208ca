import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { serveQueue } from '../../campaign/run/queue';
import { untilStopped } from '../until-stopped';
import { positiveWhole } from './campaign';

/** `testvisor worker --redis URL`: carries out injections for campaigns elsewhere. */
export const workerCommand = (): Command =>
  new Command('worker')
    .description('Carries out injections for campaigns that were started with --redis, until it is stopped.')
    .requiredOption('--redis <url>', 'where the coordinator is, too: redis://host:6379')
    .option('--workers <number>', 'threads', positiveWhole, availableParallelism())
    .addHelpText(
      'after',
      '\nThe campaign’s module is loaded from the same path here: have the same files, and start in the same folder.',
    )
    .action(async ({ redis, workers }: { redis: string; workers: number }) => {
      const worker = await serveQueue(redis, workers, (campaign, injections) =>
        process.stdout.write(`${campaign}: ${injections} injections\n`),
      );
      process.stdout.write(`working with ${workers} threads\n`);
      // A command whose action is over has ended, whatever goes on elsewhere (main.ts).
      await untilStopped();
      await worker.close();
    });
