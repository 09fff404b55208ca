/**
 * A program for Linux that keeps the platform's watchdog fed: it maps the watchdog's page from /dev/mem, arms it with
 * 100 ms, and feeds it every 25 ms. A kernel that hangs stops it, and then the watchdog expires.
 */
const CODE = Uint32Array.of(
  0x0380_0893, //       li    a7, 56           openat(AT_FDCWD, path, O_RDWR | O_SYNC)
  0xf9c0_0513, //       li    a0, -100
  0x0000_0597, //       lla   a1, path
  0x0705_8593,
  0x0010_1637, //       li    a2, 0x101002
  0x0026_0613,
  0x0000_0073, //       ecall
  0x0005_0713, //       mv    a4, a0           mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, watchdog)
  0x0de0_0893, //       li    a7, 222
  0x0000_0513, //       li    a0, 0
  0x0000_15b7, //       lui   a1, 1
  0x0030_0613, //       li    a2, 3
  0x0010_0693, //       li    a3, 1
  0x0400_17b7, //       lui   a5, 0x4001
  0x0000_0073, //       ecall
  0x0005_0413, //       mv    s0, a0
  0x0001_82b7, //       li    t0, 100000
  0x6a02_8293,
  0x0054_2023, //       sw    t0, 0(s0)        timeout, in microseconds
  0x0004_2223, // feed: sw    zero, 4(s0)
  0x0650_0893, //       li    a7, 101          nanosleep(pause, 0)
  0x0000_0517, //       lla   a0, pause
  0x0145_0513,
  0x0000_0593, //       li    a1, 0
  0x0000_0073, //       ecall
  0xfe9f_f06f, //       j     feed
  0, //          pause: 0 s
  0,
  25_000_000, //        and 25 ms
  0,
);
const PATH = '/dev/mem\0';

const HEADERS = 64 + 56;
const BASE = 0x1_0000;

/** The program's file: a static ELF executable of one segment. */
export function watchdogProgram(): Uint8Array {
  const size = HEADERS + CODE.byteLength + PATH.length;
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  const doubles = (at: number, values: readonly number[]): void =>
    values.forEach((value, index) => view.setBigUint64(at + index * 8, BigInt(value), true));
  // ELF header: 64 bits, little-endian, executable, RISC-V; entry, program headers; sizes.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint32(16, 2 | (243 << 16), true);
  view.setUint32(20, 1, true);
  doubles(24, [BASE + HEADERS, 64, 0]);
  view.setUint32(52, 64 | (56 << 16), true);
  view.setUint32(56, 1, true);
  // One loaded segment, readable and executable: the whole file.
  view.setUint32(64, 1, true);
  view.setUint32(68, 5, true);
  doubles(72, [0, BASE, BASE, size, size, 0x1000]);
  file.set(new Uint8Array(CODE.buffer), HEADERS);
  file.set(new TextEncoder().encode(PATH), HEADERS + CODE.byteLength);
  return file;
}
