import { Command, InvalidArgumentError } from 'commander';
import { ms } from '../../../platform/units';
import { faults } from '../../faults/faults';
import { boot } from '../../machine/boot';
import { storyOf } from '../../report/story/story';
import { loadSystem } from '../load-system';

interface RunOptions {
  readonly for: number;
  readonly seed: number;
  readonly profile?: 'supervisor' | 'machine';
  readonly crash: readonly Crash[];
}

interface Crash {
  readonly vm: string;
  readonly at: number;
}

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('a number of milliseconds above 0');
  return value;
};

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number');
  return Number(text);
};

const profile = (text: string): string => {
  if (text !== 'supervisor' && text !== 'machine') throw new InvalidArgumentError('supervisor or machine');
  return text;
};

const crash = (text: string, before: readonly Crash[]): readonly Crash[] => {
  const [, vm, at] = /^(.+)@(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (vm === undefined || at === undefined)
    throw new InvalidArgumentError('VM@MILLISECONDS, such as sensor@120');
  return [...before, { vm, at: Number(at) }];
};

/** `testvisor run FILE`: boots an image or a system, lets it run, and tells the story. */
export const runCommand = (): Command =>
  new Command('run')
    .description('Runs an ELF image, or the system that a module exports, and tells what happened.')
    .argument('<file>', 'an ELF image, or a module that exports a system')
    .option('--for <ms>', 'virtual time to run, in milliseconds', positive, 100)
    .option('--seed <number>', 'seeds everything random', whole, 1)
    .option('--profile <profile>', 'of an image: supervisor or machine', profile)
    .option('--crash <vm@ms>', 'crashes a VM at a virtual time; may be repeated', crash, [])
    .addHelpText('after', '\nExit code: 0 when no VM is crashed or reported failure at the end, else 1.')
    .action(async (file: string, options: RunOptions) => {
      const system = await loadSystem(file, options.profile);
      const machine = await boot(system, { seed: options.seed });
      for (const { vm, at } of options.crash) machine.inject(faults.crash({ vm, at: ms(at) }));
      await machine.runTo(ms(options.for));
      const width = process.stdout.columns;
      process.stdout.write(
        `${storyOf(machine, { title: file, digest: machine.digest, ...(width === undefined ? {} : { width }) })}\n`,
      );
      const isWell = machine.system.vms.every(({ name }) => {
        const state = machine.stateOf(name);
        return state.is !== 'crashed' && !(state.is === 'halted' && state.code !== 0);
      });
      machine.dispose();
      process.exitCode = isWell ? 0 : 1;
    });
