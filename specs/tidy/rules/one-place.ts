import ts from 'typescript';
import { type Rule } from '../rule';
import { isTypeScript, isWithin, type SourceFile } from '../source-tree';
import { findInSyntax } from '../syntax';

const KEEPER = 'harness/package-files.ts';

const ownPlace = (node: ts.Node): string | undefined =>
  ts.isIdentifier(node) && (node.text === '__dirname' || node.text === '__filename') ? node.text : undefined;

const one = (text: string, path = 'harness/machine/a.ts'): readonly SourceFile[] => [{ path, text }];

export const onePlace: Rule = {
  name: 'finds its own files in one place',
  why: 'the package is a few bundles: a module is not where its source was',
  complaints: (tree) =>
    tree
      .filter((file) => isTypeScript(file) && isWithin(file.path, 'harness') && file.path !== KEEPER)
      .flatMap((file) =>
        findInSyntax(file, ownPlace).map(
          ({ line, found }) => `${file.path}:${line}: ${found}; ask ${KEEPER}`,
        ),
      ),
  broken: {
    'the folder of a module': one("const prober = join(__dirname, 'prober.elf');"),
    'the file of a module': one('const isCompiled = extname(__filename);'),
  },
  kept: {
    'the module that knows': one("const HOME = join(__dirname, '..');", KEEPER),
    'a comment and a string': one("// __dirname\nconst mend = 'relativeTo: __dirname';"),
    'a spec': one('const here = __dirname;', 'specs/a.ts'),
  },
};
