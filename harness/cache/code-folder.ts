/**
 * Generated code in files of the cache folder, one for each name. A file is written beside its place and put there at
 * once, so that whoever reads finds the old one or the new one; of two processes that write at the same time one may lose
 * what it had, and makes it again. Nothing here fails: what cannot be read is not there, what cannot be written is not kept.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { CodeStore, KeptCode } from '../../hypervisor';
import { isUsable, readOwn } from './cache-folder';

export interface CodeFolderOptions {
  readonly folder: string;
  /** What makes the code: what another version has made is not there. */
  readonly version: string;
  /** Bytes of all files. */
  readonly atMost?: number;
  /** Bytes of one file. */
  readonly atMostEach?: number;
}

/** What a file holds after its checksum. */
interface Contents {
  readonly version: string;
  readonly name: string;
  /** Oldest first; what was used lately is the newest. */
  readonly code: readonly KeptCode[];
}

/** What is to be written for a name. */
interface Changes {
  readonly added: Map<string, KeptCode>;
  readonly replaced: Set<string>;
  /** Of what was added. */
  bytes: number;
}

const ENDING = '.code';
const CHECKSUM = 'sha256';
const CHECKSUM_BYTES = 32;
const MOST_OF_ALL = 256 << 20;
const MOST_OF_ONE = 8 << 20;
/** A file is written at once if it has no more bytes than this, or not so many times those that are new. */
const SMALL = 256 << 10;
const TIMES_NEW = 8;
/** Milliseconds after which it is noted that a file was used, and after which an unfinished one is nobody's. */
const HOUR = 3_600_000;
/** By which two that write the same file at the same time are told apart. */
const RANDOM_BYTES = 8;

export class CodeFolder implements CodeStore {
  readonly #options: Required<CodeFolderOptions>;
  readonly #changes = new Map<string, Changes>();
  readonly #used = new Set<string>();
  /** Bytes of files, by name, as far as they were read or written. */
  readonly #sizes = new Map<string, number>();
  #isUsable: boolean;
  #writes = 0;

  constructor({ atMost = MOST_OF_ALL, atMostEach = MOST_OF_ONE, ...options }: CodeFolderOptions) {
    this.#options = { ...options, atMost, atMostEach };
    this.#isUsable = isUsable(options.folder);
  }

  load(name: string): readonly KeptCode[] {
    if (!this.#isUsable) return [];
    const path = this.#pathOf(name);
    const code = this.#read(path, name);
    if (code.length > 0) touch(path);
    return code;
  }

  noteUse(id: string): void {
    this.#used.add(id);
  }

  keep(name: string, value: unknown, instead: readonly string[] = []): string {
    const bytes = serialize(value);
    const id = createHash(CHECKSUM).update(bytes).digest('hex');
    let changes = this.#changes.get(name);
    if (changes === undefined)
      this.#changes.set(name, (changes = { added: new Map(), replaced: new Set(), bytes: 0 }));
    changes.added.set(id, { id, value });
    changes.bytes += bytes.length;
    for (const other of instead) {
      changes.replaced.add(other);
      changes.added.delete(other);
    }
    return id;
  }

  /** Writes what was kept since the last time. */
  flush(): void {
    for (const [name, changes] of this.#changes) this.#write(name, changes);
    this.#changes.clear();
  }

  /** Does so where the work is in proportion to what is new: for whoever calls it often. */
  flushInProportion(): void {
    for (const [name, changes] of this.#changes) {
      const size = this.#sizes.get(name) ?? 0;
      if (size > SMALL && size > TIMES_NEW * changes.bytes) continue;
      this.#write(name, changes);
      this.#changes.delete(name);
    }
  }

  #pathOf(name: string): string {
    const { folder, version } = this.#options;
    const hash = createHash(CHECKSUM).update(`${version}\n${name}`).digest('hex');
    return join(folder, hash.slice(0, 40) + ENDING);
  }

  #read(path: string, name: string): readonly KeptCode[] {
    const bytes = readOwn(path);
    if (bytes === undefined || bytes.length < CHECKSUM_BYTES) return [];
    this.#sizes.set(name, bytes.length);
    const contents = bytes.subarray(CHECKSUM_BYTES);
    if (!createHash(CHECKSUM).update(contents).digest().equals(bytes.subarray(0, CHECKSUM_BYTES))) return [];
    try {
      const { version, name: its, code } = deserialize(contents) as Contents;
      return version === this.#options.version && its === name ? code : [];
    } catch {
      // Of a later version of V8.
      return [];
    }
  }

  #write(name: string, { added, replaced }: Changes): void {
    if (!this.#isUsable) return;
    const path = this.#pathOf(name);
    // Another process may have written meanwhile.
    const before = this.#read(path, name).filter(({ id }) => !replaced.has(id) && !added.has(id));
    const isUsed = ({ id }: KeptCode): boolean => this.#used.has(id);
    let code = [...before.filter((one) => !isUsed(one)), ...added.values(), ...before.filter(isUsed)];
    const { version, atMostEach } = this.#options;
    let contents = serialize({ version, name, code } satisfies Contents);
    while (contents.length > atMostEach && code.length > 1) {
      code = code.slice(Math.ceil(code.length / 2));
      contents = serialize({ version, name, code } satisfies Contents);
    }
    const unfinished = `${path}.${randomBytes(RANDOM_BYTES).toString('hex')}`;
    this.#writes++;
    try {
      const checksum = createHash(CHECKSUM).update(contents).digest();
      writeFileSync(unfinished, Buffer.concat([checksum, contents]), { flag: 'wx', mode: 0o600 });
      renameSync(unfinished, path);
      this.#sizes.set(name, contents.length);
      if (this.#writes === 1) this.#evict();
    } catch {
      // The disk is full, or may not be written: it will not be better soon.
      this.#isUsable = false;
      rmSync(unfinished, { force: true });
    }
  }

  /** Removes what was not used for the longest time, where all files together are too large; and what others left unfinished. */
  #evict(): void {
    const { folder, atMost } = this.#options;
    const files = readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      const status = statSync(path, { throwIfNoEntry: false });
      return status?.isFile() === true ? [{ path, bytes: status.size, usedAt: status.mtimeMs }] : [];
    });
    files.sort((a, b) => a.usedAt - b.usedAt);
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files) {
      const isOurs = file.path.endsWith(ENDING);
      const isLeft = !isOurs && file.path.includes(`${ENDING}.`) && file.usedAt < Date.now() - HOUR;
      if (!isLeft && !(isOurs && bytes > atMost)) continue;
      rmSync(file.path, { force: true });
      bytes -= file.bytes;
    }
  }
}

function touch(path: string): void {
  try {
    const now = Date.now();
    if (statSync(path).mtimeMs < now - HOUR) utimesSync(path, now / 1000, now / 1000);
  } catch {
    // Then it may be removed the sooner.
  }
}
