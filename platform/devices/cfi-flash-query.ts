/** What a flash chip answers to a CFI query, by word address (JESD68.01; Intel's extended query, JEP137 number 1). */
import { FLASH_BANK_SIZE, FLASH_BLOCK_SIZE, FLASH_BUFFER_SIZE, FLASH_CHIPS } from './cfi-flash';

const log2 = (power: number): number => 31 - Math.clz32(power);
const halves = (value: number): readonly [number, number] => [value & 0xff, value >>> 8];
const letters = (text: string): readonly number[] => [...text].map((letter) => letter.charCodeAt(0));

const CHIP_BYTES = FLASH_BANK_SIZE / FLASH_CHIPS;
const BLOCK_BYTES = FLASH_BLOCK_SIZE / FLASH_CHIPS;
const INTEL_EXTENDED = 1;
const EXTENDED_TABLE = 0x31;
/** Each block can be locked by itself, at once. */
const INDIVIDUAL_LOCKS = 1 << 5;

/** Runs of bytes by the word address of the first; everything else reads as zero. */
const RUNS: Readonly<Record<number, readonly number[]>> = {
  0x10: [...letters('QRY'), ...halves(INTEL_EXTENDED), ...halves(EXTENDED_TABLE)],
  // Supply voltage, in volts and tenths: 2.7 to 3.6.
  0x1b: [0x27, 0x36],
  // Typical times as powers of two: a word and a buffer in microseconds, an erasure in milliseconds.
  0x1f: [7, 7, 10],
  // The longest times, as powers of two of the typical ones.
  0x23: [4, 4, 4],
  0x27: [log2(CHIP_BYTES)],
  // 8 or 16 bits wide.
  0x28: halves(2),
  0x2a: halves(log2(FLASH_BUFFER_SIZE)),
  // One region of blocks of one size: how many less one, and their size in 256 bytes.
  0x2c: [1, ...halves(CHIP_BYTES / BLOCK_BYTES - 1), ...halves(BLOCK_BYTES / 256)],
  [EXTENDED_TABLE]: [...letters('PRI10'), INDIVIDUAL_LOCKS],
  // The identity shows each block's lock; supply voltage; one field of protection registers, of no registers.
  0x3b: [1, 0, 0x33, 0, 1],
};

const TABLE = new Uint8Array(0x60);
for (const [address, run] of Object.entries(RUNS)) TABLE.set(run, Number(address));

/** The answer at a word address of the chip. */
export const flashQuery = (wordAddress: number): number => TABLE[wordAddress] ?? 0;
