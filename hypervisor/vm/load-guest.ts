/** Puts a guest image into a VM's RAM, and says where what its platform tells it of itself has its place. */
import { isInFlash, MEMORY_MAP } from '../../platform/memory-map';
import { FlashContents } from '../devices/flash/contents';
import type { MediaSource } from '../devices/media/media-source';
import type { GuestImage } from './guest-image';
import type { GuestMemory } from './guest-memory';

/** Devicetrees start at a multiple of this (devicetree specification 0.4, section 5.2: at least 8). */
const ALIGNMENT = 16;

/** Behind a devicetree, firmware and boot loaders find this much of RAM free, at most, to add nodes to it in place. */
const MOST_ROOM = 64 * 1024;
const ROOM_SHARE = 1 / 64;

/** What lies at the end of RAM, out of the way of what grows from below. */
export interface Handover {
  readonly devicetree: { readonly address: number; readonly bytes: Uint8Array };
  /** Everything from here to the end of RAM is taken by it. */
  readonly start: number;
}

/** Places the devicetree near the end of RAM. */
export function placeHandover(
  { ramBase, ramSize }: { readonly ramBase: number; readonly ramSize: number },
  devicetree: Uint8Array,
): Handover {
  const end = ramBase + ramSize - Math.min(ramSize * ROOM_SHARE, MOST_ROOM);
  const address = Math.floor((end - devicetree.length) / ALIGNMENT) * ALIGNMENT;
  return { devicetree: { address, bytes: devicetree }, start: address };
}

/**
 * @param clear `cold`: all of RAM is zero but for what the image brings. Otherwise RAM that the file's bytes do not cover
 *   stays as it is; zero-initialised data is the start-up code's to clear, which is what leaves it the
 *   choice to keep some.
 */
export function loadGuest(memory: GuestMemory, image: GuestImage, clear: boolean): void {
  if (clear) memory.clear();
  for (const { address, bytes } of loadedSegments(image)) memory.write(address, bytes);
}

/** The address behind all that a start loads into RAM. */
export const endOfLoaded = ({ segments }: GuestImage): number =>
  segments
    .filter(({ address, memorySize }) => !isInFlash(address, memorySize))
    .reduce((end, { address, memorySize }) => Math.max(end, address + memorySize), 0);

/** KiB that loading an image moves, which is what the cost model counts. */
export const loadedKib = (image: GuestImage): number =>
  Math.ceil(loadedSegments(image).reduce((sum, { bytes }) => sum + bytes.length, 0) / 1024);

/** The segments that every start loads: those in flash are there already, or what the guest has made of them. */
const loadedSegments = ({ segments }: GuestImage): GuestImage['segments'] =>
  segments.filter(({ address, memorySize }) => !isInFlash(address, memorySize));

/** What the flash is delivered with: what its banks hold, and over it the segments of the image that lie in flash. */
export function deliveredFlash(
  banks: readonly (MediaSource | undefined)[],
  image: GuestImage,
): FlashContents {
  const contents = new FlashContents(banks);
  flashSegments(image, contents);
  return contents;
}

/** Writes the segments of an image that lie in flash. */
export function flashSegments({ segments }: GuestImage, contents: FlashContents): void {
  for (const { address, bytes, memorySize } of segments)
    if (isInFlash(address, memorySize)) contents.write(address - MEMORY_MAP.flash.base, bytes);
}
