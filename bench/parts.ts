/** The parts of the bench, in the order in which they run. To add one: a row here. */
import type { Part } from './bench';
import { campaignsPart } from './campaigns/part';
import { millionPart } from './campaigns/million';
import { coldSpec } from './cold-spec';
import { imagesPart } from './compare/images';
import { linuxPart } from './compare/linux';
import { firstInstruction, fork, virtualSecond, warmBoot } from './machines/boot';
import { inPackage } from './machines/in-package';
import { speed } from './machines/speed';
import { thousandBoots } from './machines/thousand-boots';
import { pauses } from './machines/pauses';
import { bundleSizes, memoryOfVm } from './smallness';
import { start } from './start';
import { translatedOnce } from './machines/translated-once';
import type { Measurement } from './measurement';
import type { Policy } from './policy';
import { workloadsPart } from './workloads/part';

const measuring = (
  name: string,
  description: string,
  ...benchmarks: readonly ((policy: Policy) => Promise<readonly Measurement[]>)[]
): Part => ({
  name,
  description,
  compares: false,
  run: async (bench) => {
    for (const benchmark of benchmarks)
      for (const measurement of await benchmark(bench.options.policy)) bench.measured(measurement);
  },
});

export const PARTS: readonly Part[] = [
  workloadsPart,
  imagesPart,
  linuxPart,
  campaignsPart,
  millionPart,
  measuring('start', 'the installed command in a new process', start),
  measuring('spec', 'a spec file in a new process, to its verdict', coldSpec),
  measuring(
    'boot',
    'booting, the first instruction, forking, a second of a system',
    warmBoot,
    firstInstruction,
    fork,
    virtualSecond,
  ),
  measuring('speed', 'instructions a second, interpreted and by default', speed),
  measuring('pauses', 'the longest stop for translation in a small firmware', pauses),
  measuring(
    'once',
    'what a second boot, a fork and a restart translate again; size of the code',
    translatedOnce,
  ),
  measuring('vms', 'eight VMs in short turns against one', inPackage('many-vms', 'manyVms')),
  measuring(
    'calls',
    'a hypercall, a message from guest to guest',
    inPackage('hypercalls', 'hypercalls'),
    inPackage('channels', 'channels'),
  ),
  measuring(
    'size',
    'the hypervisor in one minified file and what it consists of, its own memory for a VM',
    bundleSizes,
    memoryOfVm,
  ),
  measuring('memory', 'what a thousand boots leave behind', thousandBoots),
];
