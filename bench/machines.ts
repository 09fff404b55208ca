/** Booting and forking the three-VM system within one process. */
import { boot, ms } from 'testvisor';
import { trainControl } from '../fixtures/train-control/system';
import { median, milliseconds, type Measurement } from './measurement';

const RUNS = 50;
const WARM_UP = 5;
const FORK_UNIT = 256 * 1024;

export async function warmBoot(): Promise<Measurement> {
  const times = await milliseconds(RUNS, WARM_UP, async () => (await boot(trainControl)).dispose());
  return {
    name: 'warm boot of the three-VM system',
    value: median(times),
    unit: 'ms',
    runs: RUNS,
    promise: { is: 'at most', value: 10 },
  };
}

export async function fork(): Promise<Measurement> {
  const machine = await boot(trainControl);
  await machine.runFor(ms(20));
  const ram = machine.system.vms.reduce((sum, vm) => sum + vm.ram, 0);
  const times = await milliseconds(RUNS, WARM_UP, () => machine.fork().dispose());
  machine.dispose();
  return {
    name: 'fork of a booted machine, for each 256 KiB of guest RAM',
    value: (median(times) * FORK_UNIT) / ram,
    unit: 'ms',
    runs: RUNS,
    promise: { is: 'at most', value: 1 },
  };
}

/** Host time that one virtual second of train control takes: what a long scenario costs. */
export async function virtualSecond(): Promise<Measurement> {
  const runs = 5;
  const machine = await boot(trainControl);
  const times = await milliseconds(runs, 1, () => machine.runFor(ms(1000)));
  machine.dispose();
  return { name: 'one virtual second of train control', value: median(times), unit: 'ms', runs };
}
