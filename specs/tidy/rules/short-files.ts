import { type Rule } from '../rule';
import { isGenerated, isSource, type SourceFile } from '../source-tree';

const LIMIT = 400;

/** Tables, which are read by row and not from top to bottom. */
const TABLES: ReadonlySet<string> = new Set([
  'platform/hypercalls.ts',
  'specs/platform/validate-system.spec.ts',
]);

const lines = (count: number, path = 'harness/a.ts', first = '//'): readonly SourceFile[] => [
  { path, text: [first, ...Array.from({ length: count - 1 }, () => '//')].join('\n') },
];

export const shortFiles: Rule = {
  name: `keeps a file to one idea, and to ${LIMIT} lines`,
  why: 'a file that does not fit in a head is changed by guessing',
  complaints: (tree) =>
    tree
      .filter((file) => isSource(file) && !isGenerated(file) && !TABLES.has(file.path))
      .map(({ path, text }) => ({ path, length: text.trimEnd().split('\n').length }))
      .filter(({ length }) => length > LIMIT)
      .map(({ path, length }) => `${path}: ${length} lines, ${LIMIT} allowed`),
  broken: { 'one line too many': lines(LIMIT + 1) },
  kept: {
    'just fits': lines(LIMIT),
    'a table': lines(LIMIT + 1, 'platform/hypercalls.ts'),
    'a generated file': lines(LIMIT + 1, 'platform/sdk/include/a.h', '/* Generated from b. */'),
  },
};
