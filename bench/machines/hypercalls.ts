/** A hypercall that does next to nothing, there and back. */
import { boot, defineSystem, kib } from 'testvisor';
import type { Measurement } from '../measurement';
import { buildFirmware, withDirectory } from './firmware';
import { nanosecondsPerRound } from './rounds';

const RUNS = 7;

export const hypercalls = (): Promise<readonly Measurement[]> =>
  withDirectory(async (directory) => {
    const image = await buildFirmware('hypercall', directory);
    const machine = await boot(defineSystem({ vms: { caller: { image, ram: kib(256) } } }));
    const value = await nanosecondsPerRound(machine, 'caller', image, RUNS);
    machine.dispose();
    return [
      {
        name: 'hypercall, there and back',
        value,
        unit: 'ns',
        runs: RUNS,
        promise: { is: 'at most', value: 200 },
      },
    ];
  });
