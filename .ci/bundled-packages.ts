/**
 * Packages that the bundles hold themselves: small ones which every start of the command needs, and which cost more to
 * find among others than to run. What their licences ask for is kept beside the bundles.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Plugin } from 'esbuild';

const ROOT = join(__dirname, '..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

const BUNDLED: readonly string[] = ['@noble/hashes', 'commander', 'elfy', 'picocolors'];

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Leaves all other packages where a user's package manager puts them. */
export const bundlingPackages: Plugin = {
  name: 'packages',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^assert$/ }, ({ path, importer }) =>
      /[/\\]elfy[/\\]/.test(importer) ? { path, namespace: 'small' } : undefined,
    );
    onLoad({ filter: /^assert$/, namespace: 'small' }, () => ({ contents: SMALL_ASSERT }));
    onResolve({ filter: /^[^.]/ }, ({ path, kind, importer }) => {
      const isOurs = kind === 'entry-point' || isAbsolute(path) || path === 'testvisor';
      if (isOurs || isBundled(path) || /[/\\]node_modules[/\\]/.test(importer)) return undefined;
      return { path, external: true };
    });
  },
};

/** All that elfy asks of Node's, which takes longer to load than elfy. */
const SMALL_ASSERT = 'exports.equal = (a, b) => { if (a != b) throw new Error(`${a} is not ${b}`); };';

const isBundled = (path: string): boolean =>
  BUNDLED.some((name) => path === name || path.startsWith(`${name}/`));

/**
 * Licences of what bundles hold, as each package gives its own.
 * @param files that went into the bundles, relative to the repository
 * @throws Error for a package that gives none
 */
export function licences(files: readonly string[]): string {
  const folders = new Set(files.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]));
  const texts = [...folders]
    .filter((folder) => folder !== undefined)
    .sort()
    .map((folder) => {
      const { name, version, license } = manifest(join(ROOT, folder));
      return `${name} ${version} (${license})\n\n${licenceIn(join(ROOT, folder))}\n`;
    });
  return ['The JavaScript of this package holds code of these packages.\n', ...texts].join(
    `\n${'-'.repeat(72)}\n\n`,
  );
}

/** A file of its own, or the end of the text about the package. */
function licenceIn(folder: string): string {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').trim();
  const text = join(folder, 'README.md');
  const part = existsSync(text)
    ? /^#+ *licen[cs]e *$([^]*)/im.exec(readFileSync(text, 'utf8'))?.[1]
    : undefined;
  if (part === undefined) throw new Error(`${folder} says nowhere what its licence is`);
  return part.trim();
}
