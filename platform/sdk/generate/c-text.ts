/** How names and values of the platform's tables look in C. */

/** `lineStatus`, `line-status` → `line_status`. */
export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/[-\s]/g, '_');

/** `lineStatus` → `LINE_STATUS`. */
export const upperCase = (name: string): string => snakeCase(name).toUpperCase();

/** An address or a mask: `0x10000000UL`. */
export const hex = (value: number): string => `0x${value.toString(16)}UL`;

/** Text broken into lines of at most `width` characters. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A documentation comment in front of what it documents. */
export function comment(...paragraphs: readonly string[]): string {
  const lines = paragraphs.flatMap((paragraph) => wrap(paragraph, 96));
  return lines.length === 1
    ? `/** ${lines[0]} */`
    : ['/**', ...lines.map((line) => ` * ${line}`), ' */'].join('\n');
}

export interface Definition {
  readonly name: string;
  readonly value: string;
  readonly doc?: string;
}

/** A block of `#define`s, the values in a column. */
export function defines(definitions: readonly Definition[]): string {
  const width = Math.max(...definitions.map(({ name }) => name.length));
  return definitions
    .map(
      ({ name, value, doc }) =>
        `${doc === undefined ? '' : `${comment(doc)}\n`}#define ${name.padEnd(width)} ${value}`,
    )
    .join('\n');
}

/** Definitions of a table of numbers: `{ coldStart: 0 }` under `TV_MODE` → `TV_MODE_COLD_START 0`. */
export const numberDefinitions = (
  prefix: string,
  table: Readonly<Record<string, number>>,
): readonly Definition[] =>
  Object.entries(table).map(([name, value]) => ({
    name: `${prefix}_${upperCase(name)}`,
    value: value < 0 ? `(${value})` : String(value),
  }));

/** A header file: what it is, its guard, and its parts with an empty line between each two. */
export function header(
  guard: string,
  about: string,
  parts: readonly string[],
  source = "the platform's tables by `npm run sdk`",
): string {
  return [
    `/* ${about}\n * Generated from ${source}: change those, not this file. */`,
    `#ifndef ${guard}\n#define ${guard}`,
    ...parts,
    `#endif /* ${guard} */\n`,
  ].join('\n\n');
}
