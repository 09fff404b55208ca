import { type Rule } from '../rule';
import { isWithin, type SourceFile } from '../source-tree';

const PROMISE = /\b(?:TODO|FIXME|XXX|HACK)\b/;

const one = (text: string, path = 'harness/a.ts'): readonly SourceFile[] => [{ path, text }];

export const finished: Rule = {
  name: 'holds no promises to do something later',
  why: 'a promise in a comment is read by nobody who could keep it',
  complaints: (tree) =>
    tree
      .filter(
        ({ path }) => !isWithin(path, 'specs/tidy') && !path.endsWith('.elf') && path !== 'package-lock.json',
      )
      .flatMap(({ path, text }) =>
        text
          .split('\n')
          .flatMap((line, index) => (PROMISE.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
      ),
  broken: {
    'in TypeScript': one('// TODO: later'),
    'in C': one('/* FIXME */', 'fixtures/a/main.c'),
    'in prose': one('- TODO', 'docs/a.md'),
  },
  kept: { 'a longer word': one('const TODOS = 1;') },
};
