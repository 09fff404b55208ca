import { type Rule } from '../rule';
import { isWithin, type SourceFile } from '../source-tree';

/** Traces of one developer's machine or network; in images too, whose debug information names sources. */
const TRACES: readonly { readonly of: string; readonly pattern: RegExp }[] = [
  { of: 'a home or work directory', pattern: /(?<![\w.~$}-])\/(?:home|Users|root|work|workspaces?)\/[\w.-]/ },
  { of: 'a home directory', pattern: /\b[A-Z]:\\Users\\/ },
  {
    of: 'a package registry',
    pattern: /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|\bnpmjs\.(?:org|com)\b|_authToken|\bproxy\.golang\.org\b/,
  },
];

const one = (text: string, path = 'harness/a.ts'): readonly SourceFile[] => [{ path, text }];

function complaintsOf({ path, text }: SourceFile): string[] {
  return TRACES.flatMap(({ of, pattern }) => {
    const at = text.search(pattern);
    if (at < 0) return [];
    return [
      `${path}:${text.slice(0, at).split('\n').length}: ${of}: ${text.slice(at, at + 40).split('\n')[0] ?? ''}`,
    ];
  });
}

export const noMachine: Rule = {
  name: 'names no machine it was written on',
  why: 'the repository must mean the same on every machine',
  complaints: (tree) => tree.filter(({ path }) => !isWithin(path, 'specs/tidy')).flatMap(complaintsOf),
  broken: {
    'a home directory': one("const a = '/home/ada/testvisor';"),
    'a home directory on macOS': one('see /Users/ada/x', 'docs/a.md'),
    'a home directory on Windows': one('C:\\Users\\ada'),
    'a work directory within an image': one('\0/workspace/ada/fixtures/a.c\0', 'fixtures/a/a.elf'),
    'a registry': one('"resolved": "https://registry.example.org/x"', 'package-lock.json'),
  },
  kept: {
    'a relative path': one("import '../work/plan';"),
    'a word': one('the home/office split'),
  },
};
