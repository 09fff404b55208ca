/** How little the hypervisor itself takes: its code, and its own memory for each VM. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { boot, defineSystem, kib } from 'testvisor';
import { ENTRY_TABLE_SIZE } from '../hypervisor/memory/entry-table';
import { TRANSLATION_SIZE } from '../hypervisor/memory/translation-banks';
import { HART_BLOCK_SIZE } from '../hypervisor/hart/layout';
import { bundleHypervisor } from './bundle';
import type { Measurement } from './measurement';

const VMS = 50;
const KILOBYTE = 1000;
const KIBIBYTE = 1024;
const LOOP = Uint8Array.of(0x6f, 0, 0, 0);

export async function bundleSizes(): Promise<readonly Measurement[]> {
  const { minified, compressed, parts } = await bundleHypervisor();
  return [
    {
      name: 'hypervisor and platform in one minified file',
      value: minified / KILOBYTE,
      unit: 'KB',
      runs: 1,
      promise: { is: 'at most', value: 300 },
    },
    { name: 'the same, compressed', value: compressed / KILOBYTE, unit: 'KB', runs: 1 },
    ...[...parts].map(([part, bytes]) => ({
      name: `of it ${part}`,
      value: bytes / KILOBYTE,
      unit: 'KB',
      runs: 1,
    })),
  ];
}

/** The hypervisor's own memory for a VM of one hart, beyond the guest's RAM and what is decoded or translated of it. */
export async function memoryOfVm(): Promise<readonly Measurement[]> {
  const [few, many] = [await heapWith(1), await heapWith(VMS + 1)];
  const linear = HART_BLOCK_SIZE + TRANSLATION_SIZE + ENTRY_TABLE_SIZE;
  return [
    {
      name: 'the hypervisor’s own memory for a VM of one hart',
      value: ((many - few) / VMS + linear) / KIBIBYTE,
      unit: 'KiB',
      runs: 1,
      promise: { is: 'at most', value: 1024 },
    },
  ];
}

async function heapWith(count: number): Promise<number> {
  const vm = { image: { raw: LOOP, xlen: 32, at: 0x8000_0000 } as const, ram: kib(64) };
  const system = defineSystem({
    vms: Object.fromEntries(Array.from({ length: count }, (_, number) => [`vm${number}`, vm])),
  });
  (await boot(system)).dispose();
  const before = settledHeap();
  const machine = await boot(system);
  const after = settledHeap();
  machine.dispose();
  return after - before;
}

/** Bytes of JavaScript's heap and its buffers after a collection; a machine's own memory is WebAssembly's and not in it. */
function settledHeap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
