/**
 * A captured VM without references to its machine: channels by name, its image by hash. So it can be kept in a file, or
 * travel to another machine whose system has a VM of the same shape.
 */
import type { System, SystemVm } from '../../platform/system';
import type { AnyChannel, GuestCapture, GuestImage, Vm } from '../../hypervisor';

/** What a VM must have in common with the one that it takes over from. */
export interface VmShape {
  readonly frequency: number;
  readonly xlen: number;
  readonly profile: string;
  readonly harts: number;
  readonly largestRam: number;
  readonly disks: readonly string[];
  readonly networkCards: number;
  readonly virtioConsole: boolean;
  readonly entropy: boolean;
  readonly consoleCapacity: number;
  /** Bytes of each of its image slots; 0 where it cannot be updated. */
  readonly slotSize: number;
  /** Its ends of channels, in order of the system's declaration. */
  readonly channels: readonly string[];
}

export interface PortableVm extends Omit<GuestCapture, 'image' | 'definition' | 'locks'> {
  readonly shape: VmShape;
  /** Hash of the image's file. */
  readonly image: string;
  readonly configuration: Pick<SystemVm, 'ram' | 'budget'>;
  /** By name. */
  readonly locks: readonly string[];
}

export function shapeOf(system: Pick<System, 'frequency'>, vm: Vm): VmShape {
  const { definition, image, virtio } = vm;
  return {
    frequency: system.frequency,
    xlen: image.xlen,
    profile: definition.profile,
    harts: definition.cores.length,
    largestRam: definition.limits.ram,
    disks: definition.disks.map(
      ({ readOnly }, disk) => `${virtio.disks[disk]!.size} bytes${readOnly ? ', read only' : ''}`,
    ),
    networkCards: definition.nics.length,
    virtioConsole: definition.virtioConsole,
    entropy: definition.entropy,
    consoleCapacity: definition.consoleCapacity,
    slotSize: definition.update?.slotSize ?? 0,
    channels: vm.ports.map((port) => {
      const size = 'messageSize' in port ? ` of ${port.messageSize} bytes` : '';
      return `${port.name}, a ${port.kind} channel${size} ${port.sender === vm.number ? 'from it' : 'to it'}`;
    }),
  };
}

/** The first thing in which two shapes differ. */
export function shapeDifference(
  wanted: VmShape,
  found: VmShape,
): { readonly what: string; readonly wanted: string; readonly found: string } | undefined {
  for (const what of Object.keys(wanted) as (keyof VmShape)[]) {
    const [one, other] = [JSON.stringify(wanted[what]), JSON.stringify(found[what])];
    if (one !== other) return { what, wanted: one, found: other ?? 'nothing' };
  }
  return undefined;
}

export function toPortable(
  system: Pick<System, 'frequency'>,
  vm: Vm,
  { image: _, definition, locks, ...rest }: GuestCapture,
  hash: string,
): PortableVm {
  const nameOf = (channel: number): string => vm.ports.find(({ number }) => number === channel)!.name;
  return {
    ...withChannels(rest, nameOf),
    shape: shapeOf(system, vm),
    image: hash,
    configuration: { ram: definition.ram, budget: definition.budget },
    locks: locks.map(nameOf),
  };
}

/** Shapes and hashes must have been compared before. */
export function fromPortable(vm: Vm, portable: PortableVm, image: GuestImage): GuestCapture {
  const { shape: _shape, image: _hash, configuration, locks, ...rest } = portable;
  const numberOf = (name: unknown): number => portNamed(vm, name).number;
  return {
    ...withChannels(rest, numberOf),
    image,
    definition: { ...vm.definition, ...configuration },
    locks: locks.map(numberOf),
  };
}

function portNamed(vm: Vm, name: unknown): AnyChannel {
  const port = vm.ports.find((candidate) => candidate.name === name);
  if (port === undefined) throw new RangeError(`VM ${vm.name} has no end of a channel ${String(name)}`);
  return port;
}

/** Translates what its harts wait for, now and where a restart from its own snapshot returns to. */
function withChannels<Part extends Pick<GuestCapture, 'guest' | 'history'>>(
  part: Part,
  translate: (channel: never) => unknown,
): Part {
  const translated = <Holder extends Pick<GuestCapture['guest'], 'vcpus'>>(holder: Holder): Holder => ({
    ...holder,
    vcpus: holder.vcpus.map(({ vcpu, block }) => {
      const { state } = vcpu;
      if (state.is !== 'waiting' || !('channel' in state.wait)) return { vcpu, block };
      const wait = { ...state.wait, channel: translate(state.wait.channel as never) };
      return { vcpu: { ...vcpu, state: { ...state, wait } }, block };
    }),
  });
  const { checkpoint } = part.history;
  return {
    ...part,
    guest: translated(part.guest),
    history: { ...part.history, checkpoint: checkpoint && translated(checkpoint) },
  };
}
