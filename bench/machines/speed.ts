/** Instructions a second, interpreted and with the policy that the bench was given. */
import { boot, defineSystem, kib, ms } from 'testvisor';
import { defaultPolicy, setDefaultPolicy } from '../../hypervisor/engine/translator/policy';
import { busyMilliseconds, median, type Measurement } from '../measurement';
import { buildEndless, withDirectory } from './firmware';

const RUNS = 5;
const WARM_UP = 3;
const STRETCH = ms(1000);
/** A workload, and the MIPS that the interpreter alone is promised to reach. */
const WORKLOADS = [
  { name: 'states', isa: 'IMAC', interpreted: 300 },
  { name: 'paged', isa: 'IMAC', interpreted: 150 },
  { name: 'float', isa: 'IMAFDC', interpreted: 100 },
] as const;

async function mips(image: string): Promise<number> {
  const machine = await boot(defineSystem({ vms: { guest: { image, profile: 'machine', ram: kib(256) } } }));
  const guest = machine.vm('guest');
  const speeds: number[] = [];
  for (let run = -WARM_UP; run < RUNS; run++) {
    const before = guest.instructions;
    const time = await busyMilliseconds(() => machine.runFor(STRETCH));
    if (run >= 0) speeds.push((guest.instructions - before) / time / 1000);
  }
  machine.dispose();
  return median(speeds);
}

export const speed = (): Promise<readonly Measurement[]> =>
  withDirectory(async (directory) => {
    const policy = defaultPolicy();
    const measurements: Measurement[] = [];
    try {
      for (const { name, isa, interpreted } of WORKLOADS) {
        for (const xlen of [32, 64] as const) {
          const image = await buildEndless(name, directory, xlen);
          const common = { unit: 'MIPS', runs: RUNS };
          setDefaultPolicy('never');
          measurements.push({
            name: `RV${xlen}${isa} ${name}, interpreted`,
            value: await mips(image),
            ...common,
            promise: { is: 'at least', value: interpreted },
          });
          if (policy === 'never') continue;
          setDefaultPolicy(policy);
          measurements.push({ name: `RV${xlen}${isa} ${name}`, value: await mips(image), ...common });
        }
      }
    } finally {
      setDefaultPolicy(policy);
    }
    return measurements;
  });
