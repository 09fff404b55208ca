/**
 * The folder in which Testvisor keeps what it can make again. What lies there is run as code, in the walls of a machine's
 * memory but behind the checks between VMs; so the folder is the user's own and nobody else may write there, and nothing
 * is read that may be somebody else's. Where that cannot be had, nothing is kept.
 */
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** The environment's word: a folder, or OFF. */
const VARIABLE = 'TESTVISOR_CACHE';
const OFF = 'off';

/** May be written by others than the owner. */
const OTHERS_WRITE = 0o022;
const OWN_ONLY = 0o700;

/** Larger files are none of ours. */
const MOST_BYTES = 64 << 20;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where things are kept, unless that is switched off or nobody says where the user's things are. */
export function cachePath(environment: Environment = process.env): string | undefined {
  const { [VARIABLE]: given, XDG_CACHE_HOME: caches, LOCALAPPDATA: local } = environment;
  if (given === OFF) return undefined;
  if (given !== undefined && given !== '') return resolve(given);
  if (caches !== undefined && isAbsolute(caches)) return join(caches, 'testvisor');
  if (process.platform === 'win32')
    return local === undefined ? undefined : join(local, 'testvisor', 'cache');
  const home = homeFolder();
  if (home === undefined || !isAbsolute(home)) return undefined;
  return process.platform === 'darwin'
    ? join(home, 'Library', 'Caches', 'testvisor')
    : join(home, '.cache', 'testvisor');
}

function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    // A user whom the system does not know, as in some containers.
    return undefined;
  }
}

/** Makes a folder if need be. @returns whether it is one that may be used */
export function isUsable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: OWN_ONLY });
    const status = lstatSync(folder);
    return status.isDirectory() && isOwn(status);
  } catch {
    return false;
  }
}

/** @returns what a file holds; undefined if there is none, or it cannot be read or trusted */
export function readOwn(path: string): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | ((constants.O_NOFOLLOW as number | undefined) ?? 0));
    const status = fstatSync(file);
    if (!status.isFile() || !isOwn(status) || status.size > MOST_BYTES) return undefined;
    const bytes = Buffer.alloc(status.size);
    return readSync(file, bytes, 0, bytes.length, 0) === bytes.length ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Where users have numbers: whether it is this one's, and no other may write there. */
function isOwn({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & OTHERS_WRITE) === 0);
}
