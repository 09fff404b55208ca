import { type Rule } from '../rule';
import { type SourceFile } from '../source-tree';

const FOLDERS: ReadonlySet<string> = new Set([
  '.ci',
  'bench',
  'docs',
  'fixtures',
  'harness',
  'hypervisor',
  'platform',
  'specs',
]);

const FILES: ReadonlySet<string> = new Set([
  '.gitattributes',
  '.gitignore',
  '.prettierignore',
  '.prettierrc.json',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'eslint.config.mjs',
  'jest.config.ts',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
]);

const tree = (...paths: string[]): readonly SourceFile[] => paths.map((path) => ({ path, text: '' }));

export const topLevel: Rule = {
  name: 'holds only the agreed names at its top',
  why: 'the first listing a newcomer sees is the map of the project',
  complaints: (files) => {
    const folders = files.flatMap(({ path }) =>
      path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [],
    );
    return [
      ...[...new Set(folders)].filter((folder) => !FOLDERS.has(folder)).map((folder) => `${folder}/`),
      ...files.map(({ path }) => path).filter((path) => !path.includes('/') && !FILES.has(path)),
    ];
  },
  broken: { 'a new folder': tree('utils/a.ts', 'utils/b.ts'), 'a stray file': tree('notes.txt') },
  kept: { 'what is agreed': tree('README.md', 'platform/units.ts', 'docs/utils/a.md') },
};
