import { createHash } from 'node:crypto';
import * as elfy from 'elfy';
import { MEMORY_MAP } from '../../platform/memory-map';
import { parseSignedImage, type SignedImage } from '../../platform/secure-boot/signed-image';
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
  /** It is for a VM with secure boot: what cannot be read is no error, but refused when the VM starts. */
  readonly forSecureBoot?: boolean;
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
  try {
    return readImage(source, { name, file, hash }, options);
  } catch (error) {
    if (options.forSecureBoot === true && error instanceof ImageError)
      return refusedImage({ name, file, hash });
    throw error;
  }
};

interface ImageFile {
  readonly name: string;
  readonly file: Uint8Array;
  /** SHA-256 of the file. */
  readonly hash: string;
}

function readImage(
  source: ImageSource,
  { name, file, hash }: ImageFile,
  options: LoadImageOptions,
): LoadedImage {
  const ramBase = MEMORY_MAP.ram.base;
  if (typeof source === 'object' && 'raw' in source) {
    const offset = options.stage === 'next' ? (NEXT_STAGE_OFFSET[source.xlen] ?? 0) : 0;
    return rawBinary(name, hash, file, source, ramBase + offset);
  }
  const signed = parseSignedImage(file);
  if (signed !== undefined) return signedImage({ name, file, hash }, signed, options);
  const contents = unpack(name, file);
  if (isLinuxImage(contents)) return linuxBinary(name, hash, contents, ramBase);
  const relocatesItself =
    options.relocatesItself ?? (typeof source === 'object' && 'elf' in source && source.relocatesItself);
  const { xlen, bytes } = checkElf(name, contents, relocatesItself);
  return new LoadedElf(name, hash, xlen, elfy.parse(bytes));
}

/** What a signed image holds. Whether the signature is right is secure boot's to say. */
function signedImage(
  { name, file, hash }: ImageFile,
  { manifest, image }: SignedImage,
  options: LoadImageOptions,
): LoadedImage {
  const found = createHash('sha256').update(image).digest();
  if (!found.equals(Uint8Array.from(manifest.sha256)))
    throw new ImageError(name, {
      code: 'damaged-signed-image',
      what: `its manifest says SHA-256 ${Buffer.from(manifest.sha256).toString('hex').slice(0, 12)}…, but it has ${found.toString('hex').slice(0, 12)}…`,
      mend: 'It was changed after it was signed: sign it again with `testvisor sign`.',
    });
  return withFileOf(loadImage(image, { ...options, name, forSecureBoot: false }), { hash, signed: file });
}

/** One that nobody can read, for secure boot to refuse when its VM starts: nothing of it is loaded. */
function refusedImage({ name, file, hash }: ImageFile): LoadedImage {
  const signed = parseSignedImage(file);
  const xlen = signed?.manifest.xlen === 64 ? 64 : 32;
  // One instruction, which is none.
  const nothing = rawBinary(name, hash, new Uint8Array(4), { xlen }, MEMORY_MAP.ram.base);
  return signed === undefined ? nothing : withFileOf(nothing, { hash, signed: file });
}

/** An image's methods go by its private parts, so it stays the object that it is. */
const withFileOf = (
  image: LoadedImage,
  { hash, signed }: { readonly hash: string; readonly signed: Uint8Array },
): LoadedImage =>
  Object.defineProperties(image, {
    hash: { value: hash, enumerable: true },
    signed: { value: signed, enumerable: true },
  });

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
