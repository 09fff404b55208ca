/** Which virtio device of a VM sits in which slot: disks first, then network cards, the console, the source of entropy. */
import type { SystemVm } from '../system';

/** What a slot holds; a disk and a network card by its number in the VM's declaration. */
export type SlotContent =
  | { readonly kind: 'block'; readonly disk: number }
  | { readonly kind: 'net'; readonly nic: number }
  | { readonly kind: 'console' }
  | { readonly kind: 'entropy' };

/** The contents of slots 0, 1 and so on; the slots after them are empty. */
export const virtioSlots = ({
  disks,
  nics,
  virtioConsole,
  entropy,
}: Pick<SystemVm, 'disks' | 'nics' | 'virtioConsole' | 'entropy'>): readonly SlotContent[] => [
  ...disks.map((_, disk): SlotContent => ({ kind: 'block', disk })),
  ...nics.map((_, nic): SlotContent => ({ kind: 'net', nic })),
  ...(virtioConsole ? [{ kind: 'console' } as const] : []),
  ...(entropy ? [{ kind: 'entropy' } as const] : []),
];
