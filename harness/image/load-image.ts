import { createHash } from 'node:crypto';
import * as elfy from 'elfy';
import { LoadedElf, type LoadedImage } from './loaded-image';
import { readImageFile } from './read-image-file';
import { checkElf } from './wall/wall';

export interface LoadImageOptions {
  /** What messages call the image; the file's path unless given. */
  readonly name?: string;
  /** Accept a position-independent image whose own start-up code applies its relocations (OpenSBI, U-Boot). */
  readonly relocatesItself?: boolean;
}

/**
 * Reads a guest's ELF executable: RISC-V, little-endian, 32 or 64 bits, statically linked. The file is checked in
 * full before anything is read from it; a damaged or hostile one gives an error, never a crash. Symbols and source
 * lines are read when first asked for.
 *
 * @param source a file's path, or its bytes (they are copied)
 * @throws ImageError with a `code`, what is wrong, where in the file, and how to mend it
 */
export const loadImage = (source: string | Uint8Array, options: LoadImageOptions = {}): LoadedImage => {
  const name = options.name ?? (typeof source === 'string' ? source : 'guest image');
  const file = typeof source === 'string' ? readImageFile(name, source) : Uint8Array.from(source);
  const { xlen, bytes } = checkElf(name, file, options.relocatesItself ?? false);
  const hash = createHash('sha256').update(file).digest('hex');
  return new LoadedElf(name, hash, xlen, elfy.parse(bytes));
};
