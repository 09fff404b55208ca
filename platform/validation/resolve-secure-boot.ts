/** Which keys a system trusts, and what a VM asks of an image before it starts it. */
import { KEY_SIZE, PRODUCT_SIZE } from '../secure-boot/signed-image';
import type { SystemSecureBoot } from '../system';
import { oneOf, requireDistinct, requireObject, requireWhole, show, suggestion } from './checks';
import { SystemError } from './system-error';

const MOST = 2 ** 32 - 1;

/** Public keys by name: 32 bytes, or 64 hexadecimal digits. */
export function resolveKeys(declared: unknown): ReadonlyMap<string, Uint8Array> {
  const given = requireObject('trustedKeys', declared);
  return new Map(Object.entries(given).map(([name, key]) => [name, keyOf(`trustedKeys.${name}`, key)]));
}

function keyOf(where: string, key: unknown): Uint8Array {
  if (typeof key === 'string' && key.length === 2 * KEY_SIZE && /^[0-9a-f]*$/i.test(key))
    return Uint8Array.from({ length: KEY_SIZE }, (_, at) =>
      Number.parseInt(key.slice(2 * at, 2 * at + 2), 16),
    );
  if (ArrayBuffer.isView(key) && key.byteLength === KEY_SIZE) return Uint8Array.from(key as Uint8Array);
  throw new SystemError(
    'bad-key',
    where,
    `${typeof key === 'string' ? `${key.length} characters are` : `${show(key)} is`} no Ed25519 public key.`,
    'Write its 64 hexadecimal digits, as `testvisor keygen` prints them.',
  );
}

/** What of the VM an image must fit. */
export interface SecureBootSurroundings {
  readonly vm: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
  /** Parts that no signature covers, by their properties. */
  readonly unsigned: readonly string[];
}

export function resolveSecureBoot(
  where: string,
  declared: unknown,
  { vm, keys, unsigned }: SecureBootSurroundings,
): SystemSecureBoot | undefined {
  if (declared === undefined) return undefined;
  const given = requireObject(where, declared, ['signedBy', 'product', 'minimumVersion']);
  const [part] = unsigned;
  if (part !== undefined)
    throw new SystemError(
      'unsigned-part',
      `vms.${vm}.${part}`,
      'secure boot covers the image, and nothing would check this part.',
      'Put it into the image, or leave secureBoot out.',
    );
  const signedBy = given['signedBy'];
  const names = Array.isArray(signedBy) ? (signedBy as unknown[]) : [signedBy];
  if (names.length === 0)
    throw new SystemError(
      'unknown-key',
      `${where}.signedBy`,
      'nobody may sign: the VM would never start.',
      `Write ${oneOf([...keys.keys()].map((name) => JSON.stringify(name))) || 'a name in trustedKeys'}.`,
    );
  for (const name of names)
    if (typeof name !== 'string' || !keys.has(name))
      throw new SystemError(
        'unknown-key',
        `${where}.signedBy`,
        `there is no key ${show(name)}.`,
        keys.size === 0
          ? "Declare trustedKeys: { vendor: '…64 hexadecimal digits…' } in the system."
          : suggestion(
              typeof name === 'string' ? name : '',
              [...keys.keys()],
              `The keys are ${[...keys.keys()].join(', ')}.`,
            ),
      );
  requireDistinct(`${where}.signedBy`, names as string[]);
  return {
    signedBy: names as string[],
    keys: (names as string[]).map((name) => keys.get(name)!),
    product: resolveProduct(`${where}.product`, given['product'] ?? vm),
    minimumVersion: requireWhole(`${where}.minimumVersion`, given['minimumVersion'] ?? 0, {
      from: 0,
      to: MOST,
      mend: 'Write for example minimumVersion: 3.',
    }),
  };
}

function resolveProduct(where: string, product: unknown): string {
  if (
    typeof product !== 'string' ||
    product.length === 0 ||
    !/^[\x20-\x7e]*$/.test(product) ||
    product.length >= PRODUCT_SIZE
  )
    throw new SystemError(
      'wrong-type',
      where,
      `${show(product)} is no name of a product.`,
      `Write 1 to ${PRODUCT_SIZE - 1} ASCII characters; left out it is the VM’s name.`,
    );
  return product;
}
