/** Whether a VM may start its image: the verdict, and the rollback counters that it goes by. */
import { sha256 } from '@noble/hashes/sha2';
import type { Rejection } from '../../platform/secure-boot/rejection';
import { parseSignedImage, type SignedImage } from '../../platform/secure-boot/signed-image';
import type { SystemSecureBoot, SystemVm } from '../../platform/system';
import { HypervisorBug } from '../bug';
import type { HostServices } from './host-services';

/** The file that an image was read from, signed as it came. */
export interface Signed {
  readonly signed?: Uint8Array;
}

/** By VM name. */
export type RollbackCounters = Readonly<Record<string, number>>;

export class SecureBoot {
  readonly #services: HostServices | undefined;
  /** What signatures and hashes say of a file does not change: looked at once. */
  readonly #authentic = new WeakMap<Uint8Array, Rejection | 'authentic'>();
  #counters: Map<string, number>;

  constructor(services: HostServices | undefined, counters: RollbackCounters = {}) {
    this.#services = services;
    this.#counters = new Map(Object.entries(counters));
  }

  /** Why the VM must not start this image; undefined when it may. */
  verdict(
    { name, secureBoot }: Pick<SystemVm, 'name' | 'secureBoot'>,
    { signed }: Signed,
  ): Rejection | undefined {
    if (secureBoot === undefined) return undefined;
    const file = signed === undefined ? undefined : parseSignedImage(signed);
    if (signed === undefined || file === undefined) return 'unsigned';
    const authentic = this.#authenticity(signed, file, secureBoot);
    if (authentic !== 'authentic') return authentic;
    const { product, version, rollbackCounter } = file.manifest;
    if (product !== secureBoot.product) return 'wrong-product';
    if (version < secureBoot.minimumVersion) return 'old-version';
    return rollbackCounter < this.counterOf(name) ? 'rolled-back' : undefined;
  }

  counterOf(vm: string): number {
    return this.#counters.get(vm) ?? 0;
  }

  /**
   * The VM has come to normal operation with this image: older ones never start again.
   * @returns the counter when it rose
   */
  proven(
    { name, secureBoot }: Pick<SystemVm, 'name' | 'secureBoot'>,
    { signed }: Signed,
  ): number | undefined {
    if (secureBoot === undefined || signed === undefined) return undefined;
    const { rollbackCounter } = parseSignedImage(signed)!.manifest;
    if (rollbackCounter <= this.counterOf(name)) return undefined;
    this.#counters.set(name, rollbackCounter);
    return rollbackCounter;
  }

  save(): RollbackCounters {
    return Object.fromEntries(this.#counters);
  }

  restore(counters: RollbackCounters): void {
    this.#counters = new Map(Object.entries(counters));
  }

  #authenticity(signed: Uint8Array, file: SignedImage, { keys }: SystemSecureBoot): Rejection | 'authentic' {
    const key = keys.find((trusted) => isSame(trusted, file.manifest.key));
    if (key === undefined) return 'unknown-key';
    const known = this.#authentic.get(signed);
    if (known !== undefined) return known;
    const found = this.#look(key, file);
    this.#authentic.set(signed, found);
    return found;
  }

  #look(key: Uint8Array, { manifest, signedBytes, signature, image }: SignedImage): Rejection | 'authentic' {
    if (this.#services === undefined)
      throw new HypervisorBug('a system with secure boot has no host services');
    if (!this.#services.isSignedBy(key, signedBytes, signature)) return 'wrong-signature';
    if (BigInt(image.length) !== manifest.size) return 'wrong-size';
    return isSame(sha256(image), manifest.sha256) ? 'authentic' : 'wrong-hash';
  }
}

const isSame = (bytes: Uint8Array, others: readonly number[]): boolean =>
  bytes.length === others.length && bytes.every((byte, at) => byte === others[at]);
