/** What a VM boots is put together of several files: firmware, program, initial file system. */
import { boot, defineSystem, kib, mib, us, type ImageSource } from 'testvisor';

const RAM = 0x8000_0000;
const spin = Uint8Array.of(0x6f, 0, 0, 0);
const raw = (size: number, more: { xlen?: 32 | 64; at?: number } = {}): ImageSource => ({
  raw: Uint8Array.from({ length: size }, (_, index) => (index < 4 ? spin[index]! : index & 0xff)),
  xlen: 64,
  ...more,
});

function kernel(imageSize = 0x1000): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  bytes.set(spin);
  view.setBigUint64(8, 0x20_0000n, true);
  view.setBigUint64(16, BigInt(imageSize), true);
  bytes.set(new TextEncoder().encode('RISCV\0\0\0RSC\x05'), 48);
  return bytes;
}

/** Of the instructions of RV64 that `keep` is made of, those with an offset. */
const ld = (offset: number) => 0x0006_3303 | (offset << 20); // t1, offset(a2)
const sd = (source: number, offset: number) =>
  (0x0002_b023 | (source << 20) | ((offset >> 5) << 25) | ((offset & 31) << 7)) >>> 0; // source, offset(t0)
const [T1, A1, A2] = [6, 11, 12];
const INFO_WORDS = [0, 8, 16, 24, 32, 40];
const KEPT = 128;

/** Keeps a1, a2, and what a2 points to behind its own start, and stays there. */
const keep = Uint8Array.from(
  new Uint8Array(
    Uint32Array.from([
      0x0000_0297, // auipc t0, 0
      sd(A1, KEPT),
      sd(A2, KEPT + 8),
      ...INFO_WORDS.flatMap((offset) => [ld(offset), sd(T1, KEPT + 16 + offset)]),
      0x0000_006f, // j .
    ]).buffer,
  ),
);

const words = (bytes: Uint8Array): readonly bigint[] => Array.from(new BigUint64Array(bytes.slice().buffer));

test('a firmware starts first, and is told in a2 where its next stage is', async () => {
  const machine = await boot(
    defineSystem({
      vms: {
        board: { profile: 'machine', firmware: { raw: keep, xlen: 64 }, image: raw(32), ram: mib(4) },
      },
    }),
  );
  const board = machine.vm('board');
  expect(board.pc).toBe(BigInt(RAM));
  expect(board.read(0x8020_0000, 4)).toEqual(spin);
  await machine.runFor(us(1));
  const [devicetree, info, ...told] = words(board.read(RAM + KEPT, 16 + 48));
  expect(board.read(Number(devicetree), 4)).toEqual(Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed));
  expect([info, told]).toEqual([0x1028n, [0x4942_534fn, 2n, 0x8020_0000n, 1n, 0n, 0n]]);
});

