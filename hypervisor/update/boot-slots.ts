/** Which image an updatable VM boots when its machine starts: what its boot record says, or else the other slot's. */
import type { System, SystemVm } from '../../platform/system';
import { SLOTS } from '../../platform/update/boot-record';
import type { HostServices } from '../secure-boot/host-services';
import { type RollbackCounters, SecureBoot } from '../secure-boot/secure-boot';
import type { GuestImage } from '../vm/guest-image';
import { DELIVERED_SLOTS, readRecord, type SlotsStorage } from './slots';

/** By VM name. */
export type UpdatesStorage = Readonly<Record<string, SlotsStorage>>;

/** What slots are read by. */
export interface SlotReader {
  readonly services?: HostServices | undefined;
  readonly storage?: { readonly counters: RollbackCounters; readonly updates: UpdatesStorage } | undefined;
}

/** What says whether an image may be started. */
export interface SlotChecks {
  readonly secureBoot: SecureBoot;
  readonly services: HostServices | undefined;
}

/** The images that VMs boot, by VM name, where some of them have been updated. @param delivered those of the system */
export function bootImages(
  system: System,
  delivered: ReadonlyMap<string, GuestImage>,
  { services, storage }: SlotReader,
): ReadonlyMap<string, GuestImage> {
  const secureBoot = new SecureBoot(services, storage?.counters);
  const images = new Map(delivered);
  for (const vm of system.vms) {
    const slots = storage?.updates[vm.name];
    if (vm.update === undefined || slots === undefined) continue;
    const booted = bootedSlot(vm, slots, { secureBoot, services })?.image ?? 'delivered';
    if (booted !== 'delivered') images.set(vm.name, booted);
  }
  return images;
}

export const slotsOf = (storage: SlotReader['storage'], vm: string): SlotsStorage =>
  storage?.updates[vm] ?? DELIVERED_SLOTS;

/** The slot that is booted: that of the record, or else the other one; `undefined` where neither has an image that starts. */
export function bootedSlot(
  vm: SystemVm,
  storage: SlotsStorage,
  { secureBoot, services }: SlotChecks,
): { readonly slot: number; readonly image: GuestImage | 'delivered' } | undefined {
  const first = readRecord(storage).slot;
  for (let tried = 0; tried < SLOTS; tried++) {
    const slot = (first + tried) % SLOTS;
    const file = storage.slots[slot];
    if (file === null) return { slot, image: 'delivered' };
    const image = file && readSlot(vm, slot, file, secureBoot, services);
    if (image !== undefined) return { slot, image };
  }
  return undefined;
}

function readSlot(
  vm: SystemVm,
  slot: number,
  file: Uint8Array,
  secureBoot: SecureBoot,
  services: HostServices | undefined,
): GuestImage | undefined {
  if (secureBoot.verdict(vm, { signed: file }) !== undefined) return undefined;
  const image = services?.readImage(file, nameOfSlot(vm.name, slot));
  return typeof image === 'string' ? undefined : image;
}

/** For messages. */
export const nameOfSlot = (vm: string, slot: number): string => `slot ${slot} of ${vm}`;
