import { Command, InvalidArgumentError } from 'commander';
import { conformance } from '../../conformance/conformance';
import { mib, ms } from '../../../platform/units';

interface Options {
  readonly signatures?: string;
  readonly limit: number;
  readonly ram: number;
  readonly json?: boolean;
}

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('a number above 0');
  return value;
};

/** `testvisor conformance DIRECTORY`: what `npm run conformance -- DIRECTORY` runs. */
export const conformanceCommand = (): Command =>
  new Command('conformance')
    .description('Runs every ELF image of a directory by itself and says which fail, and why.')
    .argument('<directory>', 'where the images are, also in folders below')
    .option('--signatures <directory>', 'reference signatures, FOLDER/NAME.signature for FOLDER/NAME.elf')
    .option('--limit <ms>', 'virtual time for each image', positive, 1000)
    .option('--ram <MiB>', 'memory for each image', positive, 16)
    .option('--json', 'print what happened to each image as JSON')
    .addHelpText('after', '\nExit code: 0 when there are images and all pass, else 1.')
    .action(async (directory: string, { limit, ram, ...options }: Options) => {
      process.exitCode = await conformance(directory, (line) => process.stdout.write(`${line}\n`), {
        ...options,
        time: ms(limit),
        ram: mib(ram),
      });
    });
