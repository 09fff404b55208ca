import { ByteReader, MalformedDebugInfo } from './byte-reader';
import { readFileTable, type FileTable, type StringSections } from './file-table';

/** One unit of `.debug_line`: its header, decoded as far as running its program needs it. */
export interface LineUnit {
  readonly minimumInstructionLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Number of operands of each standard opcode, opcode 1 first; for those that a reader does not know. */
  readonly operandCounts: readonly number[];
  readonly program: { readonly start: number; readonly end: number };
  /** Decodes the tables of directories and files, once. Throws `MalformedDebugInfo`. */
  readonly files: () => FileTable;
}

/** Where the next unit starts, and this one, unless it is malformed or of a version that nobody knows. */
export interface UnitAt {
  readonly next: number;
  readonly unit: LineUnit | undefined;
}

const readHeader = (
  line: Uint8Array,
  reader: ByteReader,
  is64: boolean,
  strings: StringSections,
): LineUnit => {
  const version = reader.u16();
  if (version < 2 || version > 5) throw new MalformedDebugInfo('unknown version');
  if (version >= 5) reader.skip(2); // Size of addresses and of segment selectors: set_address has its own length.
  const headerLength = reader.sized(is64 ? 8 : 4);
  const programStart = reader.offset + headerLength;
  const minimumInstructionLength = reader.u8();
  const mostOperations = version >= 4 ? reader.u8() : 1;
  if (mostOperations > 1) throw new MalformedDebugInfo('RISC-V has no bundles of operations');
  reader.skip(1); // default_is_stmt: every row counts here.
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  if (lineRange === 0 || opcodeBase === 0) throw new MalformedDebugInfo('no special opcodes');
  const operandCounts = Array.from({ length: opcodeBase - 1 }, () => reader.u8());
  const tables = reader.offset;
  reader.seek(programStart);

  let files: FileTable | undefined;
  return {
    minimumInstructionLength,
    lineBase,
    lineRange,
    opcodeBase,
    operandCounts,
    program: { start: programStart, end: reader.end },
    files: () =>
      (files ??= readFileTable(new ByteReader(line, tables, programStart), version, is64, strings)),
  };
};

/**
 * Reads the unit at `offset` (DWARF 5, section 6.2.4; earlier versions likewise). Throws `MalformedDebugInfo` only
 * where the next unit cannot be found either.
 */
export const readUnit = (line: Uint8Array, offset: number, strings: StringSections): UnitAt => {
  const lengths = new ByteReader(line, offset, line.length);
  const first = lengths.u32();
  const is64 = first === 0xffffffff;
  const length = is64 ? lengths.u64() : first;
  const next = lengths.offset + length;
  const reader = new ByteReader(line, lengths.offset, next);
  try {
    return { next, unit: readHeader(line, reader, is64, strings) };
  } catch (error) {
    if (error instanceof MalformedDebugInfo) return { next, unit: undefined };
    throw error;
  }
};
