/**
 * Code in JavaScript as a published package has it, by the same bundling: what compiles TypeScript as it is loaded costs
 * time at each start, and names every function at each call of what makes one.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { bundlePackage } from '../.ci/bundle-package';

const ROOT = join(__dirname, '..');

/** A module of the bench still finds its files beside it. */
const withItsFolder: Plugin = {
  name: 'with its folder',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[/\\](?:bench|fixtures)[/\\].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/\b__dirname\b/g, JSON.stringify(dirname(path))),
      loader: 'ts',
    }));
  },
};

export interface Packaged {
  /** A CommonJS module. */
  readonly file: string;
  remove(): void;
}

/** @param contents a module that imports others by their paths from the root of the project */
export async function packaged(contents: string): Promise<Packaged> {
  // Below node_modules, so that the packages which are not bundled are found.
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'testvisor-bench-'));
  await bundlePackage(directory, {
    entryPoints: [],
    stdin: { contents, resolveDir: ROOT },
    plugins: [withItsFolder],
    logLevel: 'error',
  });
  return {
    file: join(directory, 'stdin.js'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/**
 * What a module prints that runs as a package has it, in a process of its own.
 * @param contents as above
 * @throws ExecaError when it fails
 */
export async function outputInPackage(contents: string): Promise<string> {
  const { execa } = await import('execa');
  const program = await packaged(contents);
  try {
    return (await execa(process.execPath, [program.file])).stdout;
  } finally {
    program.remove();
  }
}
