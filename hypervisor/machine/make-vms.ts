/** The VMs of a machine, each with its memory, media, cards and shared regions. */
import type { SystemChannel } from '../../platform/system';
import type { MachineMemory, SharedMemory } from '../memory/machine-memory';
import type { Network } from '../network/network';
import type { VmEnvironment } from '../vm/contract';
import type { GuestImage } from '../vm/guest-image';
import { Vm } from '../vm/vm';
import type { MachineOptions } from './contract';

interface Surroundings {
  readonly memory: MachineMemory;
  /** The shared channels, each with its place in memory. */
  readonly regions: readonly {
    readonly channel: Extract<SystemChannel, { kind: 'shared' }>;
    readonly memory: SharedMemory;
  }[];
  readonly networks: readonly Network[];
}

/** @param images by VM name; throws a `RangeError` where there is none. */
export function makeVms(
  environment: VmEnvironment,
  images: ReadonlyMap<string, GuestImage>,
  { disks, flash }: MachineOptions,
  { memory, regions, networks }: Surroundings,
): readonly Vm[] {
  let firstVcpu = 0;
  return environment.system.vms.map((definition, number) => {
    const { name } = definition;
    const image = images.get(name);
    if (image === undefined) throw new RangeError(`there is no image for VM ${name}`);
    const ram = memory.vm(number);
    ram.sharesCode = environment.system.vms.some(
      (other) => images.get(other.name) === image && (other !== definition || other.cores.length > 1),
    );
    const vm = new Vm(environment, {
      number,
      firstVcpu,
      definition,
      image,
      memory: ram,
      disks: disks?.get(name) ?? [],
      flash: flash?.get(name) ?? [],
      nics: definition.nics.map(({ network }, nic) =>
        networks.find((candidate) => candidate.name === network)!.portOf(name, nic)!,
      ),
      shared: regions
        .filter(({ channel: { from, to } }) => from === name || to.includes(name))
        .map(({ channel, memory: { linear } }) => ({
          channel: channel.name,
          address: channel.address,
          size: channel.size,
          linear,
          writable: channel.from === name,
        })),
    });
    firstVcpu += vm.vcpus.length;
    return vm;
  });
}
