/**
 * Files that are always loaded together, as one: a file costs more to find, to read and to look up among what is kept
 * than to run. Each stays a module of its own, which runs when it is required first, so that whoever needs only some of
 * them runs no more than these.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { encodedMap, FlattenMap, type SectionedSourceMap } from '@jridgewell/trace-mapping';

/** A CommonJS file with its source map. */
export interface CompiledFile {
  readonly path: string;
  readonly code: string;
  /** JSON. */
  readonly map: string;
}

const REQUIRED = /\brequire\("((?:\.{1,2}\/)+(?:[\w-]+\/)*)([\w.-]+)"\)/g;
const HASH_DIGITS = 8;

/**
 * Joins files of one folder, and lets all others require them where they are then.
 * @param files all that require each other
 * @param paths of those to join
 * @param name what the file begins with; a checksum of what it holds follows
 */
export function joinFiles(
  files: readonly CompiledFile[],
  paths: readonly string[],
  name: string,
): readonly CompiledFile[] {
  if (paths.length < 2) return files;
  const folder = dirname(paths[0]!);
  const members = files.filter(({ path }) => paths.includes(path));
  const names = new Set(members.map(({ path }) => basename(path)));
  const lines = [FIRST_LINE];
  const sections: Section[] = [];
  for (const { path, code, map } of members) {
    lines.push(`${JSON.stringify(basename(path))}: (function (exports, require, module) {`);
    sections.push({ offset: { line: lines.length, column: 0 }, map: JSON.parse(map) as Section['map'] });
    lines.push(...code.trimEnd().split('\n'), '}),');
  }
  const joined = lines
    .concat(LAST_LINES)
    .join('\n')
    .replace(REQUIRED, (all, _, file: string) =>
      names.has(file) ? `__joined(${JSON.stringify(file)})` : all,
    );
  const hash = createHash('sha256').update(joined).digest('hex').slice(0, HASH_DIGITS);
  const file = `${name}-${hash}.js`;
  const others = files.filter(({ path }) => !paths.includes(path));
  return [
    { path: join(folder, file), code: joined, map: flat(sections) },
    ...others.map(({ code, ...other }) => ({
      ...other,
      code: code.replace(REQUIRED, (all, way: string, required: string) =>
        names.has(required) ? `require("${way}${file}")(${JSON.stringify(required)})` : all,
      ),
    })),
  ];
}

type Section = SectionedSourceMap['sections'][number];

/** Node knows no maps of maps. */
const flat = (sections: Section[]): string =>
  JSON.stringify(encodedMap(FlattenMap({ version: 3, sections })));

const FIRST_LINE = 'const files = {';
/** Functions in parentheses are compiled at once by V8, instead of being looked through first. */
const LAST_LINES = `};
const modules = new Map();
function __joined(name) {
  let module = modules.get(name);
  if (module === undefined) {
    modules.set(name, (module = { exports: {} }));
    files[name](module.exports, require, module);
  }
  return module.exports;
}
module.exports = __joined;
`;
