import { loadImage } from 'testvisor';
import { code, writeElf, type ElfPlan } from './elf-writer';

const RAM = 0x8000_0000;
const text = { address: RAM, bytes: code(4) };
const sound: ElfPlan = { segments: [text], symbols: [{ name: 'main', value: RAM, size: 8 }] };

/** A sound image with some bytes replaced. */
const patched = (patches: Readonly<Record<number, number>>, plan: ElfPlan = sound): Uint8Array => {
  const file = writeElf(plan);
  for (const [offset, value] of Object.entries(patches)) file[Number(offset)] = value;
  return file;
};
const ascii = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value, 'latin1'));
const segments = (...list: NonNullable<ElfPlan['segments']>): Uint8Array =>
  writeElf({ segments: list, entry: RAM });

/** Offset of a field of a section's header, in a file of 32 bits. */
const sectionField = (index: number, field: number): number => {
  const view = new DataView(writeElf(sound).buffer);
  return view.getUint32(32, true) + index * 40 + field;
};

const MISTAKES: readonly (readonly [mistake: string, file: Uint8Array, code: string, says: RegExp])[] = [
  ['an empty file', new Uint8Array(0), 'not-elf', /empty/],
  ['Intel HEX', ascii(':020000040000FA\n'), 'not-elf', /Intel HEX/],
  ['a static library', ascii('!<arch>\n'), 'not-elf', /static library/],
  ['a Git LFS pointer', ascii('version https://git-lfs.github.com/spec/v1'), 'not-elf', /git lfs pull/],
  ['a raw binary', code(9), 'not-elf', /starts with 13 05 15 00/],
  ['three bytes', ascii('\x7fEL'), 'truncated', /ends after 3 bytes/],
  ['a class of its own', patched({ 4: 3 }), 'foreign-class', /class 3/],
  ['big-endian', patched({ 5: 2 }), 'foreign-endianness', /big-endian/],
  ['version 9 of ELF', patched({ 6: 9 }), 'foreign-version', /version 9/],
  ['version 7 of ELF in the header', patched({ 20: 7 }), 'foreign-version', /version 7/],
  ['an Arm image', writeElf({ ...sound, machine: 40 }), 'foreign-machine', /for arm, not for RISC-V/],
  ['an unknown machine', writeElf({ ...sound, machine: 4711 }), 'foreign-machine', /machine 4711/],
  ['an object file', writeElf({ ...sound, type: 1 }), 'not-linked', /Link it: /],
  ['a core dump', writeElf({ ...sound, type: 4 }), 'not-executable', /core dump/],
  ['a type of its own', writeElf({ ...sound, type: 99 }), 'not-executable', /type 99/],
  ['an interpreter', segments(text, { ...text, type: 3 }), 'needs-dynamic-linker', /PT_INTERP/],
  ['no program headers', writeElf({ symbols: [] }), 'no-loadable-segment', /nothing in the image/],
  [
    'zeros only',
    segments({ address: RAM, bytes: code(0), memorySize: 64 }),
    'no-loadable-segment',
    /PT_LOAD/,
  ],
  ['program headers of 7 bytes', patched({ 42: 7 }), 'bad-header', /program headers of 7 bytes/],
  ['section headers of 7 bytes', patched({ 46: 7 }), 'bad-header', /section headers of 7 bytes/],
  ['program headers past the end', patched({ 31: 0x70 }), 'truncated', /program headers/],
  ['section headers past the end', patched({ 35: 0x70 }), 'truncated', /section headers/],
  ['a segment past the end', segments({ ...text, offset: 0x4000 }), 'truncated', /segment 0/],
  [
    'less memory than bytes',
    segments({ ...text, memorySize: 4 }),
    'bad-segment',
    /0x10 bytes in the file but only 0x4/,
  ],
  [
    '3 GiB of zeros',
    segments(text, { address: 0, bytes: code(0), memorySize: 3 * 2 ** 30 }),
    'segment-too-large',
    /0xc0000000/,
  ],
  [
    'a segment past 4 GiB',
    segments(text, { address: 2 ** 32 - 8, bytes: code(4) }),
    'bad-segment',
    /runs past/,
  ],
  ['an alignment of 3', segments({ ...text, align: 3 }), 'bad-segment', /no power of two/],
  [
    'overlapping segments',
    segments(text, { address: RAM + 12, bytes: code(1) }),
    'segments-overlap',
    /segment 0 \(0x80000000\.\.0x8000000f\) and segment 1/,
  ],
  [
    'zeros over code',
    segments({ ...text, address: RAM + 32 }, { address: RAM, bytes: code(1), memorySize: 33 }),
    'segments-overlap',
    /overlap/,
  ],
  ['an entry in data', segments({ ...text, flags: 6 }), 'bad-entry', /no executable segment/],
  ['an entry just past the code', writeElf({ ...sound, entry: RAM + 16 }), 'bad-entry', /0x80000010/],
  ['an odd entry', writeElf({ ...sound, entry: RAM + 1 }), 'bad-entry', /odd/],
  ['a name table that is none', patched({ 50: 1 }), 'bad-section', /string table, which is none/],
  ['a name table that does not exist', patched({ 50: 9 }), 'bad-section', /does not exist/],
  ['a section past the end', patched({ [sectionField(2, 23)]: 1 }), 'truncated', /section 2/],
  [
    'a section’s name outside of the names',
    patched({ [sectionField(1, 3)]: 1 }),
    'bad-section',
    /name of section 1/,
  ],
  ['symbols without a string table', patched({ [sectionField(1, 24)]: 1 }), 'bad-section', /symbol table/],
  ['symbols of 8 bytes', patched({ [sectionField(1, 36)]: 8 }), 'bad-section', /entries of 8/],
  ['half a symbol', patched({ [sectionField(1, 20)]: 24 }), 'bad-section', /24 bytes/],
  ['endless strings', patched({ [sectionField(2, 20)]: 3 }), 'bad-section', /does not end with a zero/],
];

test.each(MISTAKES)('%s: a clear error', (_mistake, file, errorCode, says) => {
  const load = () => loadImage(file, { name: 'train.elf' });
  expect(load).toThrow(expect.objectContaining({ name: 'ImageError', code: errorCode, image: 'train.elf' }));
  expect(load).toThrow(says);
  expect(load).toThrow(/^train\.elf: .*(\n {2}where: .*)?\n {2}mend: {2}./);
});

test('a message says what is wrong, where, and how to mend it', () => {
  expect(() => loadImage(writeElf({ ...sound, machine: 62 }), { name: 'train.elf' })).toThrow(
    'train.elf: the image is for amd64, not for RISC-V\n' +
      '  where: ELF header, machine (file offset 0x12)\n' +
      '  mend:  Build it for RISC-V, little-endian, for example with riscv64-unknown-elf-gcc.',
  );
});

test('segments of RV64 that end beyond every address are refused too', () => {
  const far = writeElf({ xlen: 64, entry: RAM, segments: [text, { address: 2 ** 60, bytes: code(1) }] });
  expect(() => loadImage(far)).toThrow(expect.objectContaining({ code: 'bad-segment' }));
});

test('neighbours that only touch do not overlap', () => {
  expect(loadImage(segments({ address: RAM + 16, bytes: code(1) }, text)).segments).toHaveLength(2);
});
