/** Archives in which Linux takes its initial file system: cpio in the "newc" format (cpio(5)). */
import { constants } from 'node:fs';

export interface ArchivedFile {
  readonly name: string;
  /** Kind and permissions, as in `stat`. */
  readonly mode: number;
  /** A link's target, a file's contents; empty for the rest. */
  readonly bytes: Uint8Array;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';
const HEADER_SIZE = 110;
/** Fields of eight hexadecimal digits after the magic number that are of use here, by their place. */
const FIELD = { mode: 1, size: 6, major: 9, minor: 10, nameSize: 11 } as const;
const FIELDS = 13;

const padded = (size: number): number => Math.ceil(size / 4) * 4;

export const directory = (name: string): ArchivedFile => ({
  name,
  mode: constants.S_IFDIR | 0o755,
  bytes: new Uint8Array(),
});
export const program = (name: string, contents: Uint8Array | string): ArchivedFile => ({
  name,
  mode: constants.S_IFREG | 0o755,
  bytes: typeof contents === 'string' ? new TextEncoder().encode(contents) : contents,
});
export const link = (name: string, target: string): ArchivedFile => ({
  name,
  mode: constants.S_IFLNK | 0o777,
  bytes: new TextEncoder().encode(target),
});
export const isLink = ({ mode }: ArchivedFile): boolean => (mode & constants.S_IFMT) === constants.S_IFLNK;
export const characterDevice = (name: string, major: number, minor: number): ArchivedFile => ({
  name,
  mode: constants.S_IFCHR | 0o600,
  bytes: new Uint8Array(),
  device: [major, minor],
});

/** The archive of these files; a directory comes before what is in it. */
export function writeCpio(files: readonly ArchivedFile[]): Uint8Array {
  const parts: Buffer[] = [];
  const all = [...files, { name: TRAILER, mode: 0, bytes: new Uint8Array() }];
  all.forEach(({ name, mode, bytes, device = [0, 0] }: ArchivedFile, index) => {
    const fields = new Array<number>(FIELDS).fill(0);
    fields[0] = index + 1;
    fields[FIELD.mode] = mode;
    fields[4] = 1;
    fields[FIELD.size] = bytes.length;
    [fields[FIELD.major], fields[FIELD.minor]] = device;
    fields[FIELD.nameSize] = Buffer.byteLength(name) + 1;
    const head = Buffer.from(
      `${MAGIC}${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`,
    );
    parts.push(
      head,
      Buffer.alloc(padded(head.length) - head.length),
      Buffer.from(bytes),
      Buffer.alloc(padded(bytes.length) - bytes.length),
    );
  });
  return Buffer.concat(parts);
}

/** The files of an archive by name, without a leading `/` or `./`. */
export function readCpio(archive: Uint8Array): ReadonlyMap<string, ArchivedFile> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const files = new Map<string, ArchivedFile>();
  for (let at = 0; bytes.toString('latin1', at, at + MAGIC.length) === MAGIC;) {
    const field = (place: number): number => {
      const start = at + MAGIC.length + place * 8;
      return parseInt(bytes.toString('latin1', start, start + 8), 16);
    };
    const nameEnd = at + HEADER_SIZE + field(FIELD.nameSize);
    const name = bytes.toString('utf8', at + HEADER_SIZE, nameEnd - 1).replace(/^\.?\//, '');
    if (name === TRAILER) return files;
    const start = at + padded(nameEnd - at);
    const size = field(FIELD.size);
    files.set(name, {
      name,
      mode: field(FIELD.mode),
      bytes: bytes.subarray(start, start + size),
      device: [field(FIELD.major), field(FIELD.minor)],
    });
    at = start + padded(size);
  }
  throw new Error('the archive has no end: it is no cpio archive in the newc format, or was cut short');
}
