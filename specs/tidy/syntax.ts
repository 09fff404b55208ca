/** What rules ask of TypeScript's own parser, so that comments and strings never count as code. */
import ts from 'typescript';
import { type SourceFile } from './source-tree';

export interface Place<T> {
  readonly line: number;
  readonly found: T;
}

/** Collects what `pick` finds, in source order. */
export function findInSyntax<T>(
  { path, text }: SourceFile,
  pick: (node: ts.Node) => T | undefined,
): Place<T>[] {
  const parsed = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const places: Place<T>[] = [];
  const visit = (node: ts.Node): void => {
    const found = pick(node);
    if (found !== undefined) {
      places.push({ line: parsed.getLineAndCharacterOfPosition(node.getStart(parsed)).line + 1, found });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return places;
}

/** Every module a file imports, exports from, requires or names in an `import('…')` type. */
export function importsOf(file: SourceFile): Place<string>[] {
  return findInSyntax(file, (node) => {
    const specifier = moduleSpecifier(node);
    return specifier !== undefined && ts.isStringLiteral(specifier) ? specifier.text : undefined;
  });
}

function moduleSpecifier(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const isImport =
    node.expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(node.expression) && node.expression.text === 'require');
  return isImport ? node.arguments[0] : undefined;
}
