import type { FileSource } from '../../platform/system';

/**
 * A VM's program: a path (relative to the file that defines the system) or the bytes of a file, whose kind is seen in
 * it (an ELF executable, a Linux `Image`, either of them compressed with gzip); or a file of which more must be said.
 */
export type ImageSource = FileSource | ElfSource | RawSource;

/** A position-independent ELF executable whose own start-up code applies its relocations (OpenSBI, U-Boot). */
export interface ElfSource {
  readonly elf: FileSource;
  readonly relocatesItself: boolean;
}

/** A raw binary, which does not say by itself what it is for. */
export interface RawSource {
  readonly raw: FileSource;
  /** Width of the registers that it was built for. */
  readonly xlen: 32 | 64;
  /**
   * Guest address that it is loaded to. Default: where QEMU's `virt` board would put it, that is the start of RAM
   * for a guest or firmware in M-mode, else 2 MiB (RV32: 4 MiB) above.
   */
  readonly at?: number;
  /** Where execution starts. Default: `at`. */
  readonly entry?: number;
}

/** The file behind a source. */
export function fileOf(source: ImageSource): FileSource {
  if (typeof source === 'string' || ArrayBuffer.isView(source)) return source;
  return 'raw' in source ? source.raw : source.elf;
}

/** The same source with its file replaced, as by its bytes or its absolute path. */
export function withFile(source: ImageSource, file: FileSource): ImageSource {
  if (typeof source === 'string' || ArrayBuffer.isView(source)) return file;
  return 'raw' in source ? { ...source, raw: file } : { ...source, elf: file };
}
