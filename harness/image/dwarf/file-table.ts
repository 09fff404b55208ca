import { type ByteReader, MalformedDebugInfo, textAt } from './byte-reader';

/** Sections that hold the strings which tables point to. */
export interface StringSections {
  readonly lineStrings: () => Uint8Array;
  readonly strings: () => Uint8Array;
}

export interface FileTable {
  /** The path of file `index` as the compiler knew it; `undefined` where the table has none. */
  path(index: number): string | undefined;
  /** Adds a file while the program runs (`DW_LNE_define_file`). */
  define(name: string, directory: number): void;
}

interface TableEntry {
  readonly name: string | undefined;
  readonly directory: number;
}

const isAbsolute = (path: string): boolean => /^([/\\]|[A-Za-z]:)/.test(path);
const join = (directory: string | undefined, name: string): string => {
  const tidy = name.replace(/^(\.\/)+/, '');
  return directory === undefined || directory === '' || directory === '.' || isAbsolute(tidy)
    ? tidy
    : `${directory.replace(/\/+$/, '')}/${tidy}`;
};

/**
 * `first` is the number of the first file. Directory 0 is where the compiler ran; before version 5 the table does
 * not say where that was, so such paths stay relative.
 */
const tableOf = (
  directories: readonly (string | undefined)[],
  files: TableEntry[],
  first: number,
): FileTable => ({
  path(index) {
    const file = files[index - first];
    if (file?.name === undefined) return undefined;
    const directory = directories[file.directory];
    return join(
      file.directory === 0 || directory === undefined ? directory : join(directories[0], directory),
      file.name,
    );
  },
  define(name, directory) {
    files.push({ name, directory });
  },
});

/** Versions 2 to 4: lists of strings, each closed by an empty one. */
const readClassicTable = (reader: ByteReader): FileTable => {
  const directories: (string | undefined)[] = [undefined];
  for (let name = reader.text(); name !== ''; name = reader.text()) directories.push(name);
  const files: TableEntry[] = [];
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    const directory = reader.uleb();
    reader.uleb(); // Time of modification.
    reader.uleb(); // Length.
    files.push({ name, directory });
  }
  return tableOf(directories, files, 1);
};

/** What an entry's field means (DW_LNCT_*) and how a field is stored (DW_FORM_*): DWARF 5, 6.2.4.1 and 7.5.6. */
const CONTENT = { path: 1, directory: 2 } as const;
const FORM: Readonly<
  Record<number, (reader: ByteReader, is64: boolean, strings: StringSections) => string | number | undefined>
> = {
  0x08: (reader) => reader.text(),
  0x1f: (reader, is64, strings) => textAt(strings.lineStrings(), reader.sized(is64 ? 8 : 4)),
  0x0e: (reader, is64, strings) => textAt(strings.strings(), reader.sized(is64 ? 8 : 4)),
  0x0b: (reader) => reader.u8(),
  0x05: (reader) => reader.u16(),
  0x06: (reader) => reader.u32(),
  0x07: (reader) => reader.u64(),
  0x0f: (reader) => reader.uleb(),
  0x1e: (reader) => void reader.skip(16),
  0x09: (reader) => void reader.skip(reader.uleb()),
  0x0a: (reader) => void reader.skip(reader.u8()),
};

/** A table of version 5: the form of an entry, the number of entries, the entries. */
const readEntries = (reader: ByteReader, is64: boolean, strings: StringSections): TableEntry[] => {
  const format = Array.from({ length: reader.u8() }, () => ({ content: reader.uleb(), form: reader.uleb() }));
  const count = reader.uleb();
  // An entry without fields would take no bytes, and any number of them would fit.
  if (format.length === 0 && count > 0) throw new MalformedDebugInfo('entries without fields');
  const entries: TableEntry[] = [];
  for (let index = 0; index < count; index++) {
    let name: string | undefined;
    let directory = 0;
    for (const { content, form } of format) {
      const read = FORM[form];
      if (read === undefined) throw new MalformedDebugInfo('unknown form');
      const value = read(reader, is64, strings);
      if (content === CONTENT.path && typeof value === 'string') name = value;
      if (content === CONTENT.directory && typeof value === 'number') directory = value;
    }
    entries.push({ name, directory });
  }
  return entries;
};

/** Reads the tables of directories and files of one unit. Throws `MalformedDebugInfo`. */
export const readFileTable = (
  reader: ByteReader,
  version: number,
  is64: boolean,
  strings: StringSections,
): FileTable => {
  if (version < 5) return readClassicTable(reader);
  const directories = readEntries(reader, is64, strings).map(({ name }) => name);
  return tableOf(directories, readEntries(reader, is64, strings), 0);
};
