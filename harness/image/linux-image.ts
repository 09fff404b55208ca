/**
 * Linux's own boot format for RISC-V, `Image`: a raw binary that begins with a header of 64 bytes
 * (Linux, Documentation/arch/riscv/boot-image-header.rst).
 */
import { viewOf } from './elf-format';
import { hex, ImageError } from './image-error';
import type { Xlen } from './elf-format';

const HEADER_SIZE = 64;
/** "RSC\x05", the second magic number; the first one, "RISCV", is deprecated. */
const MAGIC = 0x0543_5352;
const FIELDS = { textOffset: 8, imageSize: 16, flags: 24, magic: 56 } as const;
const BIG_ENDIAN = 1n;

/** How far above the start of RAM a kernel wants to be: by this its header shows which kernel it is. */
export const NEXT_STAGE_OFFSET: Readonly<Record<Xlen, number>> = { 64: 0x20_0000, 32: 0x40_0000 };

export interface LinuxImage {
  readonly xlen: Xlen;
  /** Where the kernel wants to be, in bytes above the start of RAM. */
  readonly textOffset: number;
  /** Bytes of memory that it takes, what it zeroes included. */
  readonly memorySize: number;
}

export const isLinuxImage = (bytes: Uint8Array): boolean =>
  bytes.length >= HEADER_SIZE && viewOf(bytes).getUint32(FIELDS.magic, true) === MAGIC;

/**
 * What the header says.
 * @throws ImageError (`truncated`, `bad-header`, `foreign-endianness`)
 */
export function readLinuxImage(name: string, bytes: Uint8Array): LinuxImage {
  const view = viewOf(bytes);
  const field = (at: keyof typeof FIELDS): bigint => view.getBigUint64(FIELDS[at], true);
  const refuse = (
    code: 'truncated' | 'bad-header' | 'foreign-endianness',
    what: string,
    mend: string,
  ): never => {
    throw new ImageError(name, { code, what, where: 'header of the Linux Image', mend });
  };
  const [textOffset, imageSize] = [Number(field('textOffset')), Number(field('imageSize'))];
  if ((field('flags') & BIG_ENDIAN) !== 0n)
    refuse('foreign-endianness', 'the kernel is big-endian', 'Build it for little-endian RISC-V.');
  if (imageSize < bytes.length && imageSize !== 0)
    refuse(
      'bad-header',
      `image_size is ${hex(imageSize)}, but the file has ${hex(bytes.length)} bytes`,
      'Give arch/riscv/boot/Image as the kernel’s build wrote it.',
    );
  if (imageSize === 0 || imageSize > 2 ** 31)
    refuse(
      'bad-header',
      `image_size is ${hex(imageSize)}`,
      'Give arch/riscv/boot/Image as the kernel’s build wrote it.',
    );
  const xlen = ([64, 32] as const).find((width) => NEXT_STAGE_OFFSET[width] === textOffset);
  if (xlen === undefined)
    return refuse(
      'bad-header',
      `text_offset is ${hex(textOffset)}, by which nobody can tell whether the kernel is for RV64 (${hex(NEXT_STAGE_OFFSET[64])}) or RV32 (${hex(NEXT_STAGE_OFFSET[32])})`,
      'Say what it is: { raw: file, xlen: 64, at: address }.',
    );
  return { xlen, textOffset, memorySize: imageSize };
}
