import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ELF_MAGIC = '\x7fELF';

/**
 * The ELF files in a directory and its subdirectories, by name; other files are passed over.
 * @throws Error when there is no such directory
 */
export function findImages(directory: string): readonly string[] {
  if (!existsSync(directory))
    throw new Error(`there is no ${resolve(directory)}: give the folder that holds your built images`);
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((path) => join(directory, path))
    .filter((path) => statSync(path).isFile() && isElf(path))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function isElf(path: string): boolean {
  const magic = Buffer.alloc(ELF_MAGIC.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, magic);
  } finally {
    closeSync(file);
  }
  return magic.toString('latin1') === ELF_MAGIC;
}
