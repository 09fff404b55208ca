import { ExtentIndex, lastAtOrBelow } from '../extent-index';
import { MalformedDebugInfo } from './byte-reader';
import type { StringSections } from './file-table';
import { runLineProgram, type LineSequence } from './line-program';
import { readUnit } from './line-unit';

export interface LinePlace {
  /** Path as the compiler recorded it. */
  readonly file: string;
  readonly line: number;
}

/** Firmware has thousands of rows, an operating system millions; a hostile table must not fill the host's memory. */
const MOST_ROWS = 2 ** 22;

const readSequences = (line: Uint8Array, strings: StringSections, isCode: (address: number) => boolean) => {
  const sequences: LineSequence[] = [];
  let rows = 0;
  try {
    for (let offset = 0; offset < line.length && rows < MOST_ROWS;) {
      const { next, unit } = readUnit(line, offset, strings);
      offset = next;
      if (unit === undefined) continue;
      try {
        for (const sequence of runLineProgram(line, unit)) {
          // Functions that the linker dropped stay in the table, at address 0 or −1.
          if (!isCode(sequence.low)) continue;
          rows += sequence.addresses.length;
          sequences.push(sequence);
        }
      } catch (error) {
        if (!(error instanceof MalformedDebugInfo)) throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof MalformedDebugInfo)) throw error;
  }
  return sequences.sort((a, b) => a.low - b.low);
};

/** Addresses to source lines, from `.debug_line`. What is malformed in it is left out; nothing is thrown. */
export class SourceLines {
  private readonly sequences: ExtentIndex<LineSequence>;

  constructor(line: Uint8Array, strings: StringSections, isCode: (address: number) => boolean) {
    this.sequences = new ExtentIndex(
      readSequences(line, strings, isCode),
      ({ low }) => low,
      ({ high }) => high,
    );
  }

  /** The line of the instruction at an address; `undefined` where the table has none (line 0 means that too). */
  at(address: number): LinePlace | undefined {
    const sequence = this.sequences.covering(address);
    return sequence && placeIn(sequence, address);
  }
}

const placeIn = ({ unit, addresses, files, lines }: LineSequence, address: number): LinePlace | undefined => {
  const row = lastAtOrBelow(addresses.length, (at) => addresses[at]!, address);
  const line = lines[row];
  if (line === undefined || line <= 0) return undefined;
  try {
    const file = unit.files().path(files[row]!);
    return file === undefined ? undefined : { file, line };
  } catch (error) {
    if (error instanceof MalformedDebugInfo) return undefined;
    throw error;
  }
};
