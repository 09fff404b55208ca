/** Puts a guest image and its devicetree into a VM's RAM. */
import type { GuestImage } from './guest-image';
import type { GuestMemory } from './guest-memory';

/** Devicetrees start at a multiple of this (devicetree specification 0.4, section 5.2: at least 8). */
const DEVICETREE_ALIGNMENT = 16;

/** Where a devicetree of this size goes: the end of RAM, out of the way of what grows from below. */
export const devicetreeAddress = (ramBase: number, ramSize: number, size: number): number =>
  Math.floor((ramBase + ramSize - size) / DEVICETREE_ALIGNMENT) * DEVICETREE_ALIGNMENT;

/**
 * @param clear `cold`: all of RAM is zero but for what the image brings. Otherwise RAM that the file's bytes do not cover
 *   stays as it is; zero-initialised data is the start-up code's to clear, which is what leaves it the
 *   choice to keep some.
 */
export function loadGuest(
  memory: GuestMemory,
  image: GuestImage,
  devicetree: { readonly address: number; readonly bytes: Uint8Array },
  clear: boolean,
): void {
  if (clear) memory.clear();
  for (const { address, bytes } of image.segments) memory.write(address, bytes);
  memory.write(devicetree.address, devicetree.bytes);
}

/** KiB that loading an image moves, which is what the cost model counts. */
export const loadedKib = (image: GuestImage): number =>
  Math.ceil(image.segments.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1024);
