import { type Rule } from '../rule';
import { type SourceFile } from '../source-tree';

const lockfile = (entry: object): readonly SourceFile[] => [
  {
    path: 'package-lock.json',
    text: JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/a': entry } }),
  },
];

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly integrity?: string }>>;
}

export const openLockfile: Rule = {
  name: 'locks packages by content, not by where they were fetched from',
  why: 'an install must work behind any mirror, and still get the same bytes',
  complaints: (tree) =>
    tree
      .filter(({ path }) => path === 'package-lock.json')
      .flatMap(({ text }) => Object.entries((JSON.parse(text) as Lockfile).packages))
      .filter(([name]) => name !== '')
      .flatMap(([name, entry]) => [
        ...(entry.resolved === undefined
          ? []
          : [`${name} names a host: npm config set omit-lockfile-registry-resolved`]),
        ...(entry.integrity === undefined ? [`${name} has no integrity`] : []),
      ]),
  broken: {
    'a host': lockfile({ resolved: 'https://example.org/a.tgz', integrity: 'sha512-AA==' }),
    'no hash': lockfile({ version: '1.0.0' }),
  },
  kept: { 'a hash alone': lockfile({ version: '1.0.0', integrity: 'sha512-AA==' }) },
};
