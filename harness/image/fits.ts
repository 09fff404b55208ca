import { isInFlash } from '../../platform/memory-map';
import { hex, ImageError } from './image-error';

interface Parts {
  readonly name: string;
  readonly base: number;
  readonly top: number;
  readonly segments: readonly { readonly address: number; readonly memorySize: number }[];
}

export interface FitOptions {
  /** What takes the rest of RAM: it is named where an image would reach into it. */
  readonly above?: string;
}

/**
 * Checks that every segment of an image lies within RAM of `ramSize` bytes at `ramBase`, or in flash.
 * @throws ImageError (`does-not-fit`) that names the segment
 */
export function requireFit(
  { name, base, top, segments }: Parts,
  ramBase: number,
  ramSize: number,
  { above }: FitOptions = {},
): void {
  const end = ramBase + ramSize;
  segments.forEach(({ address, memorySize }, index) => {
    const segmentEnd = address + memorySize;
    if (address >= ramBase && segmentEnd <= end) return;
    if (isInFlash(address, memorySize)) return;
    throw new ImageError(name, {
      code: 'does-not-fit',
      what:
        `segment ${index} (${hex(address)}..${hex(segmentEnd - 1)}) does not fit into RAM ` +
        `(${hex(ramBase)}..${hex(end - 1)}${above === undefined ? '' : `, ${above} above it`})`,
      mend:
        base >= ramBase && base < end
          ? `Give the VM at least ${Math.ceil((top - ramBase) / 1024)} KiB of RAM (and more for its stack and heap), or make the image smaller.`
          : `Link the image for addresses from ${hex(ramBase)} on: check ORIGIN in the linker script’s MEMORY, or -Ttext=${hex(ramBase)}.`,
    });
  });
}
