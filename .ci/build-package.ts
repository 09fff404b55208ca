/**
 * `npm run build`: what the published package holds, in dist/. JavaScript in bundles (CommonJS, which both kinds of
 * specs can import), declarations file by file, and the demonstration.
 */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { bundlePackage } from './bundle-package';

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');
const DEMONSTRATION = 'fixtures/train-control';

/** Files of a folder and those below, with such an end, relative to the repository. */
const filesOf = (folder: string, end: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end) && !file.endsWith('.d.ts'))
    .map((file) => join(folder, file));

/** Copies files as they are, to the same place in dist/. */
function copy(files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(DIST, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(DIST, file));
  }
}

/** @returns complaints of the compiler. */
function declare(): readonly string[] {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.convertCompilerOptionsFromJson(
    (config.config as { readonly compilerOptions: unknown }).compilerOptions,
    ROOT,
  );
  const { incremental: _, tsBuildInfoFile: __, ...wanted } = options;
  const program = ts.createProgram([join(ROOT, 'harness/index.ts'), join(ROOT, 'harness/image/elfy.d.ts')], {
    ...wanted,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true,
    rootDir: ROOT,
    outDir: DIST,
  });
  const { diagnostics } = program.emit();
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

async function main(): Promise<void> {
  await bundlePackage(DIST);
  copy([
    'harness/jest/jest-preset.js',
    'harness/jest/sequencer.js',
    ...filesOf(DEMONSTRATION, '.elf'),
    ...filesOf('fixtures/prober', '.elf'),
  ]);
  const complaints = declare();
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}

void main();
