import { posix } from 'node:path';
import { type Rule } from '../rule';
import { type SourceFile, type SourceTree } from '../source-tree';

const LINK = /\]\(([^)\s#]+)(?:#[^)]*)?\)/g;
const CODE_BLOCK = /^```[\s\S]*?^```/gm;

function brokenLinks(page: SourceFile, exists: (path: string) => boolean): string[] {
  return [...page.text.replace(CODE_BLOCK, '').matchAll(LINK)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !exists(posix.join(posix.dirname(page.path), target)))
    .map((target) => `${page.path}: there is no ${target}`);
}

const tree = (text: string): SourceTree => [
  { path: 'docs/a.md', text },
  { path: 'docs/b.md', text: '' },
];

export const livingLinks: Rule = {
  name: 'links only to pages that exist',
  why: 'a dead link ends a newcomer’s reading',
  complaints: (files) => {
    const paths = new Set(
      files.flatMap(({ path }) =>
        path.split('/').map((_, index, names) => names.slice(0, index + 1).join('/')),
      ),
    );
    const exists = (path: string): boolean => paths.has(path.replace(/\/$/, ''));
    return files.filter(({ path }) => path.endsWith('.md')).flatMap((page) => brokenLinks(page, exists));
  },
  broken: { 'a page that moved': tree('[c](c.md)'), 'a page elsewhere': tree('[b](../b.md#top)') },
  kept: {
    'a page beside it': tree('[b](b.md#part)'),
    'a folder': tree('[docs](../docs/)'),
    'the web': tree('[x](https://example.org)'),
    'code that looks like a link': tree('```c\na[i](x);\n```'),
  },
};
