import { inflateSync } from 'node:zlib';
import type * as elfy from 'elfy';
import * as elf from './elf-format';

export type Section = ReturnType<typeof elfy.parse>['body']['sections'][number];

/** The bytes of a debug section, or why there are none to read. */
export type SectionBytes =
  | { readonly is: 'present'; readonly bytes: Uint8Array }
  | { readonly is: 'absent' }
  | { readonly is: 'unreadable'; readonly why: string };

/** A compressed section may claim any size; debug tables of firmware are far below this. */
const LARGEST_UNPACKED = 2 ** 26;

const inflate = (section: Section, packed: Uint8Array, size: number): SectionBytes => {
  const unreadable = (why: string): SectionBytes => ({
    is: 'unreadable',
    why: `section ${section.name}: ${why}`,
  });
  if (size > LARGEST_UNPACKED)
    return unreadable(`unpacks to ${size} bytes, more than the ${LARGEST_UNPACKED} allowed`);
  try {
    const bytes = inflateSync(packed, { maxOutputLength: Math.max(1, size) });
    return bytes.length === size
      ? { is: 'present', bytes }
      : unreadable('unpacks to another size than it says');
  } catch {
    return unreadable('its compressed bytes are damaged');
  }
};

/** SHF_COMPRESSED: a header, then the packed bytes (gABI "Compressed Sections"). */
const unpack = (section: Section, xlen: elf.Xlen): SectionBytes => {
  const headerSize = elf.COMPRESSION_HEADER.size[xlen];
  if (section.data.length < headerSize)
    return { is: 'unreadable', why: `section ${section.name}: no room for its compression header` };
  const { type, size } = elf.readStructure(elf.viewOf(section.data), xlen, elf.COMPRESSION_HEADER, 0);
  if (type === elf.COMPRESSION.zlib) return inflate(section, section.data.subarray(headerSize), size);
  const method = type === elf.COMPRESSION.zstd ? 'Zstandard' : `method ${type}`;
  return {
    is: 'unreadable',
    why: `section ${section.name} is compressed with ${method}; link with -gz=zlib or -gz=none`,
  };
};

/** GNU's older way, `.zdebug_*`: "ZLIB", the size as eight big-endian bytes, the packed bytes. */
const unpackOldStyle = (section: Section): SectionBytes =>
  section.data.length >= 12 && section.data.toString('latin1', 0, 4) === 'ZLIB'
    ? inflate(section, section.data.subarray(12), Number(section.data.readBigUInt64BE(4)))
    : { is: 'unreadable', why: `section ${section.name} has no ZLIB header` };

/** The bytes of the section `.debug_<what>`, unpacked where they are compressed. */
export const debugSection = (sections: readonly Section[], xlen: elf.Xlen, what: string): SectionBytes => {
  const plain = sections.find(({ name }) => name === `.debug_${what}`);
  if (plain !== undefined && plain.type !== 'nobits')
    return (plain.flags[elf.SECTION_COMPRESSED] ?? false)
      ? unpack(plain, xlen)
      : { is: 'present', bytes: plain.data };
  const old = sections.find(({ name }) => name === `.zdebug_${what}`);
  return old === undefined ? { is: 'absent' } : unpackOldStyle(old);
};
