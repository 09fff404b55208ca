import * as elf from '../elf-format';
import { checkHeader, type FileHeader } from './check-header';
import { checkSections, hasSections } from './check-sections';
import { checkSegments } from './check-segments';
import { subjectOf } from './subject';

/** A file that has passed every check, in a form that elfy reads without harm. */
export interface CheckedElf {
  readonly xlen: elf.Xlen;
  readonly bytes: Buffer;
}

/**
 * elfy looks for the table of section names and fails without one, so a file that has no section headers gets
 * two at the end of a copy: the null section, and the names of the two.
 */
const withSectionHeaders = (bytes: Uint8Array, { xlen }: FileHeader): Buffer => {
  const names = Buffer.from('\0.shstrtab\0', 'latin1');
  const size = elf.SECTION_HEADER.size[xlen];
  const namesOffset = bytes.length;
  const tableOffset = Math.ceil((namesOffset + names.length) / 8) * 8;
  const copy = Buffer.alloc(tableOffset + 2 * size);
  copy.set(bytes);
  copy.set(names, namesOffset);
  const view = elf.viewOf(copy);
  const strings = tableOffset + size;
  elf.writeField(view, xlen, elf.SECTION_HEADER, strings, 'name', 1);
  elf.writeField(view, xlen, elf.SECTION_HEADER, strings, 'type', elf.SECTION_TYPE.strings);
  elf.writeField(view, xlen, elf.SECTION_HEADER, strings, 'offset', namesOffset);
  elf.writeField(view, xlen, elf.SECTION_HEADER, strings, 'size', names.length);
  elf.writeField(view, xlen, elf.FILE_HEADER, 0, 'sectionHeadersOffset', tableOffset);
  elf.writeField(view, xlen, elf.FILE_HEADER, 0, 'sectionHeaderSize', size);
  elf.writeField(view, xlen, elf.FILE_HEADER, 0, 'sectionHeaderCount', 2);
  elf.writeField(view, xlen, elf.FILE_HEADER, 0, 'sectionNamesIndex', 1);
  return copy;
};

/**
 * The wall before elfy, which trusts what it reads: everything that the loader will rely on is checked here.
 * @param relocatesItself whether relocations left in the image are its own business
 * @throws ImageError
 */
export const checkElf = (name: string, bytes: Uint8Array, relocatesItself: boolean): CheckedElf => {
  const subject = subjectOf(name, bytes);
  const header = checkHeader(subject);
  checkSegments(subject, header, relocatesItself);
  checkSections(subject, header);
  return {
    xlen: header.xlen,
    bytes: hasSections(header)
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : withSectionHeaders(bytes, header),
  };
};
