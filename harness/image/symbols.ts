import { nearestName } from '../../platform/names';
import * as elf from './elf-format';
import { ExtentIndex } from './extent-index';
import { hex, ImageError } from './image-error';
import type { Section } from './sections';

export interface ImageSymbol {
  readonly name: string;
  readonly address: number;
  /** In bytes; 0 where the program does not say (labels in assembly). */
  readonly size: number;
  /** `label`: in a section but neither function nor data. `absolute`: a number that the linker defined. */
  readonly kind: 'function' | 'object' | 'label' | 'absolute' | 'thread-local';
  readonly binding: 'local' | 'global' | 'weak';
}

/** The program's names, read from `.symtab` when first asked for. A stripped image has none. */
export interface SymbolTable extends Iterable<ImageSymbol> {
  readonly count: number;
  /** The symbol of this name; a global one before a weak before a local one. */
  find(name: string): ImageSymbol | undefined;
  /** Like `find`, but throws `ImageError` (`no-such-symbol`), with names that are spelt alike. */
  get(name: string): ImageSymbol;
  /** The function, else the data, else the nearest label that an address belongs to. */
  at(address: number | bigint): { readonly symbol: ImageSymbol; readonly offset: number } | undefined;
  /** `train_step+0x1c`, or `0x80000010` where no symbol covers the address. */
  describe(address: number | bigint): string;
}

/** Symbol types (low four bits of st_info; gABI "Symbol Table", STT_GNU_IFUNC of the GNU ABI). */
const KINDS: Readonly<Record<number, ImageSymbol['kind']>> = {
  0: 'label',
  1: 'object',
  2: 'function',
  6: 'thread-local',
  10: 'function',
};
const BINDINGS = ['local', 'global', 'weak'] as const;
const BINDING_RANK = { global: 0, weak: 1, local: 2 } as const;
const KIND_RANK = { function: 0, object: 1, label: 2, absolute: 3, 'thread-local': 3 } as const;

/** `$x`, `$d` mark code and data in between; `.L…` are the assembler's own. Neither is a name in the program. */
const NOT_A_NAME = /^$|^\$[xd]|^\.L/;
/** Names may share bytes in a hostile table; no program has more text than this in its symbols. */
const MOST_NAME_BYTES = 2 ** 26;

interface Entry extends ImageSymbol {
  /** Index of the section it is in. */
  readonly section: number;
}

function* readEntries(xlen: elf.Xlen, sections: readonly Section[]): Generator<Entry> {
  const table = sections.find(({ type }) => type === 'symtab');
  const names = table === undefined ? undefined : sections[table.link]?.data;
  if (table === undefined || names === undefined) return;
  const view = elf.viewOf(table.data);
  const stride = elf.SYMBOL.size[xlen];
  let nameBytes = 0;
  for (let at = stride; at + stride <= view.byteLength; at += stride) {
    const { name, info, section, value, size } = elf.readStructure(view, xlen, elf.SYMBOL, at);
    const end = names.indexOf(0, name);
    const isAbsolute = section === elf.SYMBOL_SECTION.absolute;
    const isReal =
      section !== elf.SYMBOL_SECTION.undefined && (isAbsolute || section < elf.SYMBOL_SECTION.firstReserved);
    const kind = KINDS[info & 15];
    if (end < 0 || kind === undefined || !isReal || !Number.isSafeInteger(value + size)) continue;
    nameBytes += end - name;
    if (nameBytes > MOST_NAME_BYTES) return;
    const text = names.toString('utf8', name, end);
    if (NOT_A_NAME.test(text)) continue;
    yield {
      name: text,
      address: value,
      size,
      kind: isAbsolute ? 'absolute' : kind,
      binding: BINDINGS[info >> 4] ?? 'global',
      section,
    };
  }
}

