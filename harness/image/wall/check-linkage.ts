import * as elf from '../elf-format';
import type { FileHeader } from './check-header';
import { needsBytes, refuse, type Subject } from './subject';

const LINK_STATICALLY =
  'Link with fixed addresses: gcc -static -no-pie -nostdlib -Wl,--no-dynamic-linker -T guest.ld … (and compile with -fno-pic).';

const dynamicEntries = function* (subject: Subject, xlen: elf.Xlen, offset: number, size: number) {
  const stride = elf.DYNAMIC_ENTRY.size[xlen];
  for (let at = offset; at + stride <= offset + size; at += stride) {
    const entry = elf.readStructure(subject.view, xlen, elf.DYNAMIC_ENTRY, at);
    if (entry.tag === 0) return;
    yield entry;
  }
};

/**
 * Nobody stands between the image and the bare machine: an image that counts on a dynamic linker or on a loader
 * that patches addresses would run wild.
 * @throws ImageError
 */
export const checkNeedsNoLinker = (
  subject: Subject,
  { xlen }: FileHeader,
  segments: readonly { type: number; offset: number; fileSize: number; index: number }[],
  relocatesItself: boolean,
): void => {
  for (const { type, offset, fileSize, index } of segments) {
    const where = `program header ${index}`;
    if (type === elf.SEGMENT_TYPE.interpreter)
      refuse(subject, {
        code: 'needs-dynamic-linker',
        what: 'the image wants a dynamic linker (PT_INTERP), and a bare machine has none',
        where,
        mend: LINK_STATICALLY,
      });
    if (type !== elf.SEGMENT_TYPE.dynamic) continue;
    needsBytes(subject, 'dynamic section', offset, fileSize, where);
    for (const { tag, value } of dynamicEntries(subject, xlen, offset, fileSize)) {
      if (tag === elf.NEEDED_TAG)
        refuse(subject, {
          code: 'needs-dynamic-linker',
          what: 'the image wants shared libraries (DT_NEEDED), and a bare machine has none',
          where,
          mend: LINK_STATICALLY,
        });
      const relocations = elf.RELOCATION_TAGS[tag];
      if (relocations !== undefined && value !== 0 && !relocatesItself)
        refuse(subject, {
          code: 'has-relocations',
          what: `the image is position-independent and has relocations left to apply (${relocations} ${value})`,
          where,
          mend: `${LINK_STATICALLY} If its own start-up code applies them, load it with { relocatesItself: true }.`,
        });
    }
  }
};
