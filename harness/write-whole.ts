import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file anew, and keeps the one of before until that is done. What is no plain file, such as `/dev/stdout` or a
 * link, is written to as it is, and stays what it is.
 * @throws Error of the file system; a plain file is as it was then
 */
export function writeWhole(path: string, contents: string | Uint8Array): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) return writeFileSync(path, contents);
  const unfinished = `${path}.unfinished`;
  try {
    writeFileSync(unfinished, contents);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true, recursive: true });
    throw error;
  }
}
