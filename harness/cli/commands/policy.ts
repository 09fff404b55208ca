import { Command } from 'commander';
import { policyMatrix } from '../../policy/policy-of';
import { probePolicy } from '../../policy/probe-policy';
import { policyText } from '../../report/policy-text';
import { loadSystem } from '../load-system';

interface PolicyOptions {
  readonly json?: true;
  readonly probe?: true;
}

/** `testvisor policy FILE`: who may do what to whom. */
export const policyCommand = (): Command =>
  new Command('policy')
    .description('Prints who may do what to whom in a system, as it declares; what is not printed is denied.')
    .argument('<file>', 'a module that exports a system, or an image')
    .option('--json', 'as JSON')
    .option(
      '--probe',
      'lets a hostile guest in the place of every VM try everything else, and fails when it succeeds',
    )
    .action(async (file: string, { json, probe }: PolicyOptions) => {
      const system = await loadSystem(file);
      const matrix = policyMatrix(system);
      process.stdout.write(`${json === true ? JSON.stringify(matrix, null, 2) : policyText(matrix)}\n`);
      if (probe !== true) return;
      const { results, violations, untried } = await probePolicy(system);
      // JSON stays JSON.
      const out = json === true ? process.stderr : process.stdout;
      for (const { vm, what } of violations) out.write(`NOT DENIED: ${vm}: ${what}\n`);
      for (const vm of untried) out.write(`not tried from ${vm}: it starts with a firmware of its own\n`);
      out.write(`${results.length} things tried, ${violations.length} not denied\n`);
      if (violations.length > 0) process.exitCode = 1;
    });
