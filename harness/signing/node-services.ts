import { createPublicKey, verify } from 'node:crypto';
import type { HostServices } from '../../hypervisor';
import { loadImage } from '../image';

/** Bytes before the key itself in the DER encoding of an Ed25519 public key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** What the hypervisor has its host do, by Node. */
export const nodeServices: HostServices = {
  isSignedBy: (key, message, signature) => {
    const publicKey = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, key]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, message, publicKey, signature);
  },
  readImage: (file, name) => {
    try {
      return loadImage(file, { name });
    } catch (error) {
      return (error as Error).message;
    }
  },
};
