import { Command } from 'commander';
import { openCampaign } from '../../campaign/campaign';
import { OUTCOMES } from '../../campaign/outcomes';
import { loadCampaign } from '../../campaign/run/load-campaign';
import { faultsFromJson, faultText } from '../../faults/fault-text';
import { divergenceText } from '../../report/campaign/group-text';
import { durationText } from '../../report/time-text';

/** `testvisor replay FILE JSON`: one injection of a campaign, again. */
export const replayCommand = (): Command =>
  new Command('replay')
    .description('Runs one injection of a campaign again, and tells what it led to.')
    .argument('<file>', 'the module of the campaign')
    .argument('<faults>', 'the faults as JSON, as reports and failures print them')
    .option('--name <name>', 'which campaign, where the module exports several')
    .option('--json', 'prints the result as JSON')
    .action(async (file: string, json: string, { name, json: asJson }: { name?: string; json?: boolean }) => {
      const faults = faultsFromJson(json);
      const open = await openCampaign(await loadCampaign(file, name));
      const result = open.replay(faults);
      open.close();
      const { outcome, cause, firedAt, recoveryTime, divergence, bystanders } = result;
      const lines = [
        ...faults.map(faultText),
        `${outcome}: ${OUTCOMES[outcome].means}`,
        ...(cause === '' ? [] : [`cause: ${cause}`]),
        firedAt === null ? 'it did not fire' : `fired at ${durationText(firedAt)}`,
        ...(divergence === null ? [] : [`first diverged ${divergenceText(divergence)}`]),
        ...(recoveryTime === null ? [] : [`recovered after ${durationText(recoveryTime)}`]),
        ...bystanders.map(
          ({ vm, impact, lateBy, missedDeadlines }) =>
            `VM ${vm}: ${impact}, by up to ${durationText(lateBy)}, ${missedDeadlines} deadlines missed`,
        ),
      ];
      process.stdout.write(`${asJson === true ? JSON.stringify(result) : lines.join('\n')}\n`);
      process.exitCode = outcome === 'harness-error' ? 1 : 0;
    });
