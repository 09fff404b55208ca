import type { Rejection } from '../../platform/secure-boot/rejection';

const TEXTS: Readonly<Record<Rejection, string>> = {
  unsigned: 'it is not signed (`testvisor sign` signs it)',
  'unknown-key': 'it is signed with a key that the VM does not trust',
  'wrong-signature': 'its signature is wrong: the manifest was changed after it was signed',
  'wrong-size': 'it has another size than its manifest says: it was cut short, or something was added',
  'wrong-hash': 'it has another SHA-256 than its manifest says: it was changed after it was signed',
  'wrong-product': 'it is for another product',
  'old-version': 'its version is below the minimum that the system declares',
  'rolled-back': 'its rollback counter is below that of an image that has run: it is an old one',
};

/** Why secure boot does not start an image. */
export const rejectionText = (why: Rejection): string => TEXTS[why];
