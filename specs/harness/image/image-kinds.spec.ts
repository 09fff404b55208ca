/** Images that are no ELF files: raw binaries, Linux's own format, and either of them compressed. */
import { gzipSync } from 'node:zlib';
import { loadImage } from 'testvisor';
import { code, writeElf } from './elf-writer';

const program = Uint8Array.of(0x6f, 0, 0, 0);

interface Header {
  textOffset?: number;
  imageSize?: number;
  flags?: bigint;
}

/** A Linux `Image` whose code is one jump to itself. */
function linuxImage({ textOffset = 0x20_0000, imageSize = 0x3000, flags = 0n }: Header = {}): Uint8Array {
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  bytes.set(program);
  view.setBigUint64(8, BigInt(textOffset), true);
  view.setBigUint64(16, BigInt(imageSize), true);
  view.setBigUint64(24, flags, true);
  bytes.set(new TextEncoder().encode('RISCV\0\0\0RSC\x05'), 48);
  return bytes;
}

const problem = (load: () => unknown): unknown => {
  try {
    return load();
  } catch (error) {
    return { code: (error as { code: string }).code, text: (error as Error).message };
  }
};

test('a raw binary goes where it says, and starts there', () => {
  const image = loadImage({ raw: program, xlen: 32, at: 0x8001_0000 }, { name: 'app.bin' });
  expect(image).toMatchObject({
    kind: 'raw',
    xlen: 32,
    entry: 0x8001_0000,
    base: 0x8001_0000,
    top: 0x8001_0004,
  });
  expect(image.segments).toEqual([{ address: 0x8001_0000, bytes: program, memorySize: 4 }]);
  expect(image.symbols.count).toBe(0);
  expect(image.symbols.describe(0x8001_0002)).toBe('0x80010002');
  expect(image.debugInfo).toEqual({ missing: 'a raw binary has no debug information' });
});

test.each([
  [64, 'first', 0x8000_0000],
  [64, 'next', 0x8020_0000],
  [32, 'next', 0x8040_0000],
] as const)(
  'a raw binary for RV%d that does not say, as the %s stage, goes to 0x%x',
  (xlen, stage, address) => {
    expect(loadImage({ raw: program, xlen }, { stage }).base).toBe(address);
  },
);

test('a Linux image is recognised, and goes where its header wants it', () => {
  expect(loadImage(linuxImage())).toMatchObject({
    kind: 'linux',
    xlen: 64,
    entry: 0x8020_0000,
    base: 0x8020_0000,
    top: 0x8020_3000,
  });
  expect(loadImage(linuxImage({ textOffset: 0x40_0000 }))).toMatchObject({ xlen: 32, entry: 0x8040_0000 });
});

test('gzip is seen through, for kernels and ELF files alike', () => {
  expect(loadImage(gzipSync(linuxImage()))).toMatchObject({ kind: 'linux', entry: 0x8020_0000 });
  const elf = writeElf({
    xlen: 64,
    entry: 0x8000_0000,
    segments: [{ address: 0x8000_0000, bytes: code(2) }],
  });
  expect(loadImage(gzipSync(elf)).segments).toEqual(loadImage(elf).segments);
});

test.each<[string, () => unknown, string, RegExp]>([
  ['an empty raw binary', () => loadImage({ raw: new Uint8Array(), xlen: 64 }), 'bad-raw-image', /is empty/],
  [
    'a width of no register',
    () => loadImage({ raw: program, xlen: 16 as 32 }),
    'bad-raw-image',
    /xlen: 16 is no width/,
  ],
  [
    'an address below nothing',
    () => loadImage({ raw: program, xlen: 64, at: -4 }),
    'bad-raw-image',
    /at: -4 is no address/,
  ],
  [
    'an address that is no number',
    () => loadImage({ raw: program, xlen: 64, at: NaN }),
    'bad-raw-image',
    /at: NaN/,
  ],
  [
    'an address at the end of all addresses',
    () => loadImage({ raw: program, xlen: 64, at: 0xffff_fffe }),
    'bad-raw-image',
    /no address for it/,
  ],
  [
    'an odd entry',
    () => loadImage({ raw: program, xlen: 64, entry: 0x8000_0001 }),
    'bad-raw-image',
    /entry: 0x80000001/,
  ],
  [
    'an entry beyond the binary',
    () => loadImage({ raw: program, xlen: 64, entry: 0x8000_0004 }),
    'bad-raw-image',
    /entry: 0x80000004/,
  ],
  [
    'a kernel cut short of its header',
    () => loadImage(linuxImage().slice(0, 63)),
    'not-elf',
    /not an ELF file/,
  ],
  [
    'a kernel that takes less memory than its file',
    () => loadImage(linuxImage({ imageSize: 64 })),
    'bad-header',
    /image_size is 0x40, but the file has 0x80 bytes/,
  ],
  ['a kernel of no size', () => loadImage(linuxImage({ imageSize: 0 })), 'bad-header', /image_size is 0x0/],
  [
    'a kernel larger than the address space',
    () => loadImage(linuxImage({ imageSize: 2 ** 40 })),
    'bad-header',
    /image_size is 0x10000000000/,
  ],
  [
    'a kernel for M-mode, which does not show its width',
    () => loadImage(linuxImage({ textOffset: 0 })),
    'bad-header',
    /text_offset is 0x0[\s\S]*Say what it is: \{ raw: file, xlen: 64, at: address \}/,
  ],
  [
    'a big-endian kernel',
    () => loadImage(linuxImage({ flags: 1n })),
    'foreign-endianness',
    /kernel is big-endian/,
  ],
  [
    'a gzip file cut short',
    () => loadImage(gzipSync(linuxImage()).subarray(0, 30)),
    'damaged-gzip',
    /cannot be unpacked/,
  ],
  [
    'a gzip file with more in it than any program has',
    () => loadImage(gzipSync(new Uint8Array(2 ** 28 + 1))),
    'file-too-large',
    /more than 268435456 bytes/,
  ],
  [
    'a gzip file of something else',
    () => loadImage(gzipSync(new TextEncoder().encode('hello'))),
    'not-elf',
    /starts with 68 65 6c 6c/,
  ],
  [
    'a kernel that unpacks itself with EFI',
    () => loadImage(new TextEncoder().encode('MZ\0\0zimg'.padEnd(64, '\0'))),
    'not-elf',
    /zboot\)[\s\S]*arch\/riscv\/boot\/Image/,
  ],
  [
    'a raw binary that nobody declared',
    () => loadImage(Uint8Array.from({ length: 100 }, (_, index) => index)),
    'not-elf',
    /\{ raw: file, xlen: 64 \}/,
  ],
])('%s is refused', (_title, load, code, text) => {
  expect(problem(load)).toEqual({ code, text: expect.stringMatching(text) as string });
});
