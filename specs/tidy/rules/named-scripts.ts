import { type Rule } from '../rule';
import { isWithin, type SourceTree } from '../source-tree';

const COMMAND = /\bnpm run (?:--silent )?([a-z][\w:-]*)/g;

const tree = (text: string): SourceTree => [
  { path: 'package.json', text: JSON.stringify({ scripts: { check: 'x' } }) },
  { path: 'docs/a.md', text },
];

export const namedScripts: Rule = {
  name: 'tells people only of commands that exist',
  why: 'a command that fails is the worst first impression',
  complaints: (files) => {
    const manifest = files.find(({ path }) => path === 'package.json');
    if (manifest === undefined) return ['there is no package.json'];
    const { scripts } = JSON.parse(manifest.text) as { readonly scripts: Readonly<Record<string, string>> };
    return files
      .filter(({ path }) => !isWithin(path, 'specs/tidy') && !path.endsWith('.elf'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(COMMAND)]
          .map(([, name = '']) => name)
          .filter((name) => !(name in scripts))
          .map((name) => `${path}: npm run ${name}`),
      );
  },
  broken: { 'a script that is gone': tree('Run `npm run everything`.') },
  kept: { 'a script': tree('Run `npm run check -- --all`.') },
};
