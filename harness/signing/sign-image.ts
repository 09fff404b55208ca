import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { encodeManifest, PRODUCT_SIZE } from '../../platform/secure-boot/signed-image';
import { AuthorError } from '../author-error';
import { loadImage } from '../image';

/** A pair of Ed25519 keys. */
export interface SigningKey {
  /** PKCS #8 in PEM: keep it secret. */
  readonly privateKey: string;
  /** 64 hexadecimal digits, for `trustedKeys`. */
  readonly publicKey: string;
}

export interface ImageClaims {
  /** What the image is for: by default a VM boots images of its own name. */
  readonly product: string;
  readonly version: number;
  /** Raise it when older images must never run again. Default: as the one before, 0. */
  readonly rollbackCounter?: number;
}

/** Bytes before the key itself in the DER encodings of Ed25519 keys (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_SIZE = 32;
const LARGEST = 2 ** 32 - 1;

/**
 * A new pair of keys.
 * @param seed 32 bytes; the same ones give the same keys, which specs like and products must not have. Default: random.
 */
export function createSigningKey(seed?: Uint8Array): SigningKey {
  if (seed !== undefined && seed.length !== SEED_SIZE)
    throw refused(
      'bad-value',
      'createSigningKey()',
      `a seed of ${seed.length} bytes.`,
      `Give ${SEED_SIZE} bytes, or none.`,
    );
  const key =
    seed === undefined
      ? generateKeyPairSync('ed25519').privateKey
      : createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  return {
    privateKey: key.export({ format: 'pem', type: 'pkcs8' }) as string,
    publicKey: publicKeyOf(key).toString('hex'),
  };
}

/**
 * An image with a signed manifest before it: what a VM with secure boot starts.
 * @param image an ELF file, or another that a VM boots, as its bytes
 * @param privateKey in PEM
 * @throws AuthorError for a claim or a key that cannot be used, ImageError for a file that is no image
 */
export function signImage(image: Uint8Array, claims: ImageClaims, privateKey: string): Uint8Array {
  const where = 'signImage()';
  const { product, version, rollbackCounter = 0 } = claims;
  if (!/^[\x20-\x7e]+$/.test(product) || product.length >= PRODUCT_SIZE)
    throw refused(
      'bad-value',
      `${where}: product`,
      `“${product}” is no name of a product.`,
      `Give 1 to ${PRODUCT_SIZE - 1} ASCII characters.`,
    );
  for (const [name, value] of Object.entries({ version, rollbackCounter }))
    if (!Number.isInteger(value) || value < 0 || value > LARGEST)
      throw refused(
        'bad-value',
        `${where}: ${name}`,
        `${String(value)} is none.`,
        `Give a whole number from 0 to ${LARGEST}.`,
      );
  const { xlen } = loadImage(image, { name: product });
  const key = privateKeyOf(where, privateKey);
  const manifest = encodeManifest({
    product,
    version,
    rollbackCounter,
    xlen,
    size: BigInt(image.length),
    sha256: [...createHash('sha256').update(image).digest()],
    key: [...publicKeyOf(key)],
  });
  return Buffer.concat([manifest, sign(null, manifest, key), image]);
}

function privateKeyOf(where: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The error below says what is needed.
  }
  throw refused(
    'bad-value',
    `${where}: privateKey`,
    'it is no Ed25519 private key in PEM.',
    'Make one with `testvisor keygen` or createSigningKey().',
  );
}

/** The 32 bytes of a public key: the last ones of its DER encoding. */
const publicKeyOf = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-SEED_SIZE);

const refused = (code: 'bad-value', where: string, what: string, mend: string): AuthorError =>
  new AuthorError({ code, where, what, mend });
