import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { loadImage } from 'testvisor';
import { ByteWriter, code, writeElf } from './elf-writer';
import { writeLineUnit } from './line-table-writer';

const RAM = 0x8000_0000;

const lines = (version: 2 | 5, xlen: 32 | 64) =>
  writeLineUnit({
    version,
    xlen,
    directories: ['/src', 'include'],
    files: [
      { name: 'main.c', directory: 0 },
      { name: 'step.h', directory: 1 },
    ],
    rows: Array.from({ length: 20 }, (_, at) => ({ address: RAM + 4 * at, line: 10 + at, file: at % 2 })),
    end: RAM + 80,
  });

/** An image with everything that the loader reads. */
const fullImage = (xlen: 32 | 64, compressed: boolean): Uint8Array => {
  const table = Buffer.concat([lines(2, xlen), lines(5, xlen)]);
  const packed = new ByteWriter(xlen).u32(1);
  if (xlen === 64) packed.u32(0);
  packed.word(table.length).word(1).append(deflateSync(table));
  return writeElf({
    xlen,
    segments: [
      { address: RAM, bytes: code(32) },
      { address: RAM + 0x100, bytes: Uint8Array.of(1, 2, 3), memorySize: 64, flags: 6 },
    ],
    sections: [
      { name: '.text', flags: 6, address: RAM, bytes: code(32) },
      { name: '.debug_line', flags: compressed ? 0x800 : 0, bytes: compressed ? packed.done() : table },
    ],
    symbols: [
      { name: 'main', value: RAM, size: 0x20 },
      { name: '_start', value: RAM + 0x20, type: 0 },
    ],
  });
};

const SEEDS = [fullImage(32, false), fullImage(64, false), fullImage(64, true)];

/** Everything that can be asked of an image. It either loads or is refused; nothing else may happen. */
const useFully = (file: Uint8Array): 'loaded' | 'refused' => {
  let image;
  try {
    image = loadImage(file);
  } catch (error) {
    expect(error).toMatchObject({ name: 'ImageError', code: expect.any(String) });
    return 'refused';
  }
  for (const { address, bytes, memorySize } of image.segments) {
    expect(bytes.length).toBeLessThanOrEqual(memorySize);
    expect(memorySize).toBeLessThanOrEqual(2 ** 31);
    for (const at of [address, address + 1, address + 16, address + memorySize - 1]) {
      expect(typeof image.symbols.describe(at)).toBe('string');
      const place = image.sourceLine(at);
      if (place !== undefined) expect(place.line).toBeGreaterThan(0);
    }
  }
  for (const symbol of image.symbols) expect(image.symbols.find(symbol.name)).toBeDefined();
  return 'loaded';
};

test('the images that are damaged below are sound at first', () => {
  for (const seed of SEEDS) {
    expect(useFully(seed)).toBe('loaded');
    expect(loadImage(seed).sourceLine(RAM + 4)).toMatchObject({ line: 11, function: 'main' });
  }
});

test.each(SEEDS.map((seed, index) => [index, seed] as const))(
  'image %d cut anywhere is refused',
  (_, seed) => {
    for (let length = 0; length < seed.length; length++)
      expect(useFully(seed.subarray(0, length))).toBe('refused');
  },
);

/** A few bytes or whole words replaced, anywhere: headers take a good part of these small files. */
const damage = fc.array(
  fc.record({
    at: fc.nat(),
    value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
    repeat: fc.constantFrom(1, 1, 1, 2, 4, 8),
  }),
  { minLength: 1, maxLength: 6 },
);

test('images with damaged bytes load or are refused', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SEEDS), damage, (seed, changes) => {
      const file = seed.slice();
      for (const { at, value, repeat } of changes)
        file.fill(value, at % file.length, (at % file.length) + repeat);
      useFully(file);
    }),
    { numRuns: 3000 },
  );
});

test('damaged line tables, where nothing else is wrong, never throw', () => {
  fc.assert(
    fc.property(fc.constantFrom(2, 5), fc.constantFrom(32, 64), damage, (version, xlen, changes) => {
      const table = lines(version, xlen);
      for (const { at, value, repeat } of changes)
        table.fill(value, at % table.length, (at % table.length) + repeat);
      const sections = [{ name: '.debug_line', bytes: table }];
      expect(useFully(writeElf({ xlen, segments: [{ address: RAM, bytes: code(32) }], sections }))).toBe(
        'loaded',
      );
    }),
    { numRuns: 3000 },
  );
});

test('thousands of sections that share one endless name are refused', () => {
  const sections = Array.from({ length: 1100 }, (_, at) => ({ name: at === 0 ? 'x'.repeat(4096) : '' }));
  const file = writeElf({ segments: [{ address: RAM, bytes: code(32) }], sections });
  expect(useFully(file)).toBe('loaded');
  const view = new DataView(file.buffer);
  const headers = view.getUint32(32, true);
  for (let index = 1; index <= sections.length; index++) view.setUint32(headers + index * 40, 1, true);
  expect(() => loadImage(file)).toThrow(/is endless/);
});

test('a small file that unpacks to a large one is not unpacked', () => {
  const bomb = new ByteWriter(32)
    .u32(1)
    .word(2 ** 31)
    .word(1)
    .append(deflateSync(new Uint8Array(2 ** 22)))
    .done();
  const segments = [{ address: RAM, bytes: code(32) }];
  const image = loadImage(
    writeElf({ segments, sections: [{ name: '.debug_line', flags: 0x800, bytes: bomb }] }),
  );
  expect(image.debugInfo).toEqual({ missing: expect.stringContaining('more than') });
});
