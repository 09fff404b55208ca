import { Command } from 'commander';
import { conformance } from '../../conformance/conformance';

/** `testvisor conformance DIRECTORY`: what `npm run conformance -- DIRECTORY` runs. */
export const conformanceCommand = (): Command =>
  new Command('conformance')
    .description('Runs every ELF image of a directory by itself and says which pass, which fail, and why.')
    .argument('<directory>', 'where the images are, also in folders below')
    .addHelpText('after', '\nExit code: 0 when there are images and all pass, else 1.')
    .action(async (directory: string) => {
      process.exitCode = await conformance(directory, (line) => process.stdout.write(`${line}\n`));
    });
