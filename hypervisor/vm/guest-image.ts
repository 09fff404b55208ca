/** A guest program ready to load: what the hypervisor needs to know of an ELF file, and nothing more. */
export interface GuestImage {
  /** For messages: where it came from. */
  readonly name: string;
  readonly xlen: 32 | 64;
  readonly entry: number;
  /** Loadable segments by ascending guest address; they do not overlap. `memorySize` ≥ `bytes.length`; the rest is zero. */
  readonly segments: readonly {
    readonly address: number;
    readonly bytes: Uint8Array;
    readonly memorySize: number;
  }[];
}
