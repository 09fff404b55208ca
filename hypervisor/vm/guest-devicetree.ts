/** The devicetree that tells a guest of its VM. */
import { devicetreeBlob } from '../../platform/devicetree';
import { Random } from '../../platform/random';
import type { System, SystemVm } from '../../platform/system';
import { virtioSlots } from '../../platform/virtio/slots';
import type { SharedRegion } from '../devices/bus';
import type { GuestImage } from './guest-image';

const SEED_SIZE = 32;

export interface DescribedVm {
  readonly number: number;
  readonly definition: SystemVm;
  readonly image: GuestImage;
  readonly shared: readonly (SharedRegion & { readonly channel: string })[];
}

/** The last one of each VM's definition: forks of a machine have the same, and making it takes longer than the rest of a fork. */
const made = new WeakMap<
  SystemVm,
  { readonly seed: number; readonly image: GuestImage; readonly bytes: Uint8Array }
>();

export function guestDevicetree(
  system: Pick<System, 'frequency'>,
  seed: number,
  vm: DescribedVm,
): Uint8Array {
  const { definition, image } = vm;
  const last = made.get(definition);
  if (last?.seed === seed && last.image === image) return last.bytes;
  const bytes = makeDevicetree(system, seed, vm);
  made.set(definition, { seed, image, bytes });
  return bytes;
}

function makeDevicetree(
  { frequency }: Pick<System, 'frequency'>,
  seed: number,
  { number, definition, image, shared }: DescribedVm,
): Uint8Array {
  return devicetreeBlob({
    xlen: image.xlen,
    profile: definition.profile,
    harts: definition.cores.length,
    ram: definition.ram,
    frequency,
    bootArguments: definition.bootArguments,
    initrd: image.initrd,
    virtioSlots: [...Array(definition.shownSlots ?? virtioSlots(definition).length).keys()],
    shared,
    rngSeed: randomBytes(seed, number),
  });
}

/** Differs between VMs of one machine, and with the seed. */
function randomBytes(seed: number, vm: number): Uint8Array {
  const random = new Random(seed);
  for (let skipped = 0; skipped < vm * SEED_SIZE; skipped++) random.next();
  return Uint8Array.from({ length: SEED_SIZE }, () => random.next() & 0xff);
}
