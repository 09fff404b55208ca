/** What a machine keeps without power, in a file: so that one run begins with what the run before has left. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { MachineStorage, MediaSource } from '../../hypervisor';
import { AuthorError } from '../author-error';
import type { DefinedSystem } from '../system/define-system';
import { writeWhole } from '../write-whole';
import { packed, unpacked } from './packed';

const FORMAT = 'testvisor machine storage';
/** Changes whenever a file of before cannot be read any more. */
const VERSION = 1;
const CHUNK = 1 << 20;

/** What the media of a VM began with: what is kept are the differences to that. */
interface Delivered {
  /** By disk: its size, and the hash of what its image holds. */
  readonly disks: readonly string[];
  /** By bank of flash. */
  readonly flash: readonly string[];
}

/** By VM name. */
type AllDelivered = Readonly<Record<string, Delivered>>;

/** The file of a machine, to be written when its power goes. */
export class StorageFile {
  readonly path: string;
  readonly #delivered: AllDelivered;

  /** @param disks, flash what the media of the system begin with */
  constructor(
    path: string,
    { resolved }: DefinedSystem,
    disks: ReadonlyMap<string, readonly MediaSource[]>,
    flash: ReadonlyMap<string, readonly (MediaSource | undefined)[]>,
  ) {
    this.path = path;
    this.#delivered = Object.fromEntries(
      resolved.vms.map(({ name, disks: declared }) => [
        name,
        {
          disks: (disks.get(name) ?? []).map(
            (source, disk) => `${declared[disk]!.size ?? source.size} bytes, ${contentOf(source)}`,
          ),
          flash: (flash.get(name) ?? []).map((source) =>
            source === undefined ? 'erased' : contentOf(source),
          ),
        },
      ]),
    );
  }

  /**
   * What the file holds; undefined where there is none yet.
   * @throws AuthorError (`bad-storage`) for a file that is none, is damaged, or is of another system
   */
  read(): MachineStorage | undefined {
    if (!existsSync(this.path)) return undefined;
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(this.path);
    } catch (error) {
      throw refusal(
        `boot(system, { storage: '${this.path}' })`,
        `the file cannot be read: ${reasonOf(error)}.`,
        'Give a file.',
      );
    }
    const { delivered, storage } = this.#open(bytes);
    this.#requireSameMedia(delivered);
    return storage;
  }

  /**
   * Writes the file anew, and keeps the one of before until that is done.
   * @throws AuthorError (`storage-not-written`) where it cannot; the file is as it was then
   */
  write(storage: MachineStorage): void {
    const body = packed({ delivered: this.#delivered, storage });
    try {
      writeWhole(this.path, packed({ format: FORMAT, version: VERSION, sha256: sha256(body), body }));
    } catch (error) {
      throw new AuthorError({
        code: 'storage-not-written',
        where: this.path,
        what: `what the machine keeps was not written: ${reasonOf(error)}. The file is as it was before.`,
        mend: 'Make room, or write it elsewhere: machine.powerOff({ saveTo: path }).',
      });
    }
  }

  #open(bytes: Uint8Array): { readonly delivered: AllDelivered; readonly storage: MachineStorage } {
    const file = unpacked(bytes) as Readonly<Record<string, unknown>> | undefined;
    if (typeof file !== 'object' || file === null || file['format'] !== FORMAT)
      throw this.#refuse(
        'it is nothing that a machine keeps, or its beginning or end is gone.',
        'Give a file that powerOff has written.',
      );
    if (file['version'] !== VERSION)
      throw this.#refuse(
        `it has version ${String(file['version'])} of the format, and this is version ${VERSION}.`,
        'Begin anew without it, or use the version of testvisor that wrote it.',
      );
    const body = file['body'];
    if (!ArrayBuffer.isView(body) || sha256(body as Uint8Array) !== file['sha256'])
      throw this.#refuse(
        'it is damaged: its contents are not what was written.',
        'Put a copy in its place, or delete it: the machine then begins as delivered.',
      );
    return unpacked(body as Uint8Array) as { delivered: AllDelivered; storage: MachineStorage };
  }

  #requireSameMedia(kept: AllDelivered): void {
    const mend =
      'Use the file with the system that it is of, or delete it: the machine then begins as delivered.';
    for (const [vm, media] of Object.entries(kept)) {
      const mine = this.#delivered[vm];
      if (mine === undefined)
        throw this.#refuse(`it is of a system with a VM ${vm}, which this one has not.`, mend);
      for (const what of ['disks', 'flash'] as const) {
        const [wanted, found] = [mine[what], media[what]];
        for (let number = 0; number < Math.max(wanted.length, found.length); number++)
          if (wanted[number] !== found[number])
            throw this.#refuse(
              `${what === 'disks' ? `disk ${number}` : `bank ${number} of the flash`} of VM ${vm} began as ${found[number] ?? 'nothing'}, and here it begins as ${wanted[number] ?? 'nothing'}.`,
              mend,
            );
      }
    }
  }

  #refuse(what: string, mend: string): AuthorError {
    return refusal(this.path, what, mend);
  }
}

const refusal = (where: string, what: string, mend: string): AuthorError =>
  new AuthorError({ code: 'bad-storage', where, what, mend });

/** By its hash, for a person to compare. */
function contentOf(source: MediaSource): string {
  if (source.size === 0) return 'empty';
  const hash = createHash('sha256');
  for (let offset = 0; offset < source.size; offset += CHUNK)
    hash.update(source.read(offset, Math.min(CHUNK, source.size - offset)));
  return `an image of SHA-256 ${hash.digest('hex').slice(0, 16)}…`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no room left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  EACCES: 'it is not permitted',
  EPERM: 'it is not permitted',
  EROFS: 'the file system is read only',
  ENOENT: 'its folder is not there',
  EISDIR: 'there is a folder of that name',
};

function reasonOf(error: unknown): string {
  const { code = '', message } = error as { readonly code?: string; readonly message: string };
  return REASONS[code] ?? message;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
