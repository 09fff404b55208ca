/** Small test images, made up here: a program, and the symbols by which the conformance runner finds its report. */
import { encode, type Operands } from '../../../hypervisor/isa/encode';
import { ByteWriter, writeElf } from '../image/elf-writer';

/** An instruction's name and operands. */
export type Line = readonly [name: string, operands?: Operands];

export const CODE = 0x8000_0000;
export const TO_HOST = 0x8000_1000;
export const FROM_HOST = 0x8000_1040;
export const SIGNATURE = 0x8000_2000;
export const FINISHER = 0x0010_0000;

/** Registers by their ABI names. */
const A0 = 10;
const T0 = 5;

const SIGNATURE_WORDS = 2;
const DATA_BYTES = 0x2000;

/** A jump to itself. */
export const stay: Line = ['jal', { rd: 0, imm: 0 }];

/** Puts a 32-bit value into a register. */
export function load(rd: number, value: number): readonly Line[] {
  const low = (value << 20) >> 20;
  return [
    ['lui', { rd, imm: (value - low) | 0 }],
    ['addi', { rd, rs1: rd, imm: low }],
  ];
}

/** Stores a word. */
export const store = (address: number, value: number): readonly Line[] => [
  ...load(A0, value),
  ...load(T0, address),
  ['sw', { rs1: T0, rs2: A0, imm: 0 }],
];

/** Waits until a word is another one than 0. */
export const waitFor = (address: number): readonly Line[] => [
  ...load(T0, address),
  ['lw', { rd: A0, rs1: T0, imm: 0 }],
  ['beq', { rs1: A0, rs2: 0, imm: -4 }],
];

/** Ends by the word `tohost`: 1 is a pass, a failed test's number comes times two and one. */
export const endByToHost = (word: number): readonly Line[] => [...store(TO_HOST, word), stay];

/** Ends by the test finisher. */
export const endByFinisher = (word: number): readonly Line[] => [...store(FINISHER, word), stay];

/** An ELF file with the program at the start of RAM, and mailboxes and signature behind it. */
export function testImage(
  lines: readonly Line[],
  symbols: readonly string[] = ['tohost', 'fromhost'],
): Uint8Array {
  const code = new ByteWriter();
  for (const [name, operands] of lines) code.u32(encode(32, name, operands));
  const places: Readonly<Record<string, number>> = {
    tohost: TO_HOST,
    fromhost: FROM_HOST,
    begin_signature: SIGNATURE,
    end_signature: SIGNATURE + 4 * SIGNATURE_WORDS,
  };
  const data = { address: TO_HOST, bytes: new Uint8Array(DATA_BYTES), flags: 6 };
  return writeElf({
    segments: [{ address: CODE, bytes: code.done() }, data],
    sections: [{ name: '.text', address: CODE, bytes: code.done(), flags: 6 }],
    symbols: symbols.map((name) => ({ name, value: places[name]!, type: 0 })),
  });
}
