/**
 * The package's JavaScript: a few files, because a module costs more to find than to run. What users and Node name is a
 * file of its own; what several of these need is in shared ones in harness/, so that everything is there once.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type BuildOptions, type Metafile, transform } from 'esbuild';
import { bundlingPackages, licences } from './bundled-packages';
import { type CompiledFile, joinFiles } from './joined-files';

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

/** What every start of the command loads, and then what its first command does: the bundles of each are one file. */
const COMMAND = 'harness/cli/main.ts';
const COMMANDS: readonly string[] = ['harness/cli/command.ts', 'harness/cli/commands/run.ts'];

const LICENCES = 'third-party-licences.txt';

/** What is the same for both steps. */
const SHARED = {
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  // In a package.
  logOverride: { 'duplicate-object-key': 'silent' },
} as const;

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
 * @param options of esbuild, instead of the package's; plugins beyond them
 */
export async function bundlePackage(dist: string, options: BuildOptions = {}): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  const { outputFiles, metafile } = await build({
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
    alias: { testvisor: join(ROOT, 'harness/index.ts') },
    sourcemap: 'inline',
    define: generatorVersion(),
    ...options,
    plugins: [bundlingPackages, ...(options.plugins ?? [])],
    metafile: true,
    write: false,
  });
  const separate: CompiledFile[] = [];
  for (const { path, text } of outputFiles) {
    const { code, map } = await transform(requiring(text), {
      ...SHARED,
      format: 'cjs',
      sourcefile: path,
      sourcemap: 'external',
    });
    separate.push({ path, code: ascii(late(code)), map });
  }
  const start = loadedWith(metafile, [COMMAND]);
  const command = loadedWith(metafile, COMMANDS).filter((path) => !start.includes(path));
  for (const { path, code, map } of joinFiles(joinFiles(separate, start, 'start'), command, 'run')) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${code}//# sourceMappingURL=${path.slice(path.lastIndexOf('/') + 1)}.map\n`);
    writeFileSync(`${path}.map`, map);
  }
  writeFileSync(join(dist, LICENCES), licences(Object.keys(metafile.inputs)));
}

/** Bundles that are loaded at once with those of some sources, and are no entries that must stay where they are. */
function loadedWith({ outputs }: Metafile, sources: readonly string[]): readonly string[] {
  const isOf = (path: string): boolean => sources.includes(outputs[path]!.entryPoint ?? '');
  const loaded = new Set(Object.keys(outputs).filter(isOf));
  for (const path of loaded)
    for (const { path: needed, kind, external } of outputs[path]!.imports)
      if (kind === 'import-statement' && external !== true) loaded.add(needed);
  return [...loaded]
    .filter((path) => !ENTRIES.includes(outputs[path]!.entryPoint ?? ''))
    .map((path) => join(ROOT, path));
}

/**
 * As esbuild writes strings already, comments too: of a file with one other character, V8 makes a text twice as large, and
 * is slower to read, to check and to compile it.
 */
const ascii = (code: string): string =>
  code.replaceAll(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Modules of Node that take their time, for what few runs do, are loaded as something of them is used. */
const late = (code: string): string =>
  code.replaceAll(
    /^( *var \w+ = )(?:require|\(0, \w+\.__require\))\("(node:(?:child_process|zlib))"\);$/gm,
    '$1new Proxy({}, { get: (_, name) => require("$2")[name] });',
  );

/** Files of ours that are loaded late are CommonJS, too: not for Node's loader of ES modules, which takes its time. */
const requiring = (text: string): string =>
  text.replaceAll(/\bimport\(("\.[^"]*")\)/g, 'Promise.resolve().then(() => require($1))');
