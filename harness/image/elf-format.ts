/**
 * The ELF structures and numbers that the wall checks, as data. Source: System V gABI chapters 4 and 5; RISC-V
 * ELF psABI, "ELF Object Files" (machine number, e_flags).
 */

export type Xlen = 32 | 64;

/** A field's place in each class: offset and width in bytes for ELF32, then for ELF64. */
type Field = readonly [offset32: number, width32: 1 | 2 | 4, offset64: number, width64: 1 | 2 | 4 | 8];

interface Structure<Name extends string> {
  readonly title: string;
  readonly size: Readonly<Record<Xlen, number>>;
  readonly fields: Readonly<Record<Name, Field>>;
}

const structure = <Name extends string>(
  title: string,
  size: Readonly<Record<Xlen, number>>,
  fields: Readonly<Record<Name, Field>>,
): Structure<Name> => ({ title, size, fields });

/** The 16 bytes that say how to read the rest. */
export const IDENT = { size: 16, class: 4, endianness: 5, version: 6 } as const;

export const FILE_HEADER = structure(
  'ELF header',
  { 32: 52, 64: 64 },
  {
    type: [16, 2, 16, 2],
    machine: [18, 2, 18, 2],
    version: [20, 4, 20, 4],
    entry: [24, 4, 24, 8],
    programHeadersOffset: [28, 4, 32, 8],
    sectionHeadersOffset: [32, 4, 40, 8],
    flags: [36, 4, 48, 4],
    programHeaderSize: [42, 2, 54, 2],
    programHeaderCount: [44, 2, 56, 2],
    sectionHeaderSize: [46, 2, 58, 2],
    sectionHeaderCount: [48, 2, 60, 2],
    sectionNamesIndex: [50, 2, 62, 2],
  },
);

export const PROGRAM_HEADER = structure(
  'program header',
  { 32: 32, 64: 56 },
  {
    type: [0, 4, 0, 4],
    flags: [24, 4, 4, 4],
    offset: [4, 4, 8, 8],
    virtualAddress: [8, 4, 16, 8],
    physicalAddress: [12, 4, 24, 8],
    fileSize: [16, 4, 32, 8],
    memorySize: [20, 4, 40, 8],
    align: [28, 4, 48, 8],
  },
);

export const SECTION_HEADER = structure(
  'section header',
  { 32: 40, 64: 64 },
  {
    name: [0, 4, 0, 4],
    type: [4, 4, 4, 4],
    flags: [8, 4, 8, 8],
    address: [12, 4, 16, 8],
    offset: [16, 4, 24, 8],
    size: [20, 4, 32, 8],
    link: [24, 4, 40, 4],
    info: [28, 4, 44, 4],
    align: [32, 4, 48, 8],
    entrySize: [36, 4, 56, 8],
  },
);

export const SYMBOL = structure(
  'symbol',
  { 32: 16, 64: 24 },
  {
    name: [0, 4, 0, 4],
    info: [12, 1, 4, 1],
    section: [14, 2, 6, 2],
    value: [4, 4, 8, 8],
    size: [8, 4, 16, 8],
  },
);

export const DYNAMIC_ENTRY = structure(
  'dynamic entry',
  { 32: 8, 64: 16 },
  {
    tag: [0, 4, 0, 8],
    value: [4, 4, 8, 8],
  },
);

export const COMPRESSION_HEADER = structure(
  'compression header',
  { 32: 12, 64: 24 },
  {
    type: [0, 4, 0, 4],
    size: [4, 4, 8, 8],
  },
);

export const ELF_CLASS = { 1: 32, 2: 64 } as const;
export const LITTLE_ENDIAN = 1;
export const CURRENT_VERSION = 1;
export const MACHINE_RISCV = 243;

export const FILE_TYPE = { relocatable: 1, executable: 2, shared: 3, core: 4 } as const;
export const SEGMENT_TYPE = { load: 1, dynamic: 2, interpreter: 3 } as const;
export const SEGMENT_EXECUTABLE = 1;
/** Execute, write, read. */
export const SEGMENT_PERMISSIONS = 7;
export const SECTION_TYPE = { null: 0, symbols: 2, strings: 3, noBits: 8 } as const;
export const SECTION_COMPRESSED = 0x800;
export const COMPRESSION = { zlib: 1, zstd: 2 } as const;
export const SYMBOL_SECTION = { undefined: 0, firstReserved: 0xff00, absolute: 0xfff1 } as const;

/** Dynamic tags whose presence with a value other than 0 means that somebody has to patch the image first. */
export const RELOCATION_TAGS: Readonly<Record<number, string>> = {
  2: 'DT_PLTRELSZ',
  8: 'DT_RELASZ',
  18: 'DT_RELSZ',
  35: 'DT_RELRSZ',
};
export const NEEDED_TAG = 1;

const readNumber = (view: DataView, at: number, width: 1 | 2 | 4 | 8): number => {
  switch (width) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true);
    case 4:
      return view.getUint32(at, true);
    case 8:
      return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
  }
};

/**
 * Reads one structure at offset `at`, which the caller has checked to lie within `view`. Numbers above 2^53 come
 * out rounded: the checks refuse them before anybody relies on their last bits.
 */
export const readStructure = <Name extends string>(
  view: DataView,
  xlen: Xlen,
  { fields }: Structure<Name>,
  at: number,
): Record<Name, number> => {
  const values = {} as Record<Name, number>;
  for (const name in fields) {
    const [offset32, width32, offset64, width64] = fields[name];
    values[name] =
      xlen === 32 ? readNumber(view, at + offset32, width32) : readNumber(view, at + offset64, width64);
  }
  return values;
};

/** Writes one field of the structure at offset `at`; numbers up to 2^32. */
export const writeField = <Name extends string>(
  view: DataView,
  xlen: Xlen,
  { fields }: Structure<Name>,
  at: number,
  field: Name,
  value: number,
): void => {
  const [offset32, width32, offset64, width64] = fields[field];
  const place = at + (xlen === 32 ? offset32 : offset64);
  const width = xlen === 32 ? width32 : width64;
  if (width === 1) view.setUint8(place, value);
  else if (width === 2) view.setUint16(place, value, true);
  else view.setUint32(place, value, true);
};

/** Where a field lies in the file, for messages: `program header 2, memorySize (file offset 0x74)`. */
export const fieldPlace = <Name extends string>(
  structure: Structure<Name>,
  xlen: Xlen,
  field: Name,
  at: number,
  index?: number,
): string => {
  const offset = at + structure.fields[field][xlen === 32 ? 0 : 2];
  return `${structure.title}${index === undefined ? '' : ` ${index}`}, ${field} (file offset 0x${offset.toString(16)})`;
};

/** A DataView of exactly these bytes. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
