import { Command } from 'commander';
import { scheduleText } from '../../report/schedule-text';
import { scheduleReport } from '../../system/schedule-of';
import { loadSystem } from '../load-system';

/** `testvisor schedule FILE`: whether what is declared can be kept. */
export const scheduleCommand = (): Command =>
  new Command('schedule')
    .description(
      'Prints how cores are used, and when each VM’s job is done at the latest; fails when one is late.',
    )
    .argument('<file>', 'a module that exports a system, or an image')
    .option('--json', 'as JSON')
    .action(async (file: string, { json }: { readonly json?: true }) => {
      const report = scheduleReport(await loadSystem(file));
      process.stdout.write(`${json === true ? JSON.stringify(report, null, 2) : scheduleText(report)}\n`);
      if (report.warnings.length > 0) process.exitCode = 1;
    });
