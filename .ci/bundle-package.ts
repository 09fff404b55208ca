/**
 * The package's JavaScript: a few files, because a module costs more to find than to run. What users and Node name is a
 * file of its own; what several of these need is in shared ones in harness/, so that everything is there once.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type BuildOptions, transform } from 'esbuild';

const ROOT = join(__dirname, '..');

/** What is loaded by its place: by package.json, by Jest's preset, by threads, by the demonstration. */
const ENTRIES = [
  'harness/index.ts',
  'harness/cli/main.ts',
  'harness/jest/environment.ts',
  'harness/jest/setup.ts',
  'harness/campaign/run/worker.ts',
  'fixtures/train-control/system.ts',
];

/** What is the same for both steps. */
const SHARED = { platform: 'node', target: 'node20', logLevel: 'warning' } as const;

/**
 * What a bundle must say of itself so that translations outlive its processes (harness/cache/generated-code.ts): a
 * checksum of all that has a say in generated code, which is everything that a machine is made of.
 */
export function generatorVersion(): Readonly<Record<'TESTVISOR_GENERATORS', string>> {
  const hash = createHash('sha256');
  for (const folder of ['hypervisor', 'platform']) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
      hash.update(`${folder}/${file}\n`).update(readFileSync(join(ROOT, folder, file)));
    }
  }
  return { TESTVISOR_GENERATORS: JSON.stringify(hash.digest('hex').slice(0, 32)) };
}

/**
 * Bundles as ES modules, which alone esbuild can split, and makes CommonJS of each file.
 * @param dist a folder, which is emptied first
 * @param options of esbuild, beyond or instead of the package's
 */
export async function bundlePackage(dist: string, options: BuildOptions = {}): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  const { outputFiles } = await build({
    ...SHARED,
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outbase: ROOT,
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    // As in the repository: see harness/package-files.ts.
    chunkNames: 'harness/[name]-[hash]',
    packages: 'external',
    alias: { testvisor: join(ROOT, 'harness/index.ts') },
    sourcemap: 'inline',
    define: generatorVersion(),
    ...options,
    write: false,
  });
  for (const { path, text } of outputFiles) {
    const { code, map } = await transform(requiring(text), {
      ...SHARED,
      format: 'cjs',
      sourcefile: path,
      sourcemap: 'external',
    });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${code}//# sourceMappingURL=${path.slice(path.lastIndexOf('/') + 1)}.map\n`);
    writeFileSync(`${path}.map`, map);
  }
}

/** Files of ours that are loaded late are CommonJS, too: not for Node's loader of ES modules, which takes its time. */
const requiring = (text: string): string =>
  text.replaceAll(/\bimport\(("\.[^"]*")\)/g, 'Promise.resolve().then(() => require($1))');
