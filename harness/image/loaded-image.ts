import type * as elfy from 'elfy';
import type { GuestImage } from '../../hypervisor';
import { readDebugInfo, type DebugInfo } from './debug-info';
import type { Xlen } from './elf-format';
import { type FitOptions, requireFit } from './fits';
import type { Section } from './sections';
import { machineFlags, type MachineFlags } from './machine-flags';
import { readSymbols, type SymbolTable } from './symbols';
import { placeOf } from './wall/check-segments';

/** A line of a guest's source code. */
export interface SourceLine {
  /** Path as the compiler recorded it; relative when it was told a relative one (always possible before DWARF 5). */
  readonly file: string;
  readonly line: number;
  /** The function that the address belongs to, from the symbols. */
  readonly function?: string;
}

/** A guest image with what failure messages and faults need to know of it. Immutable. */
export interface LoadedImage extends GuestImage {
  /** SHA-256 of the file, in hexadecimal: what identifies the image in a trace. */
  readonly hash: string;
  readonly kind: 'elf' | 'raw' | 'linux';
  /** What an ELF file says of its code; other kinds say nothing. */
  readonly flags: MachineFlags | undefined;
  /** Lowest address that is loaded, and the one after the highest, zeros included. */
  readonly base: number;
  readonly top: number;
  readonly symbols: SymbolTable;
  /** Whether there are source lines, and why not. */
  readonly debugInfo: 'present' | { readonly missing: string };
  /** The source line of the instruction at an address. */
  sourceLine(address: number | bigint): SourceLine | undefined;
  /**
   * Checks that every segment lies within RAM of `ramSize` bytes at `ramBase`.
   * @throws ImageError (`does-not-fit`) that names the segment
   */
  fits(ramBase: number, ramSize: number, options?: FitOptions): void;
}

type ElfyFile = ReturnType<typeof elfy.parse>;
type Program = ElfyFile['body']['programs'][number];

/** Where execution starts in memory as it is loaded: a segment may be linked for elsewhere than it is stored. */
const entryIn = (entry: number, programs: readonly Program[]): number => {
  // Where two segments are linked for the same place, execution starts in the executable one.
  const holding = programs.filter(({ vaddr, memsz }) => entry >= vaddr && entry < vaddr + memsz);
  const home = holding.find(({ flags }) => flags['x'] === true) ?? holding[0];
  return home === undefined ? entry : entry - home.vaddr + placeOf(home);
};

/**
 * Linkers like to start the first segment with the ELF file's own headers, a page below the address that the
 * program was linked for and outside of RAM. They are no part of the program: the segment starts at its first section.
 * Returns how many bytes to leave out.
 */
const ownHeaders = (
  { offset, vaddr, filesz }: Program,
  sections: readonly Section[],
  entry: number,
): number => {
  if (offset !== 0) return 0;
  const starts = sections
    .filter(
      ({ flags, size, addr }) =>
        flags['alloc'] === true && size > 0 && addr >= vaddr && addr < vaddr + filesz,
    )
    .map(({ addr }) => addr - vaddr);
  const first = starts.reduce((least, start) => Math.min(least, start), starts[0] ?? 0);
  const startsInThere = entry >= vaddr && entry < vaddr + first;
  return startsInThere ? 0 : first;
};

const segmentOf = (program: Program, file: ElfyFile): LoadedImage['segments'][number] => {
  const skipped = ownHeaders(program, file.body.sections, file.entry);
  return {
    address: placeOf(program) + skipped,
    bytes: program.data.subarray(skipped),
    memorySize: program.memsz - skipped,
  };
};

export class LoadedElf implements LoadedImage {
  readonly kind = 'elf';
  readonly entry: number;
  readonly segments: LoadedImage['segments'];
  readonly flags: MachineFlags;
  readonly base: number;
  readonly top: number;
  readonly #file: ElfyFile;
  #symbols: SymbolTable | undefined;
  #debugInfo: DebugInfo | undefined;

  /** @param file parsed from bytes that the wall has let through */
  constructor(
    readonly name: string,
    readonly hash: string,
    readonly xlen: Xlen,
    file: ElfyFile,
  ) {
    const programs = file.body.programs
      .filter(({ type, memsz }) => type === 'load' && memsz > 0)
      .sort((a, b) => placeOf(a) - placeOf(b));
    this.segments = programs.map((program) => segmentOf(program, file));
    this.entry = entryIn(file.entry, programs);
    this.flags = machineFlags(file.flags);
    this.base = this.segments[0]!.address;
    const last = this.segments.at(-1)!;
    this.top = last.address + last.memorySize;
    this.#file = file;
  }

  get symbols(): SymbolTable {
    return (this.#symbols ??= readSymbols(this.name, this.xlen, this.#file.body.sections));
  }

  get #lines(): DebugInfo {
    return (this.#debugInfo ??= readDebugInfo(this.#file, this.xlen));
  }

  get debugInfo(): LoadedImage['debugInfo'] {
    const info = this.#lines;
    return info.is === 'present' ? 'present' : { missing: info.why };
  }

  sourceLine(address: number | bigint): SourceLine | undefined {
    const info = this.#lines;
    const place = info.is === 'present' ? info.lines.at(Number(address)) : undefined;
    if (place === undefined) return undefined;
    const symbol = this.symbols.at(address)?.symbol;
    return symbol?.kind === 'function' ? { ...place, function: symbol.name } : place;
  }

  fits(ramBase: number, ramSize: number, options?: FitOptions): void {
    requireFit(this, ramBase, ramSize, options);
  }
}
