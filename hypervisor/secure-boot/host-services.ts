import type { GuestImage } from '../vm/guest-image';

/** What the hypervisor has its host do. Pure functions: the same arguments give the same results on every host. */
export interface HostServices {
  /** Whether an Ed25519 signature (RFC 8032) of a message is by the owner of this public key of 32 bytes. */
  isSignedBy(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** A program file as an image to load; a text says why it is none. */
  readImage(file: Uint8Array, name: string): GuestImage | string;
}
