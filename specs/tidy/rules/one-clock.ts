import ts from 'typescript';
import { type Rule } from '../rule';
import { isTypeScript, isWithin, type SourceFile } from '../source-tree';
import { findInSyntax } from '../syntax';

/** Names whose value depends on the host, when or where it runs. */
const HOST_NAMES = new Set([
  'Date',
  'performance',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'crypto',
  'Intl',
]);
const HOST_METHODS = /^(?:localeCompare|toLocale\w+)$/;

function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent)) &&
      parent.name === node)
  );
}

/** What in a node depends on the host, or undefined. */
function hostDependence(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && HOST_NAMES.has(node.text) && !isPropertyName(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const name = node.name.text;
  if (ts.isIdentifier(node.expression) && node.expression.text === 'globalThis' && HOST_NAMES.has(name)) {
    return `globalThis.${name}`;
  }
  if (HOST_METHODS.test(name)) return name;
  if (name === 'random' && ts.isIdentifier(node.expression) && node.expression.text === 'Math') {
    return 'Math.random';
  }
  const call = node.parent;
  const sortsPlainly =
    (name === 'sort' || name === 'toSorted') &&
    ts.isCallExpression(call) &&
    call.expression === node &&
    call.arguments.length === 0;
  return sortsPlainly ? `${name}() without a comparator` : undefined;
}

const one = (text: string, path = 'hypervisor/a.ts'): readonly SourceFile[] => [{ path, text }];

export const oneClock: Rule = {
  name: 'has one clock and one source of randomness, both passed in',
  why: 'the same images, seed and faults must give the same trace on every host',
  complaints: (tree) =>
    tree
      .filter(
        (file) => isTypeScript(file) && ['platform', 'hypervisor'].some((top) => isWithin(file.path, top)),
      )
      .flatMap((file) =>
        findInSyntax(file, hostDependence).map(({ line, found }) => `${file.path}:${line}: ${found}`),
      ),
  broken: {
    'the host’s date': one('const now = Date.now();'),
    'the host’s clock': one('const now = performance.now();', 'platform/a.ts'),
    'the host’s clock under another name': one('const clocks = { performance };'),
    'the host’s clock as a global’s field': one('const now = globalThis.Date.now();'),
    'unseeded randomness': one('const x = Math.random();'),
    'a timer': one('setTimeout(f, 5);'),
    'an interval': one('setInterval(f, 5);'),
    'the process': one("const x = process.env['X'];"),
    'the locale’s order': one('names.sort((a, b) => a.localeCompare(b));'),
    'the locale’s spelling': one('const x = n.toLocaleString();'),
    'a plain sort': one('names.sort();'),
  },
  kept: {
    'a sort with a comparator': one('numbers.sort((a, b) => a - b);'),
    'a field of that name': one('const x = vm.process; interface A { performance: number }'),
    'a comment and a string': one("// Date.now()\nconst x = 'Math.random()';"),
    'the harness’s own time limit': one('const now = Date.now();', 'harness/a.ts'),
  },
};
