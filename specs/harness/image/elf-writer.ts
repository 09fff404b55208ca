/**
 * Writes small ELF files for the specs, right or wrong on purpose. It has its own idea of the format, so that the
 * loader is not checked against itself.
 */
export interface SegmentPlan {
  readonly type?: number;
  readonly address: number;
  readonly virtualAddress?: number;
  readonly bytes: Uint8Array;
  readonly memorySize?: number;
  /** 4 read, 2 write, 1 execute. */
  readonly flags?: number;
  readonly align?: number;
  /** File offset to claim instead of the true one. */
  readonly offset?: number;
}

export interface SectionPlan {
  readonly name: string;
  readonly type?: number;
  readonly flags?: number;
  readonly address?: number;
  readonly bytes?: Uint8Array;
  readonly link?: number;
  readonly entrySize?: number;
}

export interface SymbolPlan {
  readonly name: string;
  readonly value: number;
  readonly size?: number;
  /** STT_*: 0 none, 1 object, 2 function. */
  readonly type?: number;
  /** STB_*: 0 local, 1 global, 2 weak. */
  readonly binding?: number;
  readonly section?: number;
}

export interface ElfPlan {
  readonly xlen?: 32 | 64;
  readonly type?: number;
  readonly machine?: number;
  readonly flags?: number;
  readonly entry?: number;
  readonly segments?: readonly SegmentPlan[];
  /** Numbered from 1; `.symtab`, `.strtab` and `.shstrtab` follow. */
  readonly sections?: readonly SectionPlan[];
  readonly symbols?: readonly SymbolPlan[];
  readonly withoutSectionHeaders?: boolean;
}

/** Bytes appended one number after the other; `word` is as wide as the class's addresses. */
export class ByteWriter {
  private readonly bytes: number[] = [];

  constructor(private readonly xlen: 32 | 64 = 32) {}

  get length(): number {
    return this.bytes.length;
  }

  number(value: number, size: number): this {
    for (let at = 0; at < size; at++) this.bytes.push(Math.floor(value / 256 ** at) % 256);
    return this;
  }
  u8 = (value: number): this => this.number(value, 1);
  u16 = (value: number): this => this.number(value, 2);
  u32 = (value: number): this => this.number(value, 4);
  word = (value: number): this => this.number(value, this.xlen / 8);

  uleb(value: number): this {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.u8((rest % 128) + 128);
    return this.u8(rest);
  }

  sleb(value: number): this {
    let rest = value;
    for (; rest < -64 || rest > 63; rest = Math.floor(rest / 128)) this.u8((rest & 127) + 128);
    return this.u8(rest & 127);
  }

  text(value: string): this {
    this.bytes.push(...Buffer.from(value), 0);
    return this;
  }

  append(more: Uint8Array): this {
    for (const byte of more) this.bytes.push(byte);
    return this;
  }

  alignTo(size: number): this {
    while (this.bytes.length % size !== 0) this.u8(0);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}

const symbolTable = (xlen: 32 | 64, symbols: readonly SymbolPlan[]) => {
  const entries = new ByteWriter(xlen).append(new Uint8Array(xlen === 32 ? 16 : 24));
  const names = new ByteWriter().u8(0);
  for (const { name, value, size = 0, type = 2, binding = 1, section = 1 } of symbols) {
    entries.u32(names.length);
    names.text(name);
    const info = (binding << 4) | type;
    if (xlen === 32) entries.u32(value).u32(size).u8(info).u8(0).u16(section);
    else entries.u8(info).u8(0).u16(section).word(value).word(size);
  }
  return { entries: entries.done(), names: names.done() };
};

const withTables = (
  xlen: 32 | 64,
  sections: readonly SectionPlan[],
  symbols: readonly SymbolPlan[] | undefined,
) => {
  const all = [...sections];
  if (symbols !== undefined) {
    const { entries, names } = symbolTable(xlen, symbols);
    const entrySize = xlen === 32 ? 16 : 24;
    all.push({ name: '.symtab', type: 2, bytes: entries, link: all.length + 2, entrySize });
    all.push({ name: '.strtab', type: 3, bytes: names });
  }
  const names = new ByteWriter().u8(0);
  const offsets = [...all.map(({ name }) => name), '.shstrtab'].map((name) => {
    const offset = names.length;
    names.text(name);
    return offset;
  });
  all.push({ name: '.shstrtab', type: 3, bytes: names.done() });
  return all.map((section, index) => ({ ...section, nameOffset: offsets[index]! }));
};

export const writeElf = (plan: ElfPlan): Uint8Array => {
  const { xlen = 32, type = 2, machine = 243, flags = 0, segments = [], sections = [] } = plan;
  const [fileHeader, programHeader, sectionHeader] = xlen === 32 ? [52, 32, 40] : [64, 56, 64];
  const body = new ByteWriter(xlen).append(new Uint8Array(fileHeader + segments.length * programHeader));
  const place = (bytes: Uint8Array): number => {
    body.alignTo(4);
    const offset = body.length;
    body.append(bytes);
    return offset;
  };
  const segmentOffsets = segments.map(({ bytes }) => place(bytes));
  const table = plan.withoutSectionHeaders ? [] : withTables(xlen, sections, plan.symbols);
  const sectionOffsets = table.map(({ bytes = new Uint8Array(0) }) => place(bytes));
  body.alignTo(8);
  const sectionHeaders = body.length;
  if (table.length > 0) body.append(new Uint8Array(sectionHeader));
  table.forEach(
    ({ nameOffset, type: kind = 1, flags: bits = 0, address = 0, bytes, link = 0, entrySize = 0 }, index) => {
      body
        .u32(nameOffset)
        .u32(kind)
        .word(bits)
        .word(address)
        .word(sectionOffsets[index]!)
        .word(bytes?.length ?? 0);
      body.u32(link).u32(0).word(1).word(entrySize);
    },
  );

  const head = new ByteWriter(xlen).append(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, xlen / 32, 1, 1));
  head.append(new Uint8Array(9)).u16(type).u16(machine).u32(1);
  head
    .word(plan.entry ?? segments[0]?.address ?? 0)
    .word(fileHeader)
    .word(table.length > 0 ? sectionHeaders : 0);
  head.u32(flags).u16(fileHeader).u16(programHeader).u16(segments.length);
  head
    .u16(table.length > 0 ? sectionHeader : 0)
    .u16(table.length > 0 ? table.length + 1 : 0)
    .u16(table.length);
  segments.forEach((segment, index) => {
    const {
      address,
      virtualAddress = address,
      bytes,
      memorySize = bytes.length,
      flags: bits = 5,
      align = 4,
    } = segment;
    const offset = segment.offset ?? segmentOffsets[index]!;
    head.u32(segment.type ?? 1);
    if (xlen === 64) head.u32(bits);
    head.word(offset).word(virtualAddress).word(address).word(bytes.length).word(memorySize);
    if (xlen === 32) head.u32(bits);
    head.word(align);
  });
  const file = body.done();
  file.set(head.done());
  return file;
};

/** `addi a0, a0, 1`, n times: code that is never run. */
export const code = (instructions: number): Uint8Array =>
  Uint8Array.from({ length: instructions * 4 }, (_, at) => [0x13, 0x05, 0x15, 0x00][at % 4]!);
