import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { type Rule } from '../rule';
import { isTypeScript, isWithin, type SourceFile } from '../source-tree';
import { importsOf } from '../syntax';

/** What the files below a folder may import. The wall with the longest folder holds. */
interface Wall {
  readonly around: string;
  /** Folders open to it. */
  readonly folders: readonly string[];
  /** Folders of which only `index.ts` is open to it. */
  readonly doors: readonly string[];
  readonly packages: readonly string[] | 'any';
  /** Whether Node's own modules are open to it. */
  readonly node: boolean;
}

/** platform ← hypervisor ← harness ← specs, never back. */
const WALLS: readonly Wall[] = [
  { around: 'platform', folders: ['platform'], doors: [], packages: [], node: false },
  {
    around: 'hypervisor',
    folders: ['hypervisor', 'platform'],
    doors: [],
    packages: ['@noble/hashes'],
    node: false,
  },
  {
    around: 'harness',
    folders: ['harness', 'platform'],
    doors: ['hypervisor'],
    packages: 'any',
    node: true,
  },
  {
    around: 'fixtures',
    folders: ['fixtures', 'platform'],
    doors: [],
    packages: 'any',
    node: true,
  },
  { around: 'specs', folders: ['specs', 'fixtures'], doors: [], packages: 'any', node: true },
  // Specs of the parts themselves, not of what a user sees.
  ...[
    'specs/hypervisor',
    'specs/platform',
    'specs/harness/campaign/engine',
    'specs/harness/image',
    'specs/harness/conformance',
    'specs/tidy',
    'specs/bench',
  ].map((around): Wall => ({
    around,
    folders: ['specs', 'fixtures', 'platform', 'hypervisor', 'harness', 'docs', 'bench'],
    doors: [],
    packages: 'any',
    node: true,
  })),
  {
    around: 'bench',
    // Images are found as `conformance` finds them, Linux as its specs do; the command is what the package has.
    folders: ['bench', 'fixtures', 'platform', 'hypervisor', 'harness/conformance', 'specs/guests'],
    doors: ['harness', '.ci/bundle-package'],
    packages: 'any',
    node: true,
  },
  { around: 'docs', folders: ['docs', 'platform'], doors: ['harness'], packages: 'any', node: true },
  { around: '.ci', folders: ['.ci'], doors: [], packages: 'any', node: true },
];

const NODE_MODULES = new Set(builtinModules);

function wallAround(path: string): Wall | undefined {
  return WALLS.filter(({ around }) => isWithin(path, around)).sort(
    (a, b) => b.around.length - a.around.length,
  )[0];
}

/** Why a wall forbids an import, or undefined. */
function forbids(wall: Wall, from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(from), specifier);
    if (wall.folders.some((folder) => isWithin(target, folder))) return undefined;
    if (wall.doors.some((door) => target === door || target === `${door}/index`)) return undefined;
    const door = wall.doors.find((folder) => isWithin(target, folder));
    return door === undefined
      ? `${wall.around}/ may not import ${target}`
      : `${wall.around}/ imports ${door}/ only through its index.ts, not ${target}`;
  }
  if (specifier.startsWith('node:') || NODE_MODULES.has(specifier)) {
    if (!wall.node) return `${wall.around}/ also runs where there is no Node: not ${specifier}`;
    return specifier.startsWith('node:') ? undefined : `write node:${specifier}`;
  }
  const isOpen =
    wall.packages === 'any' ||
    wall.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  return isOpen ? undefined : `${wall.around}/ may not import the package ${specifier}`;
}

function complaintsOf(file: SourceFile): string[] {
  const wall = wallAround(file.path);
  if (wall === undefined) return [];
  return importsOf(file).flatMap(({ line, found }) => {
    const reason = forbids(wall, file.path, found);
    return reason === undefined ? [] : [`${file.path}:${line}: ${reason}`];
  });
}

const one = (path: string, text: string): readonly SourceFile[] => [{ path, text }];

export const walls: Rule = {
  name: 'imports only downwards: platform ← hypervisor ← harness ← specs',
  why: 'what guests see must not depend on what makes it true, nor that on what a test author sees',
  complaints: (tree) => tree.filter(isTypeScript).flatMap(complaintsOf),
  broken: {
    'platform reaches up': one('platform/a.ts', "import { b } from '../hypervisor/b';"),
    'platform takes a package': one('platform/a.ts', "import x from 'msgpackr';"),
    'the hypervisor reaches up': one('hypervisor/vm/a.ts', "import type { B } from '../../harness';"),
    'the hypervisor needs Node': one('hypervisor/a.ts', "export * from 'node:fs';"),
    'the hypervisor needs Node by its bare name': one('hypervisor/a.ts', "const fs = require('fs');"),
    'the hypervisor takes a package': one('hypervisor/a.ts', "const m = import('msgpackr');"),
    'the harness goes round the door': one('harness/a.ts', "import { b } from '../hypervisor/vm/vm';"),
    'the harness names a type behind the door': one(
      'harness/a.ts',
      "type B = import('../hypervisor/vm/vm').B;",
    ),
    'the harness takes from specs': one('harness/jest/a.ts', "import { b } from '../../specs/b';"),
    'a scenario looks inside': one('specs/scenarios/a.spec.ts', "import { b } from '../../harness/b';"),
    'a builtin without its prefix': one('harness/a.ts', "import { join } from 'path';"),
  },
  kept: {
    'platform imports itself': one('platform/devices/a.ts', "import { ms } from '../units';"),
    'the hypervisor hashes': one('hypervisor/a.ts', "import { sha256 } from '@noble/hashes/sha2';"),
    'the harness comes through the door': one(
      'harness/a/b.ts',
      "import { Machine } from '../../hypervisor';",
    ),
    'a scenario reads as a user’s': one('specs/scenarios/a.spec.ts', "import { boot } from 'testvisor';"),
    'a spec of the hypervisor looks inside': one(
      'specs/hypervisor/a.spec.ts',
      "import '../../hypervisor/b';",
    ),
    'a comment': one('platform/a.ts', "// import { b } from '../hypervisor/b';"),
  },
};
