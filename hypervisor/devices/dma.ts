/**
 * A VM's private RAM as its devices reach it. Whatever address a guest hands to a device is looked at here before
 * anything is touched, and the VM is told of every write. Addresses are guest-physical; shared regions are the
 * channels' and out of a device's reach.
 */
export interface Dma {
  /** Bytes of RAM. */
  readonly size: number;
  /** Whether these bytes all lie in RAM; any number may come. The other calls must stay within. */
  reaches(address: number, size: number): boolean;
  /** Little-endian and unsigned, as are the stores; no alignment needed. */
  load16(address: number): number;
  load32(address: number): number;
  store16(address: number, value: number): void;
  store32(address: number, value: number): void;
  /** Copies RAM into `target`, as much as it holds. */
  read(address: number, target: Uint8Array): void;
  write(address: number, bytes: Uint8Array): void;
}
