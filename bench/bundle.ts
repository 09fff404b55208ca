/** How large the hypervisor is: hypervisor/ and platform/ in one minified file, without guests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';

const ROOT = join(__dirname, '..');

/** Sentences in tables are for headers and references, which are made of the sources. */
const DOCUMENTATION = /\bdoc:\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:\s*\+\s*'(?:[^'\\]|\\.)*')*,?/g;

const withoutDocumentation: Plugin = {
  name: 'without documentation',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[/\\](?:platform|hypervisor)[/\\].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(DOCUMENTATION, ''),
      loader: 'ts',
    }));
  },
};

export interface BundleSize {
  /** Bytes. */
  readonly minified: number;
  readonly compressed: number;
  /** The bundle itself, a CommonJS module. */
  readonly text: string;
}

export async function bundleHypervisor(): Promise<BundleSize> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'hypervisor/index.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'cjs',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    legalComments: 'none',
    plugins: [withoutDocumentation],
  });
  const { contents, text } = outputFiles[0]!;
  return { minified: contents.length, compressed: gzipSync(contents, { level: 9 }).length, text };
}
