/** How large the hypervisor is: hypervisor/ and platform/ in one minified file, without guests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, type Plugin } from 'esbuild';

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
  /** Bytes of `minified` by what they are of: folders of hypervisor/, platform/, packages. Largest first. */
  readonly parts: ReadonlyMap<string, number>;
}

export async function bundleHypervisor(): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'hypervisor/index.ts')],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    legalComments: 'none',
    plugins: [withoutDocumentation],
  });
  const { contents, text } = outputFiles[0]!;
  const parts = partsOf(Object.values(metafile.outputs)[0]!.inputs);
  return { minified: contents.length, compressed: gzipSync(contents, { level: 9 }).length, text, parts };
}

function partsOf(inputs: Metafile['outputs'][string]['inputs']): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const [part = 'packages'] = /^platform|^hypervisor\/[^/.]+(?=\/)|^hypervisor/.exec(path) ?? [];
    parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
  }
  return new Map([...parts].sort(([, a], [, b]) => b - a));
}
