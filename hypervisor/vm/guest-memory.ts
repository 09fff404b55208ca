/**
 * Guest memory of one VM as the hypervisor and the test see it: private RAM and the shared regions that the VM has
 * an end of. Addresses are guest-physical; any number may come.
 */
import type { SharedRegion } from '../devices/bus';
import type { CallerMemory } from '../hypercalls';
import type { VmMemory } from '../memory/vm-memory';

export class GuestMemory implements CallerMemory {
  readonly #ram: VmMemory;
  readonly #bytes: Uint8Array;
  readonly #shared: readonly SharedRegion[];
  /** Nobody can have written to RAM yet, so it is all zero, and its pages cost the host nothing. */
  #isPristine = true;

  constructor(ram: VmMemory, shared: readonly SharedRegion[]) {
    this.#ram = ram;
    this.#bytes = ram.machine.bytes;
    this.#shared = shared;
  }

  isRam(address: number, size: number): boolean {
    const { ramBase, ramSize } = this.#ram;
    return address >= ramBase && size >= 0 && address + size <= ramBase + ramSize;
  }

  isReadable(address: number, size: number): boolean {
    return this.isRam(address, size) || this.#region(address, size) !== undefined;
  }

  isWritable(address: number, size: number): boolean {
    return this.isRam(address, size) || this.#region(address, size)?.writable === true;
  }

  read(address: number, size: number): Uint8Array {
    this.#ram.observer?.accessed(address, size, false);
    const linear = this.#linear(address, size);
    return this.#bytes.slice(linear, linear + size);
  }

  write(address: number, bytes: Uint8Array): void {
    this.#isPristine = false;
    this.#ram.observer?.accessed(address, bytes.length, true);
    this.#bytes.set(bytes, this.#linear(address, bytes.length));
    this.#ram.codeChanged(address, bytes.length);
  }

  /** RAM was written to by others: a guest, or the memory of another machine. */
  touched(): void {
    this.#isPristine = false;
  }

  /** Sets all of RAM to zero, for a guest to start in. */
  clear(): void {
    if (this.#isPristine) return;
    const { ramBase, ramSize, ramLinear, observer } = this.#ram;
    observer?.accessed(ramBase, ramSize, true);
    this.#bytes.fill(0, ramLinear, ramLinear + ramSize);
    this.#ram.codeChanged(ramBase, ramSize);
  }

  /** Sets RAM from an offset on to zero. */
  clearFrom(offset: number): void {
    const { ramBase, ramSize, ramLinear, observer } = this.#ram;
    observer?.accessed(ramBase + offset, ramSize - offset, true);
    this.#bytes.fill(0, ramLinear + offset, ramLinear + ramSize);
    this.#ram.codeChanged(ramBase + offset, ramSize - offset);
  }

  /** All of RAM, a copy. */
  saveRam(): Uint8Array {
    return this.read(this.#ram.ramBase, this.#ram.ramSize);
  }

  /** All of RAM as it is; only to be read. */
  viewRam(): Uint8Array {
    const { ramLinear, ramSize } = this.#ram;
    return this.#bytes.subarray(ramLinear, ramLinear + ramSize);
  }

  restoreRam(bytes: Uint8Array): void {
    this.write(this.#ram.ramBase, bytes);
  }

  /** Where in the machine's memory an address of a shared region is; undefined for any other. */
  sharedAt(address: number): number | undefined {
    const region = this.#region(address, 1);
    return region === undefined ? undefined : address - region.address + region.linear;
  }

  /** The shared regions that the VM has an end of. */
  get shared(): readonly SharedRegion[] {
    return this.#shared;
  }

  #region(address: number, size: number): SharedRegion | undefined {
    return this.#shared.find(
      (region) => address >= region.address && size >= 0 && address + size <= region.address + region.size,
    );
  }

  #linear(address: number, size: number): number {
    const { ramBase, ramLinear } = this.#ram;
    if (this.isRam(address, size)) return address - ramBase + ramLinear;
    const region = this.#region(address, size);
    if (region === undefined) {
      throw new RangeError(
        `0x${address.toString(16)} (${size} bytes) is neither in the VM's RAM nor in a shared region of it`,
      );
    }
    return address - region.address + region.linear;
  }
}
