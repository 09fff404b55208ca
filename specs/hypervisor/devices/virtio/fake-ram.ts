/** RAM as devices reach it, with nothing around it. Every write is noted, as the VM would be told of it. */
import { MEMORY_MAP } from '../../../../platform/memory-map';
import type { Dma } from '../../../../hypervisor/devices/dma';

const BASE = MEMORY_MAP.ram.base;

export class FakeRam implements Dma {
  readonly base = BASE;
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(size = 0x4_0000) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  get size(): number {
    return this.bytes.length;
  }

  reaches(address: number, size: number): boolean {
    return address >= BASE && size >= 0 && address + size <= BASE + this.size;
  }

  load16(address: number): number {
    return this.#view.getUint16(address - BASE, true);
  }

  load32(address: number): number {
    return this.#view.getUint32(address - BASE, true);
  }

  store16(address: number, value: number): void {
    this.#view.setUint16(address - BASE, value, true);
  }

  store32(address: number, value: number): void {
    this.#view.setUint32(address - BASE, value, true);
  }

  read(address: number, target: Uint8Array): void {
    target.set(this.#within(address, target.length));
  }

  write(address: number, bytes: Uint8Array): void {
    this.#within(address, bytes.length).set(bytes);
  }

  save(): Uint8Array {
    return this.bytes.slice();
  }

  restore(bytes: Uint8Array): void {
    this.bytes.set(bytes);
  }

  #within(address: number, size: number): Uint8Array {
    if (!this.reaches(address, size)) throw new RangeError(`${address} (${size} bytes) is outside of RAM`);
    return this.bytes.subarray(address - BASE, address - BASE + size);
  }
}
