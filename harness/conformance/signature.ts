/**
 * Signatures, as riscv-arch-test has them: a test leaves the values that it computed in memory, between the symbols
 * `begin_signature` and `end_signature`, and somebody else's machine says what they should be. A signature file has
 * one 32-bit word a line, in hexadecimal, lowest address first.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { SymbolTable } from '../image/symbols';

const BEGIN = 'begin_signature';
const END = 'end_signature';
const WORD_BYTES = 4;
const WORD = /^[0-9a-f]{8}$/i;

/** Where an image leaves its signature; undefined for an image that has none. */
export interface SignatureArea {
  readonly address: number;
  /** In bytes, a multiple of 4. */
  readonly size: number;
}

export function signatureArea(symbols: SymbolTable): SignatureArea | undefined {
  const begin = symbols.find(BEGIN)?.address;
  const end = symbols.find(END)?.address;
  if (begin === undefined || end === undefined || end < begin) return undefined;
  return { address: begin, size: end - begin - ((end - begin) % WORD_BYTES) };
}

/**
 * What is wrong with a signature, in a line; undefined when it is as the reference says.
 * @param path the reference's file
 */
export function compareSignature(
  area: SignatureArea,
  signature: Uint8Array,
  path: string,
  symbols: SymbolTable,
): string | undefined {
  if (!existsSync(path)) return `there is no reference signature ${path}`;
  const lines = readFileSync(path, 'latin1').split(/\r?\n/).filter(Boolean);
  const malformed = lines.findIndex((line) => !WORD.test(line));
  if (malformed >= 0) return `${path}, line ${malformed + 1}: not a word of a signature`;
  const view = new DataView(signature.buffer, signature.byteOffset, signature.byteLength);
  const words = area.size / WORD_BYTES;
  if (lines.length !== words) return `its signature has ${words} words, the reference ${lines.length}`;
  const differing = lines
    .map((line, index) => ({ index, reference: parseInt(line, 16) }))
    .filter(({ index, reference }) => view.getUint32(index * WORD_BYTES, true) !== reference);
  const [first] = differing;
  if (first === undefined) return undefined;
  const address = area.address + first.index * WORD_BYTES;
  const actual = view.getUint32(first.index * WORD_BYTES, true);
  return (
    `${differing.length} of ${words} words of its signature differ, first at ${placeText(address, symbols)}: ` +
    `${wordText(actual)}, reference ${wordText(first.reference)}`
  );
}

function placeText(address: number, symbols: SymbolTable): string {
  const number = `0x${address.toString(16)}`;
  const name = symbols.describe(address);
  return name === number ? number : `${name} (${number})`;
}

const wordText = (word: number): string => word.toString(16).padStart(2 * WORD_BYTES, '0');
