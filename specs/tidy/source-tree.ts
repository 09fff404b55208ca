/** The files that tidiness is asked of: what git tracks, and what it would. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** From the repository's top, with forward slashes. */
  readonly path: string;
  /** Bytes of a binary file read as Latin-1, so that text inside it is found. */
  readonly text: string;
}

export type SourceTree = readonly SourceFile[];

const TOP = join(__dirname, '..', '..');
const TEXT = /\.(?:ts|mjs|js|json|md|c|h|S|ld|dts)$|(?:^|\/)[^.]*$/;

/** Every file of the repository, committed or about to be; nothing that git ignores. */
export function readSourceTree(): SourceTree {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: TOP,
    encoding: 'utf8',
  });
  return listed
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(TOP, path)))
    .map((path) => ({ path, text: readFileSync(join(TOP, path), TEXT.test(path) ? 'utf8' : 'latin1') }));
}

/** Files a machine wrote: their length and style are its own affair. */
export function isGenerated({ path, text }: SourceFile): boolean {
  return path === 'package-lock.json' || /^\W*Generated (?:from|by)\b/m.test(text.slice(0, 400));
}

export function isSource({ path }: SourceFile): boolean {
  return /\.(?:ts|mjs|c|h|S|ld)$/.test(path);
}

export function isTypeScript({ path }: SourceFile): boolean {
  return path.endsWith('.ts');
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
