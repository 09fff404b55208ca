/** Eight VMs that take turns of 10 µs, against one that has its core to itself. */
import { boot, defineSystem, kib, ms, us } from 'testvisor';
import { busyMilliseconds, median, type Measurement } from '../measurement';
import { buildEndless, withDirectory } from './firmware';

const RUNS = 5;
const WARM_UP = 3;
const STRETCH = ms(500);
const MANY = 8;

/** Instructions of all VMs for each millisecond of processor time. */
async function throughputs(image: string, count: number): Promise<() => Promise<number>> {
  const names = Array.from({ length: count }, (_, index) => `vm${index}`);
  const machine = await boot(
    defineSystem({
      timeSlice: us(10),
      vms: Object.fromEntries(
        names.map((name) => [name, { image, profile: 'machine', ram: kib(256) }] as const),
      ),
    }),
  );
  const instructions = (): number => names.reduce((sum, name) => sum + machine.vm(name).instructions, 0);
  return async () => {
    const before = instructions();
    const time = await busyMilliseconds(() => machine.runFor(STRETCH));
    return (instructions() - before) / time;
  };
}

export const manyVms = (): Promise<readonly Measurement[]> =>
  withDirectory(async (directory) => {
    const image = await buildEndless('states', directory);
    const [one, many] = [await throughputs(image, 1), await throughputs(image, MANY)];
    const ratios: number[] = [];
    for (let run = -WARM_UP; run < RUNS; run++) {
      const alone = await one();
      const ratio = (await many()) / alone;
      if (run >= 0) ratios.push(ratio);
    }
    return [
      {
        name: 'eight VMs with turns of 10 µs, of the throughput of one VM',
        value: median(ratios) * 100,
        unit: '%',
        runs: RUNS,
        promise: { is: 'at least', value: 50 },
      },
    ];
  });
