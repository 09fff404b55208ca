import type { GuestImage } from '../../hypervisor';
import type { Xlen } from './elf-format';
import { type FitOptions, requireFit } from './fits';
import { ImageError } from './image-error';
import type { RawSource } from './image-source';
import { readLinuxImage } from './linux-image';
import type { LoadedImage } from './loaded-image';
import { readSymbols, type SymbolTable } from './symbols';

/** A program that is nothing but its bytes at an address: it has no symbols and no source lines. */
export class LoadedBinary implements LoadedImage {
  readonly flags = undefined;
  readonly symbols: SymbolTable;
  readonly debugInfo;
  readonly segments: GuestImage['segments'];
  readonly base: number;
  readonly top: number;

  constructor(
    readonly name: string,
    readonly hash: string,
    readonly xlen: Xlen,
    readonly entry: number,
    segment: GuestImage['segments'][number],
    readonly kind: 'raw' | 'linux',
  ) {
    this.symbols = readSymbols(name, xlen, []);
    this.debugInfo = {
      missing: `a ${kind === 'raw' ? 'raw binary' : 'Linux Image'} has no debug information`,
    };
    this.segments = [segment];
    this.base = segment.address;
    this.top = segment.address + segment.memorySize;
  }

  sourceLine(): undefined {
    return undefined;
  }

  fits(ramBase: number, ramSize: number, options?: FitOptions): void {
    requireFit(this, ramBase, ramSize, options);
  }
}

/** A binary of declared shape. @param address where it goes unless the source says */
export function rawBinary(
  name: string,
  hash: string,
  bytes: Uint8Array,
  { xlen, at, entry }: Omit<RawSource, 'raw'>,
  address: number,
): LoadedBinary {
  const refuse = (what: string, mend: string): never => {
    throw new ImageError(name, { code: 'bad-raw-image', what, mend });
  };
  if (bytes.length === 0) refuse('the raw binary is empty', 'Did objcopy fail? Build it again.');
  if (xlen !== 32 && xlen !== 64)
    refuse(`xlen: ${String(xlen)} is no width of registers`, 'Write xlen: 32 or xlen: 64.');
  const base = at ?? address;
  if (!Number.isInteger(base) || base < 0 || base + bytes.length > 2 ** 32)
    refuse(`at: ${String(base)} is no address for it`, 'Write an address in RAM, such as 0x8000_0000.');
  const start = entry ?? base;
  if (!Number.isInteger(start) || start % 2 !== 0 || start < base || start >= base + bytes.length)
    refuse(
      `entry: ${typeof start === 'number' ? `0x${start.toString(16)}` : String(start)} is no address of an instruction in it`,
      'Write an even address within the binary, or leave it out to start at its first byte.',
    );
  return new LoadedBinary(name, hash, xlen, start, { address: base, bytes, memorySize: bytes.length }, 'raw');
}

/** A kernel where its header wants it to be. */
export function linuxBinary(name: string, hash: string, bytes: Uint8Array, ramBase: number): LoadedBinary {
  const { xlen, textOffset, memorySize } = readLinuxImage(name, bytes);
  const address = ramBase + textOffset;
  return new LoadedBinary(name, hash, xlen, address, { address, bytes, memorySize }, 'linux');
}
