import * as elf from '../elf-format';
import type { FileHeader } from './check-header';
import { needsBytes, refuse, type Subject } from './subject';

type SectionHeader = Record<keyof typeof elf.SECTION_HEADER.fields, number>;

/** All names together, in bytes: elfy decodes every one, so overlapping names in a hostile file would add up. */
const MOST_NAME_BYTES = 2 ** 22;
const DAMAGED = 'The file is damaged: build it or copy it again, or drop the section headers (strip).';

/** Whether the file has section headers with names; a stripped file may do without. */
export const hasSections = (header: FileHeader): boolean =>
  header.sectionHeadersOffset !== 0 && header.sectionHeaderCount !== 0 && header.sectionNamesIndex !== 0;

const checkNames = (subject: Subject, sections: readonly SectionHeader[], names: SectionHeader): void => {
  const table = subject.bytes.subarray(names.offset, names.offset + names.size);
  let total = 0;
  sections.forEach(({ name }, index) => {
    const end = table.indexOf(0, name);
    total += end - name;
    if (end < 0 || total > MOST_NAME_BYTES)
      refuse(subject, {
        code: 'bad-section',
        what: `the name of section ${index} lies outside the table of section names, or is endless`,
        where: `section header ${index}, name`,
        mend: DAMAGED,
      });
  });
};

const checkStringTable = (
  subject: Subject,
  sections: readonly SectionHeader[],
  index: number,
  user: string,
  where: string,
): SectionHeader => {
  const table = sections[index];
  if (table === undefined || table.type !== elf.SECTION_TYPE.strings)
    return refuse(subject, {
      code: 'bad-section',
      what: `${user} names section ${index} as its string table, which ${table === undefined ? 'does not exist' : 'is none'}`,
      where,
      mend: DAMAGED,
    });
  if (table.size > 0 && subject.bytes[table.offset + table.size - 1] !== 0)
    refuse(subject, {
      code: 'bad-section',
      what: `the string table in section ${index} does not end with a zero byte`,
      where: `section header ${index}`,
      mend: DAMAGED,
    });
  return table;
};

/**
 * Checks the section headers, when the file has any: bounds, string tables, names, the symbol table's shape.
 * @throws ImageError
 */
export const checkSections = (subject: Subject, header: FileHeader): void => {
  if (!hasSections(header)) return;
  const { xlen, sectionHeadersOffset: offset, sectionHeaderCount: count } = header;
  const size = elf.SECTION_HEADER.size[xlen];
  if (header.sectionHeaderSize !== size)
    refuse(subject, {
      code: 'bad-header',
      what: `section headers of ${header.sectionHeaderSize} bytes: ELF${xlen} has them of ${size} bytes`,
      where: elf.fieldPlace(elf.FILE_HEADER, xlen, 'sectionHeaderSize', 0),
      mend: DAMAGED,
    });
  const where = elf.fieldPlace(elf.FILE_HEADER, xlen, 'sectionHeadersOffset', 0);
  needsBytes(subject, 'table of section headers', offset, count * size, where);
  const sections: SectionHeader[] = Array.from({ length: count }, (_, index) =>
    elf.readStructure(subject.view, xlen, elf.SECTION_HEADER, offset + index * size),
  );

  sections.forEach((section, index) => {
    const hasBytes = section.type !== elf.SECTION_TYPE.null && section.type !== elf.SECTION_TYPE.noBits;
    if (hasBytes)
      needsBytes(subject, `section ${index}`, section.offset, section.size, `section header ${index}`);
  });
  const place = elf.fieldPlace(elf.FILE_HEADER, xlen, 'sectionNamesIndex', 0);
  checkNames(
    subject,
    sections,
    checkStringTable(subject, sections, header.sectionNamesIndex, 'the ELF header', place),
  );
  sections.forEach((section, index) => {
    if (section.type !== elf.SECTION_TYPE.symbols) return;
    checkStringTable(
      subject,
      sections,
      section.link,
      `the symbol table (section ${index})`,
      `section header ${index}`,
    );
    if (section.entrySize !== elf.SYMBOL.size[xlen] || section.size % section.entrySize !== 0)
      refuse(subject, {
        code: 'bad-section',
        what: `the symbol table has ${section.size} bytes in entries of ${section.entrySize}; ELF${xlen} has entries of ${elf.SYMBOL.size[xlen]}`,
        where: elf.fieldPlace(elf.SECTION_HEADER, xlen, 'entrySize', offset + index * size, index),
        mend: DAMAGED,
      });
  });
};
