/** Injections a second, by Testvisor and by QEMU in the two ways in which it is used for them. */
import type { Bench, Part } from '../bench';
import { isInstalled, qemuFor } from '../compare/runners';
import { withDirectory } from '../machines/firmware';
import type { Promised } from '../measurement';
import type { Policy } from '../policy';
import { buildSortCrc } from './guest';
import { flips, freshProcesses, type QemuInjector, reusedProcess } from './qemu-injections';
import { type Injections, rateInPackage } from './testvisor-injections';

const WORKLOAD = 'campaigns';
const XLEN = 32;
/** By then V8 has compiled what a campaign needs: before, injections take half as long again. */
const WARM_UP = 2000;
const COUNT = 20_000;
/** The interpreter takes much longer. */
const INTERPRETED = { warmUp: 20, count: 200 };
const SEED = 1;

interface Peer {
  readonly name: string;
  /** Injections of one run. */
  readonly count: number;
  readonly open: (image: string) => Promise<QemuInjector>;
  readonly promise?: Promised;
}

const PEERS: readonly Peer[] = [
  {
    name: 'qemu-gdb-fresh',
    count: 30,
    open: freshProcesses,
    promise: { is: 'at least', value: 250 },
  },
  { name: 'qemu-loadvm', count: 100, open: reusedProcess },
];

export const campaignPeerNames = PEERS.map(({ name }) => name);

export const campaignsPart: Part = {
  name: 'campaigns',
  description: 'injections a second, beside QEMU with its gdb stub and with snapshots',
  compares: true,
  run: (bench) => withDirectory((directory) => measure(bench, directory)),
};

async function measure(bench: Bench, directory: string): Promise<void> {
  const image = await buildSortCrc(directory);
  const warm = { warmUp: WARM_UP, count: COUNT };
  const { policy } = bench.options;
  const size = policy === 'interpret' ? INTERPRETED : warm;
  const measured = async (
    name: string,
    by: Policy,
    injections: Injections,
    promised?: number,
  ): Promise<number> => {
    const value = await rateInPackage(image, by, injections);
    const promise = promised === undefined ? {} : { promise: { is: 'at least', value: promised } as const };
    bench.measured({ name, value, unit: '/s', runs: 1, ...promise });
    return value;
  };
  const [toTheEnd, early] = [
    { ...size, earlyStop: false },
    { ...size, earlyStop: true },
  ];
  await measured('injections a second, to the end of the run', policy, toTheEnd, 1500);
  const fastest = await measured('injections a second, with early stop', policy, early, 3000);
  if (policy !== 'interpret') {
    const interpreted = { ...INTERPRETED, earlyStop: true };
    await measured('injections a second, interpreted, with early stop', 'interpret', interpreted);
  }
  await compareWithQemu(bench, image, fastest);
}

async function compareWithQemu(bench: Bench, image: string, perSecond: number): Promise<void> {
  const wanted = PEERS.filter(({ name }) => bench.options.peers?.includes(name) ?? true);
  if (wanted.length > 0 && !(await isInstalled(qemuFor(XLEN)))) {
    bench.leftOut(`${wanted.map(({ name }) => name).join(', ')}: ${qemuFor(XLEN)} is not installed`);
    return;
  }
  for (const { name, count, open, promise } of wanted) {
    const injector = await open(image);
    try {
      const start = performance.now();
      for (const flip of flips(count, SEED)) await injector.inject(flip);
      const theirs = performance.now() - start;
      const ours = (count / perSecond) * 1000;
      bench.compared({
        ...{ workload: WORKLOAD, xlen: XLEN, peer: name, kind: 'steady', ratio: theirs / ours, runs: 1 },
        testvisor: { wall: ours, cpu: undefined },
        other: { wall: theirs, cpu: undefined },
        ...(promise && { promise }),
      });
    } finally {
      injector.close();
    }
  }
}
