import * as elf from '../elf-format';
import { hex } from '../image-error';
import type { FileHeader } from './check-header';
import { checkNeedsNoLinker } from './check-linkage';
import { needsBytes, refuse, type Subject } from './subject';

type ProgramHeader = Record<keyof typeof elf.PROGRAM_HEADER.fields, number> & { readonly index: number };

/** No machine has more RAM: the platform's RAM starts in the middle of a 4 GiB address space. */
export const LARGEST_SEGMENT = 2 ** 31;
/** Program headers from here on mean "count is elsewhere" (PN_XNUM); no guest has that many. */
const TOO_MANY_PROGRAM_HEADERS = 0xffff;
const HIGHEST_ADDRESS = { 32: 2 ** 32, 64: 2 ** 53 } as const;
const DAMAGED = 'The linker does not write this: the file is damaged; build it or copy it again.';

const readProgramHeaders = (subject: Subject, header: FileHeader): ProgramHeader[] => {
  const { xlen, programHeadersOffset: offset, programHeaderCount: count } = header;
  if (offset === 0 || count === 0) return [];
  const size = elf.PROGRAM_HEADER.size[xlen];
  if (header.programHeaderSize !== size || count === TOO_MANY_PROGRAM_HEADERS)
    refuse(subject, {
      code: 'bad-header',
      what: `${count} program headers of ${header.programHeaderSize} bytes: ELF${xlen} has them of ${size} bytes, fewer than 65535`,
      where: elf.fieldPlace(elf.FILE_HEADER, xlen, 'programHeaderSize', 0),
      mend: DAMAGED,
    });
  const where = elf.fieldPlace(elf.FILE_HEADER, xlen, 'programHeadersOffset', 0);
  needsBytes(subject, 'table of program headers', offset, count * size, where);
  return Array.from({ length: count }, (_, index) => ({
    ...elf.readStructure(subject.view, xlen, elf.PROGRAM_HEADER, offset + index * size),
    index,
  }));
};

const checkSegment = (subject: Subject, header: FileHeader, segment: ProgramHeader): void => {
  const { xlen } = header;
  const at = header.programHeadersOffset + segment.index * elf.PROGRAM_HEADER.size[xlen];
  const place = (field: keyof typeof elf.PROGRAM_HEADER.fields) =>
    elf.fieldPlace(elf.PROGRAM_HEADER, xlen, field, at, segment.index);

  needsBytes(subject, `segment ${segment.index}`, segment.offset, segment.fileSize, place('offset'));
  if (segment.fileSize > segment.memorySize)
    refuse(subject, {
      code: 'bad-segment',
      what: `segment ${segment.index} has ${hex(segment.fileSize)} bytes in the file but only ${hex(segment.memorySize)} in memory`,
      where: place('memorySize'),
      mend: DAMAGED,
    });
  if (segment.memorySize > LARGEST_SEGMENT)
    refuse(subject, {
      code: 'segment-too-large',
      what: `segment ${segment.index} takes ${hex(segment.memorySize)} bytes of memory; no machine has that much`,
      where: place('memorySize'),
      mend: 'Look for an array of the wrong size, or a gap in the linker script that became part of a segment.',
    });
  for (const field of ['physicalAddress', 'virtualAddress'] as const)
    if (segment[field] + segment.memorySize > HIGHEST_ADDRESS[xlen])
      refuse(subject, {
        code: 'bad-segment',
        what: `segment ${segment.index} at ${hex(segment[field])} runs past the highest address, ${hex(HIGHEST_ADDRESS[xlen] - 1)}`,
        where: place(field),
        mend: 'Check the MEMORY regions and the location counter in the linker script.',
      });
  // The loader copies, so alignment decides nothing; but a value that is no power of two is never a linker's.
  if (segment.align > 1 && !Number.isInteger(Math.log2(segment.align)))
    refuse(subject, {
      code: 'bad-segment',
      what: `segment ${segment.index} asks for an alignment of ${hex(segment.align)}, which is no power of two`,
      where: place('align'),
      mend: DAMAGED,
    });
};

/** Where a segment is put: where the file says its bytes are stored (LMA); zeros with no bytes, where they are used. */
export const placeOf = (segment: { paddr: number; vaddr: number; filesz: number }): number =>
  segment.filesz === 0 ? segment.vaddr : segment.paddr;

const checkOverlaps = (subject: Subject, segments: readonly ProgramHeader[]): void => {
  const placed = segments
    .map((segment) => ({
      ...segment,
      place: placeOf({
        paddr: segment.physicalAddress,
        vaddr: segment.virtualAddress,
        filesz: segment.fileSize,
      }),
    }))
    .sort((a, b) => a.place - b.place);
  placed.reduce((before, after) => {
    if (before.place + before.memorySize > after.place) {
      const range = (segment: typeof before) =>
        `segment ${segment.index} (${hex(segment.place)}..${hex(segment.place + segment.memorySize - 1)})`;
      refuse(subject, {
        code: 'segments-overlap',
        what: `${range(before)} and ${range(after)} overlap`,
        where: `program headers ${before.index} and ${after.index}`,
        mend: 'Give each section its own memory in the linker script: check load addresses (AT>) and MEMORY regions.',
      });
    }
    return after;
  });
};

const checkEntry = (subject: Subject, header: FileHeader, segments: readonly ProgramHeader[]): void => {
  const where = elf.fieldPlace(elf.FILE_HEADER, header.xlen, 'entry', 0);
  const { entry } = header;
  // Permissions are the loader's to enforce, and firmware has none: a linker script that gives no flags at all says nothing.
  const saysNothing = segments.every(({ flags }) => (flags & elf.SEGMENT_PERMISSIONS) === 0);
  const inside = segments.some(
    ({ virtualAddress, memorySize, flags }) =>
      (saysNothing || (flags & elf.SEGMENT_EXECUTABLE) !== 0) &&
      entry >= virtualAddress &&
      entry < virtualAddress + memorySize,
  );
  if (!inside)
    refuse(subject, {
      code: 'bad-entry',
      what: `the entry ${hex(entry)} lies in no executable segment`,
      where,
      mend: 'Name the start symbol in the linker script, ENTRY(_start), and see that it is global and its section kept.',
    });
  if (entry % 2 !== 0)
    refuse(subject, {
      code: 'bad-entry',
      what: `the entry ${hex(entry)} is odd; RISC-V instructions lie at even addresses`,
      where,
      mend: 'Check ENTRY in the linker script.',
    });
};

/**
 * Checks the program headers: bounds, sizes, addresses, overlaps, the entry, and that nothing has to be linked still.
 * @throws ImageError
 */
export const checkSegments = (subject: Subject, header: FileHeader, relocatesItself: boolean): void => {
  const all = readProgramHeaders(subject, header);
  checkNeedsNoLinker(subject, header, all, relocatesItself);
  const loadable = all.filter(({ type }) => type === elf.SEGMENT_TYPE.load);
  for (const segment of loadable) checkSegment(subject, header, segment);
  const occupied = loadable.filter(({ memorySize }) => memorySize > 0);
  if (!occupied.some(({ fileSize }) => fileSize > 0))
    refuse(subject, {
      code: 'no-loadable-segment',
      what: 'nothing in the image is to be loaded: it has no PT_LOAD program header with bytes in the file',
      where: elf.fieldPlace(elf.FILE_HEADER, header.xlen, 'programHeaderCount', 0),
      mend: 'Link with a linker script that places .text; a file from objcopy --only-keep-debug has symbols only.',
    });
  checkOverlaps(subject, occupied);
  checkEntry(subject, header, occupied);
};
