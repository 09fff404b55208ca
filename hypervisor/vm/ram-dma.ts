/** The one way of a VM's devices into its RAM. A wall: every access is checked against the RAM's range. */
import { HypervisorBug } from '../bug';
import type { Dma } from '../devices/dma';
import type { VmMemory } from '../memory/vm-memory';

export class RamDma implements Dma {
  readonly #ram: VmMemory;
  readonly #bytes: Uint8Array;

  constructor(ram: VmMemory) {
    this.#ram = ram;
    this.#bytes = ram.machine.bytes;
  }

  get size(): number {
    return this.#ram.ramSize;
  }

  reaches(address: number, size: number): boolean {
    const { ramBase, ramSize } = this.#ram;
    return address >= ramBase && size >= 0 && address + size <= ramBase + ramSize;
  }

  load16(address: number): number {
    const at = this.#linear(address, 2, false);
    return this.#bytes[at]! | (this.#bytes[at + 1]! << 8);
  }

  load32(address: number): number {
    const at = this.#linear(address, 4, false);
    const bytes = this.#bytes;
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  store16(address: number, value: number): void {
    const at = this.#linear(address, 2, true);
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
    this.#ram.codeChanged(address, 2);
  }

  store32(address: number, value: number): void {
    const at = this.#linear(address, 4, true);
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
    this.#bytes[at + 2] = value >>> 16;
    this.#bytes[at + 3] = value >>> 24;
    this.#ram.codeChanged(address, 4);
  }

  read(address: number, target: Uint8Array): void {
    const at = this.#linear(address, target.length, false);
    target.set(this.#bytes.subarray(at, at + target.length));
  }

  write(address: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#linear(address, bytes.length, true));
    this.#ram.codeChanged(address, bytes.length);
  }

  #linear(address: number, size: number, writes: boolean): number {
    if (!this.reaches(address, size))
      throw new HypervisorBug(
        `a device reached for 0x${address.toString(16)} (${size} bytes), outside of RAM`,
      );
    this.#ram.observer?.accessed(address, size, writes);
    return address - this.#ram.ramBase + this.#ram.ramLinear;
  }
}