test('an initial file system lies in RAM above the kernel, and the devicetree names its first byte and the one after the last', async () => {
  const initrd = new TextEncoder().encode('a small file system');
  const machine = await boot(
    defineSystem({ vms: { board: { image: kernel(), initrd, ram: mib(8), bootArguments: 'quiet' } } }),
  );
  const board = machine.vm('board');
  // The devicetree is the only thing that begins with its magic number in the last pages of RAM.
  const end = Buffer.from(board.read(RAM + mib(8) - kib(128), kib(128)));
  const tree = end.subarray(end.indexOf(Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed)));
  const start = 0x8020_0000 + 4 * 2 ** 20;
  const cells = (value: number) =>
    Buffer.from([0, 0, 0, 0, value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
  expect(tree.includes(cells(start))).toBe(true);
  expect(tree.includes(cells(start + initrd.length))).toBe(true);
  expect(tree.includes('quiet\0')).toBe(true);
  expect(board.read(start, initrd.length)).toEqual(initrd);
});

test('a large initial file system in little RAM moves as far down as it must', async () => {
  const initrd = new Uint8Array(5 * 2 ** 20).fill(7);
  const machine = await boot(
    defineSystem({ vms: { board: { image: kernel(0x10_0000), initrd, ram: mib(9) } } }),
  );
  const [last] = machine.vm('board').read(RAM + mib(9) - kib(128) - 1, 1);
  expect(last).toBe(7);
});

type Board = Parameters<typeof defineSystem<'board'>>[0]['vms']['board'];
const refused: readonly (readonly [string, Board, string, RegExp])[] = [
  [
    'an image for the other width than its firmware',
    { profile: 'machine', firmware: raw(64, { xlen: 32 }), image: raw(32), ram: mib(4) },
    'foreign-class',
    /image is for RV64, but its firmware firmware of board for RV32/,
  ],
  [
    'an image within its firmware',
    { profile: 'machine', firmware: raw(64), image: raw(32, { at: RAM + 32 }), ram: mib(4) },
    'parts-overlap',
    /overlaps its firmware firmware of board \(0x80000000\.\.0x8000003f\)/,
  ],
  [
    'a firmware outside of RAM',
    { profile: 'machine', firmware: raw(64, { at: 0x9000_0000 }), image: raw(32), ram: mib(4) },
    'does-not-fit',
    /segment 0 \(0x90000000/,
  ],
  [
    'an image that RAM ends below',
    { profile: 'machine', firmware: raw(64), image: raw(32), ram: mib(2) },
    'does-not-fit',
    /segment 0 \(0x80200000\.\.0x8020001f\) does not fit into RAM/,
  ],
  [
    'a kernel that zeroes more than there is',
    { image: kernel(0x100_0000), ram: mib(4) },
    'does-not-fit',
    /at least 18432 KiB/,
  ],
  [
    'an image that reaches into the devicetree',
    { profile: 'machine', image: raw(kib(64)), ram: kib(64) },
    'does-not-fit',
    /the devicetree above it/,
  ],
  [
    'an initial file system without room above the kernel',
    { image: kernel(), initrd: new Uint8Array(2 ** 21), ram: mib(4) },
    'does-not-fit',
    /initial file system \(2048 KiB\) does not fit above it[\s\S]*at least 5 MiB/,
  ],
  [
    'an empty initial file system',
    { image: kernel(), initrd: new Uint8Array(), ram: mib(4) },
    'empty-initrd',
    /is empty/,
  ],
  [
    'an initial file system that is not there',
    { image: kernel(), initrd: '/no/such/file', ram: mib(4) },
    'unreadable-file',
    /vms\.board\.initrd: there is no file/,
  ],
  [
    'a kernel in M-mode without firmware',
    { profile: 'machine', image: kernel(), ram: mib(4) },
    'needs-firmware',
    /Write profile: 'supervisor'/,
  ],
];

test.each(refused)('%s is refused', async (_title, board, code, text) => {
  await expect(boot(defineSystem({ vms: { board } }))).rejects.toMatchObject({
    code,
    message: expect.stringMatching(text) as string,
  });
});

test('a supervisor guest finds cycle, time and instret open to its user programs, as OpenSBI leaves them', async () => {
  const keepCounters = Uint8Array.from(
    new Uint8Array(
      Uint32Array.of(
        0x0000_0297, // auipc t0, 0
        0x1060_2373, // csrr  t1, scounteren
        0x0462_a023, // sw    t1, 64(t0)
        0x0000_006f, // j     .
      ).buffer,
    ),
  );
  const machine = await boot(
    defineSystem({ vms: { board: { image: { raw: keepCounters, xlen: 64 }, ram: mib(4) } } }),
  );
  await machine.runFor(us(1));
  expect(machine.vm('board').read(0x8020_0040, 4)).toEqual(Uint8Array.of(7, 0, 0, 0));
});

test.each([512, 768])('a program runs at the end of %d MiB of RAM', async (size) => {
  const powerOff = Uint8Array.from(
    new Uint8Array(
      Uint32Array.of(
        0x0010_02b7, // lui t0, 0x100
        0x0000_5337, // lui t1, 5
        0x5553_0313, // addi t1, t1, 0x555
        0x0062_a023, // sw t1, 0(t0)
        0x0000_006f, // j .
      ).buffer,
    ),
  );
  const machine = await boot(
    defineSystem({
      vms: {
        board: {
          image: { raw: powerOff, xlen: 64, at: RAM + mib(size - 1) },
          profile: 'machine',
          ram: mib(size),
        },
      },
    }),
  );
  await machine.runUntil(machine.vm('board').halted(), { atMost: us(1) });
  expect(machine.vm('board')).toBeHalted({ code: 0 });
});
