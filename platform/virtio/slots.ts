/** Which virtio device of a VM sits in which slot: disks first, then the console, then the source of entropy. */
import type { SystemVm } from '../system';

/** What a slot holds; a disk by its number in the VM's declaration. */
export type SlotContent =
  | { readonly kind: 'block'; readonly disk: number }
  | { readonly kind: 'console' }
  | { readonly kind: 'entropy' };

/** The contents of slots 0, 1 and so on; the slots after them are empty. */
export const virtioSlots = ({
  disks,
  virtioConsole,
  entropy,
}: Pick<SystemVm, 'disks' | 'virtioConsole' | 'entropy'>): readonly SlotContent[] => [
  ...disks.map((_, disk): SlotContent => ({ kind: 'block', disk })),
  ...(virtioConsole ? [{ kind: 'console' } as const] : []),
  ...(entropy ? [{ kind: 'entropy' } as const] : []),
];
