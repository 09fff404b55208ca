import type * as elfy from 'elfy';
import { SourceLines } from './dwarf/source-lines';
import type { Xlen } from './elf-format';
import { debugSection } from './sections';

/** An image's source lines, or why it has none. */
export type DebugInfo =
  { readonly is: 'present'; readonly lines: SourceLines } | { readonly is: 'missing'; readonly why: string };

const EMPTY = new Uint8Array(0);

/** Reads `.debug_line` and the strings that it points to. Malformed tables give no lines; nothing is thrown. */
export const readDebugInfo = ({ body }: ReturnType<typeof elfy.parse>, xlen: Xlen): DebugInfo => {
  const line = debugSection(body.sections, xlen, 'line');
  if (line.is === 'absent')
    return {
      is: 'missing',
      why: 'the image has no debug information; compile it with -g and do not strip it',
    };
  if (line.is === 'unreadable') return { is: 'missing', why: line.why };

  const code = body.programs.filter(({ type, flags }) => type === 'load' && flags['x'] === true);
  const isCode = (address: number) =>
    code.some(({ vaddr, memsz }) => address >= vaddr && address < vaddr + memsz);
  const strings = (what: string) => {
    let bytes: Uint8Array | undefined;
    return () => {
      if (bytes === undefined) {
        const section = debugSection(body.sections, xlen, what);
        bytes = section.is === 'present' ? section.bytes : EMPTY;
      }
      return bytes;
    };
  };
  const sections = { lineStrings: strings('line_str'), strings: strings('str') };
  return { is: 'present', lines: new SourceLines(line.bytes, sections, isCode) };
};
