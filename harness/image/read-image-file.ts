import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ImageError } from './image-error';

/** Firmware with its debug information has megabytes; this is a whole operating system with room to spare. */
const LARGEST_FILE = 2 ** 28;

const whyUnreadable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the file may not be read (permissions)',
  EISDIR: 'this is a folder, not a file',
};

/**
 * The bytes of an image file.
 * @throws ImageError (`unreadable-file`, `file-too-large`)
 */
export const readImageFile = (name: string, path: string): Uint8Array => {
  try {
    const status = statSync(path);
    // A device or a pipe could go on for ever.
    if (!status.isFile())
      throw unreadable(name, path, status.isDirectory() ? 'EISDIR' : 'not a regular file');
    if (status.size > LARGEST_FILE)
      throw new ImageError(name, {
        code: 'file-too-large',
        what: `the file has ${status.size} bytes; more than ${LARGEST_FILE} are not read`,
        mend: 'Drop the debug information that is not needed: objcopy --strip-debug.',
      });
    return readFileSync(path);
  } catch (error) {
    const { code } = error as { code?: string };
    throw error instanceof ImageError ? error : unreadable(name, path, code ?? String(error));
  }
};

const unreadable = (name: string, path: string, code: string): ImageError =>
  new ImageError(name, {
    code: 'unreadable-file',
    what: whyUnreadable[code] ?? `the file cannot be read (${code})`,
    where: resolve(path),
    mend: 'Give the path of a built ELF file; a relative path counts from the folder that the test was started in.',
  });
