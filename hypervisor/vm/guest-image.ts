/** A guest's programs ready to load: what the hypervisor needs to know of their files, and nothing more. */
export interface GuestImage {
  /** For messages: where it came from. */
  readonly name: string;
  readonly xlen: 32 | 64;
  readonly entry: number;
  /** What is loaded, by ascending guest address, without overlaps. `memorySize` ≥ `bytes.length`; the rest is zero. */
  readonly segments: readonly {
    readonly address: number;
    readonly bytes: Uint8Array;
    readonly memorySize: number;
  }[];
  /** Where among the segments the initial file system of an operating system is: `/chosen` names it. */
  readonly initrd?: { readonly address: number; readonly size: number };
  /** Its objects by name, as far as the file names them. */
  readonly symbols?: {
    find(name: string): { readonly address: number; readonly size: number } | undefined;
  };
  /** The signed file that it was read from, as it came; `segments` may be empty when nobody could start it. */
  readonly signed?: Uint8Array;
  /** Where the stage begins that `entry`, a firmware, is to start; a dynamic firmware is told so in a2. */
  readonly nextStage?: number;
}
