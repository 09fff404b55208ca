/** The little Markdown that the reference is made of. */

/** A table whose cells are not padded: rows then differ only where the table does. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;

/** `0x0400_0000`: grouped as the sources write it. */
export function hex(value: number, digits = 8): string {
  const plain = value.toString(16).padStart(digits, '0');
  return `0x${plain.replace(/(?<=.)(?=(?:.{4})+$)/g, '_')}`;
}

export function document(title: string, ...blocks: readonly string[]): string {
  const origin =
    '<!-- Generated from tables of the source by `npm run docs` (docs/reference/): change those, not this file. -->';
  return `${[`# ${title}`, origin, ...blocks].join('\n\n')}\n`;
}
