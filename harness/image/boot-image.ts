/** What a VM boots, put together: firmware, program and initial file system, each in its place. */
import { createHash } from 'node:crypto';
import type { GuestImage } from '../../hypervisor';
import { type FitOptions, requireFit } from './fits';
import { hex, ImageError } from './image-error';
import { joinSymbols } from './joined-symbols';
import type { LoadedImage } from './loaded-image';

export interface BootParts {
  readonly image: LoadedImage;
  /** Runs first, in M-mode, and starts the image. */
  readonly firmware: LoadedImage | undefined;
  readonly initrd: Uint8Array | undefined;
}

const PAGE = 4096;
/** The furthest that QEMU's `virt` board places an initial file system above the kernel (hw/riscv/boot.c). */
const FURTHEST_INITRD = 128 * 2 ** 20;
/** Kept free at the end of RAM for the devicetree and what is added to it. */
const DEVICETREE_ROOM = 128 * 1024;

/**
 * One image of all parts, for RAM at `ram.base`.
 * @throws ImageError (`foreign-class`, `parts-overlap`, `does-not-fit`)
 */
export function bootImage(
  { image, firmware, initrd }: BootParts,
  ram: { readonly base: number; readonly size: number },
): LoadedImage {
  if (firmware === undefined && initrd === undefined) return image;
  if (firmware !== undefined) requireStage(firmware, image);
  const placed = initrd === undefined ? undefined : placeInitrd(image, initrd, ram);
  const parts = [...(firmware?.segments ?? []), ...image.segments, ...(placed === undefined ? [] : [placed])];
  const segments = parts.sort((a, b) => a.address - b.address);
  const last = segments.at(-1)!;
  const hash = createHash('sha256')
    .update(image.hash)
    .update(firmware?.hash ?? '');
  if (initrd !== undefined) hash.update(createHash('sha256').update(initrd).digest('hex'));
  const whole = {
    name: image.name,
    xlen: image.xlen,
    hash: hash.digest('hex'),
    kind: image.kind,
    flags: image.flags,
    entry: (firmware ?? image).entry,
    segments,
    base: segments[0]!.address,
    top: last.address + last.memorySize,
    symbols: firmware === undefined ? image.symbols : joinSymbols(image.symbols, firmware.symbols),
    get debugInfo() {
      return image.debugInfo;
    },
    sourceLine: (address: number | bigint) => image.sourceLine(address) ?? firmware?.sourceLine(address),
    fits: (ramBase: number, ramSize: number, options?: FitOptions) =>
      requireFit(whole, ramBase, ramSize, options),
    ...(placed === undefined ? {} : { initrd: { address: placed.address, size: placed.bytes.length } }),
    ...(firmware === undefined ? {} : { nextStage: image.entry }),
  };
  return whole;
}

function requireStage(firmware: LoadedImage, image: LoadedImage): void {
  if (firmware.xlen !== image.xlen)
    throw new ImageError(image.name, {
      code: 'foreign-class',
      what: `the image is for RV${image.xlen}, but its firmware ${firmware.name} for RV${firmware.xlen}`,
      mend: 'Build both for the same width of registers.',
    });
  const overlapping = image.segments.find(({ address, memorySize }) =>
    firmware.segments.some(
      (other) => address < other.address + other.memorySize && other.address < address + memorySize,
    ),
  );
  if (overlapping === undefined) return;
  throw new ImageError(image.name, {
    code: 'parts-overlap',
    what: `the image (from ${hex(overlapping.address)}) overlaps its firmware ${firmware.name} (${hex(firmware.base)}..${hex(firmware.top - 1)})`,
    mend: 'Link the image for where the firmware starts it: 0x80200000 for RV64, 0x80400000 for RV32.',
  });
}

/** As on QEMU's board half of RAM above the kernel, at most 128 MiB, but never within it nor beyond RAM. */
function placeInitrd(
  image: LoadedImage,
  bytes: Uint8Array,
  ram: { readonly base: number; readonly size: number },
): GuestImage['segments'][number] {
  const lowest = Math.ceil(image.top / PAGE) * PAGE;
  const highest = Math.floor((ram.base + ram.size - DEVICETREE_ROOM - bytes.length) / PAGE) * PAGE;
  if (highest < lowest)
    throw new ImageError(image.name, {
      code: 'does-not-fit',
      what: `its initial file system (${Math.ceil(bytes.length / 1024)} KiB) does not fit above it into RAM (${hex(ram.base)}..${hex(ram.base + ram.size - 1)})`,
      mend: `Give the VM at least ${Math.ceil((lowest - highest + ram.size) / 2 ** 20)} MiB of RAM, and more for it to work in.`,
    });
  const likeQemu = image.base + Math.floor(Math.min(ram.size / 2, FURTHEST_INITRD) / PAGE) * PAGE;
  const address = Math.min(Math.max(likeQemu, lowest), highest);
  return { address, bytes, memorySize: bytes.length };
}
