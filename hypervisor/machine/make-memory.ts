/** The one memory of a machine, and where in it its shared regions are. */
import type { System, SystemChannel } from '../../platform/system';
import { MachineMemory } from '../memory/machine-memory';

export interface MadeMemory {
  readonly memory: MachineMemory;
  /** In order of declaration. */
  readonly regions: readonly {
    readonly channel: Extract<SystemChannel, { readonly kind: 'shared' }>;
    readonly memory: ReturnType<MachineMemory['shared']>;
  }[];
}

export function makeMemory({ vms, channels }: System): MadeMemory {
  const shared = channels.filter((channel) => channel.kind === 'shared');
  const memory = MachineMemory.create({
    vms: vms.map(({ ram, limits, cores }) => ({ ram, capacity: limits.ram, harts: cores.length })),
    shared: shared.map(({ size }) => size),
  });
  return { memory, regions: shared.map((channel, index) => ({ channel, memory: memory.shared(index) })) };
}
