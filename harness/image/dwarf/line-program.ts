import { ByteReader, MalformedDebugInfo } from './byte-reader';
import type { LineUnit } from './line-unit';

/** A run of instructions without gaps, with the rows that say which line each came from. */
export interface LineSequence {
  readonly unit: LineUnit;
  /** First address, and the one after the last. */
  readonly low: number;
  readonly high: number;
  /** Rows by ascending address; of several for one address the last says which line it is. Parallel arrays. */
  readonly addresses: readonly number[];
  readonly files: readonly number[];
  readonly lines: readonly number[];
}

/** Standard and extended opcodes (DWARF 5, 7.22). */
const STANDARD = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const;
const EXTENDED = { endSequence: 1, setAddress: 2, defineFile: 3 } as const;

/** A hostile table must not fill the host's memory; a whole operating system linked as one unit has fewer. */
const MOST_ROWS = 2 ** 22;

class SequenceBuilder {
  address = 0;
  file = 1;
  line = 1;
  private readonly addresses: number[] = [];
  private readonly files: number[] = [];
  private readonly lines: number[] = [];
  private ascending = true;

  constructor(private readonly unit: LineUnit) {}

  addRow(): void {
    const last = this.addresses.length - 1;
    if (last >= MOST_ROWS) throw new MalformedDebugInfo('too many rows');
    if (last >= 0 && this.address < this.addresses[last]!) this.ascending = false;
    this.addresses.push(this.address);
    this.files.push(this.file);
    this.lines.push(this.line);
  }

  /** The sequence that the rows make; none for empty, descending or unrepresentable addresses. */
  end(): LineSequence | undefined {
    const { unit, addresses, files, lines, address: high } = this;
    const low = addresses[0];
    const sound = this.ascending && low !== undefined && low < high && Number.isSafeInteger(high);
    return sound ? { unit, low, high, addresses, files, lines } : undefined;
  }
}

/**
 * Runs a unit's line number program (DWARF 5, 6.2.2 and 6.2.5). It has no loops: its cost is bounded by its length.
 * Yields the sequences; throws `MalformedDebugInfo` where it cannot go on.
 */
export function* runLineProgram(line: Uint8Array, unit: LineUnit): Generator<LineSequence> {
  const reader = new ByteReader(line, unit.program.start, unit.program.end);
  let state = new SequenceBuilder(unit);
  const advance = (steps: number) => {
    state.address += steps * unit.minimumInstructionLength;
  };

  while (reader.offset < reader.end) {
    const opcode = reader.u8();
    if (opcode >= unit.opcodeBase) {
      const special = opcode - unit.opcodeBase;
      advance(Math.floor(special / unit.lineRange));
      state.line += unit.lineBase + (special % unit.lineRange);
      state.addRow();
    } else if (opcode === 0) {
      const end = reader.uleb() + reader.offset;
      if (end === reader.offset) throw new MalformedDebugInfo('empty extended opcode');
      const extended = reader.u8();
      if (extended === EXTENDED.endSequence) {
        const sequence = state.end();
        if (sequence !== undefined) yield sequence;
        state = new SequenceBuilder(unit);
      } else if (extended === EXTENDED.setAddress) {
        state.address = reader.sized(end - reader.offset);
      } else if (extended === EXTENDED.defineFile) {
        unit.files().define(reader.text(), reader.uleb());
      }
      reader.seek(end);
    } else {
      switch (opcode) {
        case STANDARD.copy:
          state.addRow();
          break;
        case STANDARD.advancePc:
          advance(reader.uleb());
          break;
        case STANDARD.advanceLine:
          state.line += reader.sleb();
          break;
        case STANDARD.setFile:
          state.file = reader.uleb();
          break;
        case STANDARD.constAddPc:
          advance(Math.floor((255 - unit.opcodeBase) / unit.lineRange));
          break;
        case STANDARD.fixedAdvancePc:
          state.address += reader.u16();
          break;
        default:
          // Columns, statement and prologue marks, and opcodes of later versions: only their operands count.
          for (let left = unit.operandCounts[opcode - 1] ?? 0; left > 0; left--) reader.uleb();
      }
    }
  }
}
