import { ByteWriter } from './elf-writer';

/** One unit of `.debug_line` for the specs, in any version. */
export interface LineUnitPlan {
  readonly version: 2 | 3 | 4 | 5;
  readonly xlen?: 32 | 64;
  /** 64-bit DWARF: offsets of eight bytes. */
  readonly is64?: boolean;
  readonly directories: readonly string[];
  readonly files: readonly { readonly name: string; readonly directory: number }[];
  readonly rows: readonly { readonly address: number; readonly line: number; readonly file?: number }[];
  readonly end: number;
  readonly lineRange?: number;
}

const OPERANDS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

const writeTables = (out: ByteWriter, { version, directories, files }: LineUnitPlan): void => {
  if (version === 5) {
    out.u8(1).uleb(1).uleb(0x08).uleb(directories.length);
    for (const name of directories) out.text(name);
    out.u8(2).uleb(1).uleb(0x08).uleb(2).uleb(0x0b).uleb(files.length);
    for (const { name, directory } of files) out.text(name).u8(directory);
    return;
  }
  for (const name of directories) out.text(name);
  out.u8(0);
  for (const { name, directory } of files) out.text(name).uleb(directory).uleb(0).uleb(0);
  out.u8(0);
};

/** Rows alternate between the ways to advance: special opcodes where they reach, else plain ones. */
const writeProgram = (out: ByteWriter, { xlen = 32, rows, end, lineRange = 14 }: LineUnitPlan): void => {
  let { address, line, file } = { address: rows[0]?.address ?? 0, line: 1, file: 1 };
  out
    .u8(0)
    .uleb(1 + xlen / 8)
    .u8(2)
    .number(address, xlen / 8);
  for (const row of rows) {
    const wanted = row.file ?? 1;
    if (wanted !== file) out.u8(4).uleb(wanted);
    file = wanted;
    const special = row.line - line + 5 + lineRange * (row.address - address) + 13;
    if (row.line - line >= -5 && row.line - line < lineRange - 5 && special <= 255) {
      out.u8(special);
    } else {
      out
        .u8(3)
        .sleb(row.line - line)
        .u8(9)
        .u16(row.address - address)
        .u8(1);
    }
    ({ address, line } = row);
  }
  out
    .u8(2)
    .uleb(end - address)
    .u8(0)
    .uleb(1)
    .u8(1);
};

export const writeLineUnit = (plan: LineUnitPlan): Uint8Array => {
  const { version, xlen = 32, is64 = false, lineRange = 14 } = plan;
  const tables = new ByteWriter().u8(1);
  if (version >= 4) tables.u8(1);
  tables
    .u8(1)
    .u8(256 - 5)
    .u8(lineRange)
    .u8(OPERANDS.length + 1);
  for (const count of OPERANDS) tables.u8(count);
  writeTables(tables, plan);
  const program = new ByteWriter();
  writeProgram(program, plan);

  const rest = new ByteWriter().u16(version);
  if (version === 5) rest.u8(xlen / 8).u8(0);
  rest
    .number(tables.length, is64 ? 8 : 4)
    .append(tables.done())
    .append(program.done());
  const unit = new ByteWriter();
  if (is64) unit.u32(0xffffffff);
  return unit
    .number(rest.length, is64 ? 8 : 4)
    .append(rest.done())
    .done();
};
