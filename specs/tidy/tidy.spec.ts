import { type Rule } from './rule';
import { finished } from './rules/finished';
import { guidedFolders } from './rules/guided-folders';
import { livingLinks } from './rules/living-links';
import { namedScripts } from './rules/named-scripts';
import { noMachine } from './rules/no-machine';
import { oneClock } from './rules/one-clock';
import { onePlace } from './rules/one-place';
import { openLockfile } from './rules/open-lockfile';
import { shortFiles } from './rules/short-files';
import { topLevel } from './rules/top-level';
import { walls } from './rules/walls';
import { readSourceTree } from './source-tree';

const RULES: readonly Rule[] = [
  walls,
  oneClock,
  onePlace,
  finished,
  shortFiles,
  guidedFolders,
  livingLinks,
  namedScripts,
  noMachine,
  topLevel,
  openLockfile,
];

const tree = readSourceTree();

describe.each(RULES)('the tree $name', (rule) => {
  test('everywhere', () => {
    expect(rule.complaints(tree)).toEqual([]);
  });

  test.each(Object.entries(rule.broken))('and it is noticed when not: %s', (_, broken) => {
    expect(rule.complaints(broken)).toHaveLength(1);
  });

  test.each(Object.entries(rule.kept))('which allows: %s', (_, kept) => {
    expect(rule.complaints(kept)).toEqual([]);
  });
});

test('the tree is read: a spec over nothing would pass', () => {
  expect(tree.map(({ path }) => path)).toContain('platform/units.ts');
  expect(tree.length).toBeGreaterThan(100);
});
