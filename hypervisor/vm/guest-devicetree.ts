/** The devicetree that tells a guest of its VM. */
import { devicetreeBlob } from '../../platform/devicetree';
import { Random } from '../../platform/random';
import type { System, SystemVm } from '../../platform/system';
import { virtioSlots } from '../../platform/virtio/slots';
import type { SharedRegion } from '../devices/bus';
import type { GuestImage } from './guest-image';

const SEED_SIZE = 32;
/** Then the numbers come again. */
const MOST_LIVES = 2 ** 21;

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
    rngSeed: rngSeed(seed, number, 1),
  });
}

/** The same devicetree for a later life of the VM. */
export function reseeded(bytes: Uint8Array, seed: number, vm: number, life: number): Uint8Array {
  if (life === 1) return bytes;
  const before = rngSeed(seed, vm, 1);
  const place = bytes.findIndex((_, at) => before.every((byte, index) => bytes[at + index] === byte));
  const copy = bytes.slice();
  copy.set(rngSeed(seed, vm, life), place);
  return copy;
}

/** Random numbers that a guest begins with: other ones in each life of each VM, and with each seed. */
function rngSeed(seed: number, vm: number, life: number): Uint8Array {
  const random = new Random(seed);
  for (let skipped = 0; skipped < vm * SEED_SIZE; skipped++) random.next();
  const first = Uint8Array.from({ length: SEED_SIZE }, () => random.next() & 0xff);
  return life === 1 ? first : new Random(random.next() + (life % MOST_LIVES) * 2 ** 32).bytes(SEED_SIZE);
}
