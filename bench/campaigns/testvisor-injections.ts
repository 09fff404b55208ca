/** Injections by the campaign engine: flips of one bit of x1 to x31 before uniformly random instructions. */
import { faultSpace, ns, openCampaign, type OpenCampaign, sample } from 'testvisor';
import { busyMilliseconds } from '../measurement';
import { outputInPackage } from '../packaged';
import type { Policy } from '../policy';
import { sortCrcSystem, undisturbed } from './guest';

/** Of the undisturbed run: after so much time a guest counts as hung or lost. */
const PATIENCE = 2;
const SEED = 1;

export interface Injections {
  /** Those that come first and do not count; and those that do. */
  readonly warmUp: number;
  readonly count: number;
  readonly earlyStop: boolean;
}

/**
 * Injections a second of code as a package has it, in a process of its own.
 * @throws Error when one could not be carried out: that is no figure
 */
export async function rateInPackage(image: string, policy: Policy, injections: Injections): Promise<number> {
  const rate = await outputInPackage(`
    import { setPolicy } from './bench/policy';
    import { rateHere } from './bench/campaigns/testvisor-injections';
    setPolicy('${policy}');
    void rateHere(${JSON.stringify(image)}, ${JSON.stringify(injections)}).then((rate) => console.log(rate));
  `);
  return Number(rate);
}

/** Injections a second of this process. */
export async function rateHere(image: string, { warmUp, count, earlyStop }: Injections): Promise<number> {
  const open = await openFlips(image, warmUp + count, earlyStop);
  try {
    return await rateOf(open, warmUp);
  } finally {
    open.close();
  }
}

/** @param count injections that it has, warming up included */
export async function openFlips(image: string, count: number, earlyStop: boolean): Promise<OpenCampaign> {
  const { duration } = await undisturbed(image);
  return openCampaign({
    name: 'flips',
    system: sortCrcSystem(image),
    seed: SEED,
    workload: {
      atMost: ns(duration * PATIENCE),
      until: (machine) => machine.vm('sorter').halted(),
    },
    oracle: (machine) => machine.vm('sorter').state,
    space: faultSpace.registers({ vm: 'sorter' }),
    plan: sample({ size: count }),
    // Looks at failures are so many for each campaign, however many injections it has.
    lookedAt: 0,
    // Every injection is to be carried out, also those whose outcome could be told without.
    shortcuts: { pruning: false, earlyStop },
  });
}

/** Of the time that this process was busy with them. */
async function rateOf(open: OpenCampaign, warmUp: number): Promise<number> {
  const run = (index: number): void => {
    const { outcome, cause } = open.run(index);
    if (outcome === 'harness-error') throw new Error(`injection ${index}: ${cause}`);
  };
  for (let index = 0; index < warmUp; index++) run(index);
  const time = await busyMilliseconds(() => {
    for (let index = warmUp; index < open.head.planned; index++) run(index);
  });
  return ((open.head.planned - warmUp) / time) * 1000;
}
