import { deflateSync } from 'node:zlib';
import { loadImage } from 'testvisor';
import { ByteWriter, code, writeElf, type SectionPlan } from './elf-writer';
import { writeLineUnit, type LineUnitPlan } from './line-table-writer';

const RAM = 0x8000_0000;
const COMPRESSED = 0x800;

const imageWith = (sections: readonly SectionPlan[], xlen: 32 | 64 = 32) =>
  loadImage(
    writeElf({
      xlen,
      segments: [{ address: RAM, bytes: code(256) }],
      sections: [{ name: '.text', flags: 6, address: RAM, bytes: code(256) }, ...sections],
      symbols: [{ name: 'step', value: RAM, size: 0x10 }],
    }),
  );
const lineSection = (...units: Uint8Array[]): SectionPlan => ({
  name: '.debug_line',
  bytes: Buffer.concat(units),
});

/** Version 5 counts directories and files from 0, and directory 0 is where the compiler ran. */
const unit = (version: 2 | 3 | 4 | 5, more: Partial<LineUnitPlan> = {}): Uint8Array =>
  writeLineUnit({
    version,
    directories: version === 5 ? ['/src', 'include', '/opt/sdk'] : ['include', '/opt/sdk'],
    files: [
      ...(version === 5 ? [{ name: 'main.c', directory: 0 }] : []),
      { name: 'main.c', directory: 0 },
      { name: 'step.h', directory: 1 },
      { name: 'sdk.h', directory: 2 },
    ],
    rows: [
      { address: RAM, line: 10 },
      { address: RAM + 4, line: 12 },
      { address: RAM + 4, line: 13 },
      { address: RAM + 8, line: 3000, file: 2 },
      { address: RAM + 0x20, line: 7, file: 3 },
      { address: RAM + 0x24, line: 0 },
    ],
    end: RAM + 0x30,
    ...more,
  });

const header = {
  2: 'include/step.h',
  3: 'include/step.h',
  4: 'include/step.h',
  5: '/src/include/step.h',
} as const;
const main = { 2: 'main.c', 3: 'main.c', 4: 'main.c', 5: '/src/main.c' } as const;

const KINDS = ([2, 3, 4, 5] as const).flatMap((version) =>
  ([32, 64] as const).flatMap((xlen) => [false, true].map((is64) => ({ version, xlen, is64 }))),
);

describe.each(KINDS)('DWARF $version on RV$xlen (64-bit tables: $is64)', ({ version, xlen, is64 }) => {
  const image = imageWith([lineSection(unit(version, { xlen, is64 }))], xlen);

  test.each([
    [0, { file: main[version], line: 10, function: 'step' }],
    [2, { file: main[version], line: 10, function: 'step' }],
    [4, { file: main[version], line: 13, function: 'step' }],
    [0x1e, { file: header[version], line: 3000 }],
    [0x20, { file: '/opt/sdk/sdk.h', line: 7 }],
    [0x24, undefined],
    [0x30, undefined],
    [-4, undefined],
  ])('the line at +%d', (offset, line) => {
    expect(image.sourceLine(RAM + offset)).toEqual(line);
    expect(image.sourceLine(BigInt(RAM + offset))).toEqual(line);
    expect(image.debugInfo).toBe('present');
  });
});

test('functions that the linker dropped do not answer for address 0 or for anything else', () => {
  const dropped = unit(5, { rows: [{ address: 0, line: 99 }], end: 0x1000 });
  const image = imageWith([lineSection(dropped, unit(5))]);
  expect(image.sourceLine(0x10)).toBeUndefined();
  expect(image.sourceLine(RAM)?.line).toBe(10);
});

describe('compressed tables', () => {
  const packed = deflateSync(unit(5));
  const withHeader = (type: number, size: number, xlen: 32 | 64, body: Uint8Array): SectionPlan => {
    const out = new ByteWriter(xlen).u32(type);
    if (xlen === 64) out.u32(0);
    return { name: '.debug_line', flags: COMPRESSED, bytes: out.word(size).word(1).append(body).done() };
  };
  const size = unit(5).length;

  test.each([32, 64] as const)('of zlib are unpacked on RV%d', (xlen) => {
    const bytes = unit(5, { xlen });
    const image = imageWith([withHeader(1, bytes.length, xlen, deflateSync(bytes))], xlen);
    expect(image.sourceLine(RAM)).toMatchObject({ line: 10 });
  });

  test('in the older way of GNU are unpacked', () => {
    const old = new ByteWriter()
      .append(Buffer.from('ZLIB'))
      .u32(0)
      .append(Uint8Array.of(0, 0, size >> 8, size & 255));
    const image = imageWith([{ name: '.zdebug_line', bytes: old.append(packed).done() }]);
    expect(image.sourceLine(RAM)).toMatchObject({ line: 10 });
  });

  test.each([
    ['of Zstandard', withHeader(2, size, 32, packed), /Zstandard; link with -gz=zlib/],
    ['of another size than they say', withHeader(1, size + 1, 32, packed), /another size/],
    ['larger than they say', withHeader(1, size - 1, 32, packed), /damaged/],
    ['of a size that nobody has', withHeader(1, 2 ** 32 - 1, 32, packed), /more than/],
    ['cut short', withHeader(1, size, 32, packed.subarray(0, 20)), /damaged/],
    [
      'without room for a header',
      { name: '.debug_line', flags: COMPRESSED, bytes: new Uint8Array(3) },
      /no room/,
    ],
  ])('%s say why there are no lines', (_, section, why) => {
    const image = imageWith([section]);
    expect(image.sourceLine(RAM)).toBeUndefined();
    expect(image.debugInfo).toEqual({ missing: expect.stringMatching(why) });
  });
});

describe('malformed tables give no line, and leave the other units alone', () => {
  const malformed = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = unit(5, { rows: [{ address: RAM + 0x100, line: 5 }], end: RAM + 0x110 });
    change(bytes);
    return bytes;
  };

  test.each<[string, (bytes: Uint8Array) => void]>([
    ['version 9', (bytes) => bytes.set([9], 4)],
    ['a header past the end', (bytes) => bytes.set([0xff, 0xff], 8)],
    ['a line range of 0', (bytes) => bytes.set([0], 16)],
    ['no opcodes', (bytes) => bytes.set([0], 17)],
    ['files without fields, 2^35 of them', (bytes) => bytes.set([0, 0x80, 0x80, 0x80, 0x80, 0x40], 30)],
  ])('%s', (_, change) => {
    const image = imageWith([lineSection(malformed(change), unit(5))]);
    expect(image.sourceLine(RAM + 0x104)).toBeUndefined();
    expect(image.sourceLine(RAM)).toMatchObject({ line: 10 });
  });

  test('the unit is sound before it is damaged', () => {
    const image = imageWith([lineSection(malformed(() => undefined))]);
    expect(image.sourceLine(RAM + 0x104)).toMatchObject({ line: 5 });
  });

  test('a table that ends in the middle of a unit', () => {
    const image = imageWith([lineSection(unit(5), unit(5).subarray(0, 40))]);
    expect(image.sourceLine(RAM)).toMatchObject({ line: 10 });
  });
});
