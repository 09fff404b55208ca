/** Injections a second, by Testvisor and by QEMU in the two ways in which it is used for them. */
import { defaultPolicy, setDefaultPolicy } from '../../hypervisor/engine/translator/policy';
import type { Bench, Part } from '../bench';
import { isInstalled, qemuFor } from '../compare/runners';
import { withDirectory } from '../machines/firmware';
import type { Promised } from '../measurement';
import { buildSortCrc } from './guest';
import { flips, freshProcesses, type QemuInjector, reusedProcess } from './qemu-injections';
import { openFlips, rateOf } from './testvisor-injections';

const WORKLOAD = 'campaigns';
const XLEN = 32;
const WARM_UP = 500;
const COUNT = 4000;
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
  const policy = defaultPolicy();
  const isInterpreted = policy === 'never';
  const size = isInterpreted ? INTERPRETED : warm;
  await measureOne(bench, image, 'injections a second, to the end of the run', false, size, 1500);
  const fastest = await measureOne(bench, image, 'injections a second, with early stop', true, size, 3000);
  if (!isInterpreted) {
    setDefaultPolicy('never');
    try {
      await measureOne(bench, image, 'injections a second, interpreted, with early stop', true, INTERPRETED);
    } finally {
      setDefaultPolicy(policy);
    }
  }
  await compareWithQemu(bench, image, fastest);
}

/** @returns injections a second */
async function measureOne(
  bench: Bench,
  image: string,
  name: string,
  earlyStop: boolean,
  { warmUp, count }: { readonly warmUp: number; readonly count: number },
  promised?: number,
): Promise<number> {
  const open = await openFlips(image, warmUp + count, earlyStop);
  try {
    const value = await rateOf(open, warmUp);
    const promise = promised === undefined ? {} : { promise: { is: 'at least', value: promised } as const };
    bench.measured({ name, value, unit: '/s', runs: 1, ...promise });
    return value;
  } finally {
    open.close();
  }
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
