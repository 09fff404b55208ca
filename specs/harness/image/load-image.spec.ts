import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadImage } from 'testvisor';
import { code, writeElf } from './elf-writer';

const RAM = 0x8000_0000;

describe.each([32, 64] as const)('an RV%d executable', (xlen) => {
  const file = writeElf({
    xlen,
    flags: 0x5,
    entry: RAM + 4,
    segments: [
      { address: RAM + 0x1000, bytes: Uint8Array.of(1, 2, 3), memorySize: 64, flags: 6 },
      { address: RAM, bytes: code(4) },
    ],
  });
  const image = loadImage(file, { name: 'train.elf' });

  test('gives its segments by ascending address, its entry and its extent', () => {
    expect(image).toMatchObject({ name: 'train.elf', xlen, entry: RAM + 4, base: RAM, top: RAM + 0x1040 });
    expect(image.segments.map(({ address, memorySize }) => [address, memorySize])).toEqual([
      [RAM, 16],
      [RAM + 0x1000, 64],
    ]);
    expect([...image.segments[0]!.bytes]).toEqual([...code(4)]);
    expect([...image.segments[1]!.bytes]).toEqual([1, 2, 3]);
  });

  test('says what the code was built for, and identifies the file', () => {
    expect(image.flags).toEqual({
      compressed: true,
      floatAbi: 'double',
      embedded: false,
      totalStoreOrder: false,
    });
    expect(image.hash).toBe(createHash('sha256').update(file).digest('hex'));
  });

  test('loads without section headers, as some strippers leave it', () => {
    const stripped = loadImage(
      writeElf({
        xlen,
        withoutSectionHeaders: true,
        segments: [{ address: RAM, bytes: code(2), memorySize: 99 }],
      }),
    );
    expect([...stripped.segments[0]!.bytes]).toEqual([...code(2)]);
    expect(stripped.segments[0]!.memorySize).toBe(99);
    expect(stripped.symbols.count).toBe(0);
    expect(stripped.sourceLine(RAM)).toBeUndefined();
    expect(stripped.debugInfo).toEqual({ missing: expect.stringContaining('-g') });
    expect(() => stripped.symbols.get('main')).toThrow(/stripped/);
  });

  test('is put where its bytes are stored, also when it is linked to run elsewhere', () => {
    const relocated = loadImage(
      writeElf({
        xlen,
        entry: 0x4004,
        segments: [
          { address: RAM, virtualAddress: 0x4000, bytes: code(2) },
          {
            address: RAM + 8,
            virtualAddress: RAM + 0x100,
            bytes: new Uint8Array(0),
            memorySize: 32,
            flags: 6,
          },
        ],
      }),
    );
    expect(relocated.entry).toBe(RAM + 4);
    expect(relocated.segments.map(({ address }) => address)).toEqual([RAM, RAM + 0x100]);
  });

  test('may be position-independent when nothing is left to relocate, or when it relocates itself', () => {
    const dynamic = (tag: number, value: number) => {
      const bytes = new Uint8Array(xlen / 2);
      bytes.set([tag]);
      bytes.set([value], xlen / 8);
      return writeElf({
        xlen,
        type: 3,
        segments: [
          { address: RAM, bytes: code(2) },
          { type: 2, address: RAM + 0x100, bytes },
        ],
      });
    };
    expect(loadImage(dynamic(8, 0)).entry).toBe(RAM);
    expect(() => loadImage(dynamic(8, 24))).toThrow(expect.objectContaining({ code: 'has-relocations' }));
    expect(loadImage(dynamic(8, 24), { relocatesItself: true }).entry).toBe(RAM);
    expect(() => loadImage(dynamic(1, 1))).toThrow(expect.objectContaining({ code: 'needs-dynamic-linker' }));
  });
});

test('the ELF file’s own headers before the first section are left out of memory', () => {
  const segments = [{ address: RAM - 0x54, bytes: new Uint8Array(0x54 + 8), offset: 0 }];
  const sections = [{ name: '.text', flags: 6, address: RAM, bytes: code(2) }];
  const image = loadImage(writeElf({ entry: RAM, segments, sections }));
  expect(image.segments.map(({ address, memorySize }) => [address, memorySize])).toEqual([[RAM, 8]]);
  image.fits(RAM, 1024);
});

test('code before the first section stays when the program starts there', () => {
  const segments = [{ address: RAM, bytes: code(64), offset: 0 }];
  const sections = [{ name: '.text', flags: 6, address: RAM + 0x80, bytes: code(2) }];
  const image = loadImage(writeElf({ entry: RAM + 0x60, segments, sections }));
  expect(image.segments[0]).toMatchObject({ address: RAM, memorySize: 256 });
});

test('bytes that the caller changes later do not change the image', () => {
  const file = writeElf({ segments: [{ address: RAM, bytes: code(2) }] });
  const image = loadImage(file);
  file.fill(0);
  expect([...image.segments[0]!.bytes]).toEqual([...code(2)]);
});

describe('from a path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('the path is the image’s name in messages', () => {
    const path = join(folder, 'train.elf');
    writeFileSync(path, writeElf({ segments: [{ address: RAM, bytes: code(2) }] }));
    expect(loadImage(path)).toMatchObject({ name: path, entry: RAM });
  });

  test.each([
    ['a missing file', 'missing.elf', /no such file/],
    ['a folder', '.', /a folder, not a file/],
  ])('%s is named', (_, path, says) => {
    expect(() => loadImage(join(folder, path))).toThrow(expect.objectContaining({ code: 'unreadable-file' }));
    expect(() => loadImage(join(folder, path))).toThrow(says);
  });
});

describe('RAM that is too small or elsewhere', () => {
  const image = loadImage(
    writeElf({
      segments: [
        { address: RAM, bytes: code(2) },
        { address: RAM + 0x1000, bytes: Uint8Array.of(1), memorySize: 0x1001, flags: 6 },
      ],
    }),
    { name: 'train.elf' },
  );

  test('is no objection where everything fits to the last byte', () => {
    expect(image.fits(RAM, 0x2001)).toBeUndefined();
  });

  test('names the segment that does not fit, and the size that would', () => {
    expect(() => image.fits(RAM, 0x2000)).toThrow(expect.objectContaining({ code: 'does-not-fit' }));
    expect(() => image.fits(RAM, 0x2000)).toThrow(
      'train.elf: segment 1 (0x80001000..0x80002000) does not fit into RAM (0x80000000..0x80001fff)\n' +
        '  mend:  Give the VM at least 9 KiB of RAM (and more for its stack and heap), or make the image smaller.',
    );
  });

  test('says where to link when the addresses are wrong altogether', () => {
    expect(() => image.fits(0x4000_0000, 0x10000)).toThrow(/Link the image for addresses from 0x40000000 on/);
  });
});
