import { createHash } from 'node:crypto';
import * as elfy from 'elfy';
import { MEMORY_MAP } from '../../platform/memory-map';
import { ImageError } from './image-error';
import { fileOf, type ImageSource } from './image-source';
import { isLinuxImage, NEXT_STAGE_OFFSET } from './linux-image';
import { linuxBinary, rawBinary } from './loaded-binary';
import { LoadedElf, type LoadedImage } from './loaded-image';
import { readImageFile } from './read-image-file';
import { unpack } from './unpack';
import { checkElf } from './wall/wall';

export interface LoadImageOptions {
  /** What messages call the image; the file's path unless given. */
  readonly name?: string;
  /** Accept a position-independent image whose own start-up code applies its relocations (OpenSBI, U-Boot). */
  readonly relocatesItself?: boolean;
  /**
   * Whether the hart starts in it, or in a firmware below it; by this a raw binary that does not say goes to the
   * start of RAM, or to where firmware starts the next stage. Default `first`.
   */
  readonly stage?: 'first' | 'next';
}

/**
 * Reads a guest's program: an ELF executable (RISC-V, little-endian, 32 or 64 bits, statically linked), a Linux
 * `Image`, either of them as it is or compressed with gzip, or a raw binary that is declared to be one. The file is
 * checked in full before anything is read from it; a damaged or hostile one gives an error, never a crash. Symbols
 * and source lines are read when first asked for.
 *
 * @param source a file's path, or its bytes (they are copied)
 * @throws ImageError with a `code`, what is wrong, where in the file, and how to mend it
 */
export const loadImage = (source: ImageSource, options: LoadImageOptions = {}): LoadedImage => {
  const given = fileOf(source);
  const name = options.name ?? (typeof given === 'string' ? given : 'guest image');
  const file = typeof given === 'string' ? readImageFile(name, given) : Uint8Array.from(given);
  const hash = createHash('sha256').update(file).digest('hex');
  const ramBase = MEMORY_MAP.ram.base;
  if (typeof source === 'object' && 'raw' in source) {
    const offset = options.stage === 'next' ? (NEXT_STAGE_OFFSET[source.xlen] ?? 0) : 0;
    return rawBinary(name, hash, file, source, ramBase + offset);
  }
  const contents = unpack(name, file);
  if (isLinuxImage(contents)) return linuxBinary(name, hash, contents, ramBase);
  const relocatesItself =
    options.relocatesItself ?? (typeof source === 'object' && 'elf' in source && source.relocatesItself);
  const { xlen, bytes } = checkElf(name, contents, relocatesItself);
  return new LoadedElf(name, hash, xlen, elfy.parse(bytes));
};

/** The bytes of an initial file system. They are not looked at: which formats there are is the kernel's affair. */
export function loadInitrd(source: string | Uint8Array, name: string): Uint8Array {
  const bytes = typeof source === 'string' ? readImageFile(name, source) : Uint8Array.from(source);
  if (bytes.length > 0) return bytes;
  throw new ImageError(name, {
    code: 'empty-initrd',
    what: 'the initial file system is empty',
    mend: 'Did the program that packs it fail? Build it again, or leave it out.',
  });
}
