import { Command, InvalidArgumentError } from 'commander';
import { ms } from '../../../platform/units';
import { faults } from '../../faults/faults';
import { boot } from '../../machine/boot';
import { stateText } from '../../report/state-text';
import { storyOf } from '../../report/story/story';
import { atConsole } from '../at-console';
import { type ImageOptions, loadSystem } from '../load-system';
import { optimizingLater } from '../optimizing-later';

interface RunOptions extends ImageOptions {
  readonly for: number;
  readonly seed: number;
  readonly storage?: string;
  readonly crash: readonly Crash[];
  readonly capture: readonly Capture[];
  readonly console?: string | true;
}

interface Capture {
  readonly network: string;
  readonly file: string;
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

const widthOf = (text: string): 32 | 64 => {
  if (text !== '32' && text !== '64') throw new InvalidArgumentError('32 or 64');
  return text === '32' ? 32 : 64;
};

const address = (text: string): number => {
  if (!/^(0x[\da-f]+|\d+)$/i.test(text)) throw new InvalidArgumentError('an address such as 0x80200000');
  return Number(text);
};

const several = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

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

const capture = (text: string, before: readonly Capture[]): readonly Capture[] => {
  const [, network, file] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (network === undefined || file === undefined)
    throw new InvalidArgumentError('NETWORK=FILE, such as lan=lan.pcapng');
  return [...before, { network, file }];
};

/** `testvisor run FILE`: boots an image or a system, lets it run, and tells the story. */
export const runCommand = (): Command =>
  new Command('run')
    .description('Runs an image, or the system that a module exports, and tells what happened.')
    .argument('<file>', 'an image (ELF, Linux Image, raw binary), or a module that exports a system')
    .option('--for <ms>', 'virtual time to run, in milliseconds', positive, 100)
    .option('--seed <number>', 'seeds everything random', whole, 1)
    .option(
      '--storage <file>',
      'where disks, flash and counters are kept from one run to the next; made when it is not there',
    )
    .option('--console [vm]', 'shows the console as it is written, and types into it; Ctrl-] leaves')
    .option('--crash <vm@ms>', 'crashes a VM at a virtual time; may be repeated', crash, [])
    .option(
      '--capture <network=file>',
      'writes what went over a network as pcapng; may be repeated',
      capture,
      [],
    )
    .option('--profile <profile>', 'supervisor or machine', profile)
    .option('--firmware <file>', 'what starts first, in M-mode: OpenSBI')
    .option('--initrd <file>', 'initial file system of an operating system')
    .option('--append <text>', 'command line of a kernel')
    .option('--ram <mib>', 'RAM in MiB (default: 16, or 256 for what is likely an operating system)', whole)
    .option('--harts <number>', 'how many harts (default: 1)', whole)
    .option('--disk <file>', 'image of a virtio disk, which is not written to; may be repeated', several)
    .option('--raw <xlen>', 'it is a raw binary, for 32 or 64 bits', widthOf)
    .option('--at <address>', 'where the raw binary goes', address)
    .addHelpText('after', '\nExit code: 0 when no VM is crashed or reported failure at the end, else 1.')
    .action(async (file: string, options: RunOptions) => {
      const { for: length, seed, storage, crash: crashes, capture: captures, console, ...ofImage } = options;
      const system = await loadSystem(file, ofImage);
      const machine = await boot(system, { seed, ...(storage === undefined ? {} : { storage }) });
      for (const { vm, at } of crashes) machine.inject(faults.crash({ vm, at: ms(at) }));
      if (console === undefined) {
        await optimizingLater(() => machine.runTo(ms(length)));
        const width = process.stdout.columns;
        process.stdout.write(
          `${storyOf(machine, { title: file, digest: machine.digest, ...(width === undefined ? {} : { width }) })}\n`,
        );
      } else {
        const vm = console === true ? machine.system.vms[0]!.name : console;
        await atConsole(machine, vm, ms(length));
        process.stdout.write(`\n${vm}: ${stateText(machine, vm, machine.stateOf(vm))}\n`);
      }
      for (const { network, file: path } of captures) machine.network(network).saveCapture(path);
      const isWell = machine.system.vms.every(({ name }) => {
        const state = machine.stateOf(name);
        return state.is !== 'crashed' && !(state.is === 'halted' && state.code !== 0);
      });
      if (storage !== undefined) machine.powerOff();
      // The process ends: nobody else has the machine's memory, so that it need not be cleared.
      process.exitCode = isWell ? 0 : 1;
    });