/** By address; where several share one, the best name last, since look-up finds the last. */
const byAddress = (a: ImageSymbol, b: ImageSymbol): number =>
  a.address - b.address ||
  KIND_RANK[b.kind] - KIND_RANK[a.kind] ||
  BINDING_RANK[b.binding] - BINDING_RANK[a.binding] ||
  (a.name < b.name ? 1 : -1);

class ElfSymbols implements SymbolTable {
  private readonly all: readonly Entry[];
  private readonly names = new Map<string, Entry>();
  /** What an address is looked for in, best first: functions, data, labels without a size. */
  private readonly indexes: readonly ExtentIndex<Entry>[];

  constructor(
    private readonly image: string,
    xlen: elf.Xlen,
    sections: readonly Section[],
  ) {
    this.all = [...readEntries(xlen, sections)].sort(byAddress);
    for (const symbol of this.all) {
      const known = this.names.get(symbol.name);
      if (known === undefined || BINDING_RANK[symbol.binding] < BINDING_RANK[known.binding])
        this.names.set(symbol.name, symbol);
    }
    const sized = (kind: ImageSymbol['kind']) =>
      new ExtentIndex(
        this.all.filter((symbol) => symbol.kind === kind && symbol.size > 0),
        addressOf,
        ({ address, size }) => address + size,
      );
    // A label lasts until its section ends, unless another one comes first. One that the linker put at the very
    // end of a section names nothing.
    const labels = new ExtentIndex(
      this.all.filter(({ kind, size }) => size === 0 && KIND_RANK[kind] < KIND_RANK.absolute),
      addressOf,
      ({ section }) => (sections[section]?.addr ?? 0) + (sections[section]?.size ?? 0),
    );
    this.indexes = [sized('function'), sized('object'), labels];
  }

  get count(): number {
    return this.all.length;
  }

  *[Symbol.iterator](): Generator<ImageSymbol> {
    for (const symbol of this.all) yield publicView(symbol);
  }

  find(name: string): ImageSymbol | undefined {
    const symbol = this.names.get(name);
    return symbol && publicView(symbol);
  }

  get(name: string): ImageSymbol {
    const symbol = this.find(name);
    if (symbol !== undefined) return symbol;
    // Names of another length are not near, and comparing costs the product of the lengths.
    const similar = [...this.names.keys()].filter(
      (other) => Math.abs(other.length - name.length) <= name.length / 3 + 1,
    );
    const meant = nearestName(name, similar);
    throw new ImageError(this.image, {
      code: 'no-such-symbol',
      what: `there is no symbol “${name}”${this.count === 0 ? '; the image has no symbols at all (it was stripped)' : ''}`,
      mend:
        this.count === 0
          ? 'Give the image as it came from the linker, before strip.'
          : meant !== undefined
            ? `Did you mean “${meant}”?`
            : 'Check its name with nm; a function that was inlined or never used has no symbol (__attribute__((noinline, used))).',
    });
  }

  at(address: number | bigint): { symbol: ImageSymbol; offset: number } | undefined {
    const place = Number(address);
    for (const index of this.indexes) {
      const symbol = index.covering(place);
      if (symbol !== undefined) return { symbol: publicView(symbol), offset: place - symbol.address };
    }
    return undefined;
  }

  describe(address: number | bigint): string {
    const found = this.at(address);
    if (found === undefined) return `0x${address.toString(16)}`;
    return found.offset === 0 ? found.symbol.name : `${found.symbol.name}+${hex(found.offset)}`;
  }
}

const addressOf = ({ address }: Entry): number => address;

const publicView = ({ name, address, size, kind, binding }: Entry): ImageSymbol => ({
  name,
  address,
  size,
  kind,
  binding,
});

/** Reads `.symtab` and `.strtab`. Entries that make no sense (a name outside of the table) are left out. */
export const readSymbols = (image: string, xlen: elf.Xlen, sections: readonly Section[]): SymbolTable =>
  new ElfSymbols(image, xlen, sections);
