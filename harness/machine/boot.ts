import * as crypto from 'node:crypto';
import { compareWith, hashWith, Machine, type MachineStorage } from '../../hypervisor';
import { MEMORY_MAP } from '../../platform/memory-map';
import { AuthorError } from '../author-error';
import { useKeptCode } from '../cache/generated-code';
import type { ImageSource } from '../image';
import { nodeServices } from '../signing/node-services';
import type { ChannelDefinitions, DefinedSystem } from '../system/define-system';
import { systemDisks } from '../system/system-disks';
import { systemFlash } from '../system/system-flash';
import { systemImages } from '../system/system-images';
import { StorageFile } from './storage-file';
import { TestMachine } from './test-machine';

export interface BootOptions<VmName extends string = string> {
  /** Seeds everything random about the machine; the same seed gives the same run. Default 1. */
  readonly seed?: number;
  /**
   * What another machine of the system kept when its power went (`machine.powerOff()`): disks, flash, rollback counters.
   * Or the path of a file with that, which may not be there yet; `powerOff` writes it. Default: everything is as it is
   * delivered.
   */
  readonly storage?: MachineStorage | string;
  /** Other images for some VMs: a mutant, a stub, an image built in the spec. */
  readonly images?: { readonly [Name in VmName]?: ImageSource };
}

/** In one go, which Node knows from 20.12 on. */
const { hash } = crypto as Partial<Pick<typeof crypto, 'hash'>>;
hashWith((bytes) =>
  hash === undefined ? crypto.createHash('sha256').update(bytes).digest() : hash('sha256', bytes, 'buffer'),
);
compareWith((one, other) => Buffer.compare(one, other));

const DEFAULT_SEED = 1;
const LARGEST_SEED = 2 ** 32 - 1;

/**
 * Boots a system: loads its images, checks that they fit, and makes a machine at virtual time 0.
 * @throws ImageError for an image that cannot be used, AuthorError for a wrong option or a file of storage that is none
 */
export async function boot<
  VmName extends string,
  Channels extends ChannelDefinitions,
  NetworkName extends string,
>(
  system: DefinedSystem<VmName, Channels, NetworkName>,
  { seed = DEFAULT_SEED, images: overrides = {}, storage }: BootOptions<NoInfer<VmName>> = {},
): Promise<TestMachine<VmName, Channels, NetworkName>> {
  if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED)
    throw new AuthorError({
      code: 'bad-seed',
      where: 'boot(system, { seed })',
      what: `${String(seed)} is not a seed.`,
      mend: `A seed is a whole number from 0 to ${LARGEST_SEED}.`,
    });
  useKeptCode();
  const images = systemImages(system, overrides);
  const [disks, flash] = [systemDisks(system), systemFlash(system)];
  const fileAt = (path: string): StorageFile => new StorageFile(path, system, disks, flash);
  const kept = typeof storage === 'string' ? fileAt(storage).read() : storage;
  const machine = Machine.boot(system.resolved, images, {
    seed,
    disks,
    flash,
    services: nodeServices,
    ...(kept === undefined ? {} : { storage: kept }),
  });
  for (const { name, loader } of machine.vms) {
    images.get(name)!.fits(MEMORY_MAP.ram.base, loader.handoverStart - MEMORY_MAP.ram.base, {
      above: 'the devicetree',
    });
  }
  return new TestMachine<VmName, Channels, NetworkName>(machine, images, system, {
    path: typeof storage === 'string' ? storage : undefined,
    at: fileAt,
  });
}
