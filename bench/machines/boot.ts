/** Booting, forking and running the three-VM system within one process. */
import { boot, ms, us } from 'testvisor';
import { trainControl } from '../../fixtures/train-control/system';
import { median, milliseconds, type Measurement } from '../measurement';

const RUNS = 50;
const WARM_UP = 5;
const FORK_UNIT = 256 * 1024;
/** Enough for the first guest to have begun. */
const A_MOMENT = us(1);

export async function warmBoot(): Promise<readonly Measurement[]> {
  const times = await milliseconds(RUNS, WARM_UP, async () => (await boot(trainControl)).dispose());
  return [
    {
      name: 'warm boot of the three-VM system',
      value: median(times),
      unit: 'ms',
      runs: RUNS,
      promise: { is: 'at most', value: 10 },
    },
  ];
}

/** From the call of `boot` until guest code has run. */
export async function firstInstruction(): Promise<readonly Measurement[]> {
  const times = await milliseconds(RUNS, WARM_UP, async () => {
    const machine = await boot(trainControl);
    await machine.runFor(A_MOMENT);
    if (machine.vm('train').instructions === 0) throw new Error('the guest has not begun');
    machine.dispose();
  });
  return [
    {
      name: 'first instruction after boot',
      value: median(times),
      unit: 'ms',
      runs: RUNS,
      promise: { is: 'at most', value: 5 },
    },
  ];
}

export async function fork(): Promise<readonly Measurement[]> {
  const machine = await boot(trainControl);
  await machine.runFor(ms(20));
  const ram = machine.system.vms.reduce((sum, vm) => sum + vm.ram, 0);
  const times = await milliseconds(RUNS, WARM_UP, () => machine.fork().dispose());
  machine.dispose();
  return [
    {
      name: 'fork of a booted machine, for each 256 KiB of guest RAM',
      value: (median(times) * FORK_UNIT) / ram,
      unit: 'ms',
      runs: RUNS,
      promise: { is: 'at most', value: 1 },
    },
  ];
}

/** Host time that one virtual second of train control takes: what a long scenario costs. */
export async function virtualSecond(): Promise<readonly Measurement[]> {
  const runs = 5;
  const machine = await boot(trainControl);
  const times = await milliseconds(runs, 1, () => machine.runFor(ms(1000)));
  machine.dispose();
  return [{ name: 'one virtual second of train control', value: median(times), unit: 'ms', runs }];
}
