/**
 * A signed image: a manifest and its signature (Ed25519, RFC 8032), then the image itself, such as an ELF file. The
 * signature covers the manifest, which holds the image's SHA-256 and size: so it covers all of the file.
 */
import { array, struct, text, u32, u64, u8, type ValueOf } from '../message';

/** The first four bytes, `TVSI`, and the version of this layout. */
export const SIGNED_IMAGE_MAGIC = 0x4953_5654;
const FORMAT = 1;
export const KEY_SIZE = 32;
export const SIGNATURE_SIZE = 64;
const HASH_SIZE = 32;
/** Longest name of a product, and so of a VM that is to boot such an image by its own name. */
export const PRODUCT_SIZE = 64;

/** What is said of an image, and signed. */
export const ImageManifest = struct('ImageManifest', {
  magic: u32,
  format: u32,
  /** What the image is for: a VM boots images of its own product only. */
  product: text(PRODUCT_SIZE),
  /** Of the software, for people and for a declared minimum. */
  version: u32,
  /** Raised when older images must never run again, however well they are signed. */
  rollbackCounter: u32,
  /** Width of registers. */
  xlen: u32,
  reserved: u32,
  /** Bytes of the image. */
  size: u64,
  sha256: array(u8, HASH_SIZE),
  /** The public key that it is signed with. */
  key: array(u8, KEY_SIZE),
});

/** Bytes before the image. */
export const SIGNED_IMAGE_HEADER = ImageManifest.size + SIGNATURE_SIZE;

export interface SignedImage {
  readonly manifest: ValueOf<typeof ImageManifest>;
  /** The manifest as it is signed. */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
  /** What follows, as far as it is there. */
  readonly image: Uint8Array;
}

/** Takes a file apart without believing it; undefined for one that is no signed image of this format. */
export function parseSignedImage(file: Uint8Array): SignedImage | undefined {
  if (file.length < SIGNED_IMAGE_HEADER) return undefined;
  const signedBytes = file.subarray(0, ImageManifest.size);
  const manifest = ImageManifest.decode(signedBytes);
  if (manifest.magic !== SIGNED_IMAGE_MAGIC || manifest.format !== FORMAT) return undefined;
  return {
    manifest,
    signedBytes,
    signature: file.subarray(ImageManifest.size, SIGNED_IMAGE_HEADER),
    image: file.subarray(SIGNED_IMAGE_HEADER),
  };
}

/** The bytes to sign. */
export const encodeManifest = (
  said: Omit<ValueOf<typeof ImageManifest>, 'magic' | 'format' | 'reserved'>,
): Uint8Array => ImageManifest.encode({ ...said, magic: SIGNED_IMAGE_MAGIC, format: FORMAT, reserved: 0 });
