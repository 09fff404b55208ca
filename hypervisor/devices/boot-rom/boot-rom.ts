/** The boot ROM (layout: platform/devices/boot-rom.ts): bytes that can be read. */
import { BOOT_ROM } from '../../../platform/devices/boot-rom';
import type { AccessSize, Device } from '../device';

/** What it holds, where that is not what it was made with. */
export type BootRomState = Uint8Array | null;

export class BootRom implements Device<BootRomState> {
  readonly name = BOOT_ROM.name;
  #bytes: Uint8Array;
  #isAltered = false;

  /** @param bytes what it holds; zero after them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The VM is to boot another image. */
  replace(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#isAltered = false;
  }

  /** A copy of bytes, all within it. */
  read(offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(offset, offset + size));
    return bytes;
  }

  /** Sets bytes, as only a fault can. */
  alter(offset: number, bytes: Uint8Array): void {
    const altered = new Uint8Array(Math.max(this.#bytes.length, offset + bytes.length));
    altered.set(this.#bytes);
    altered.set(bytes, offset);
    this.#bytes = altered;
    this.#isAltered = true;
  }

  load(offset: number, size: AccessSize): number {
    let value = 0;
    for (let byte = size - 1; byte >= 0; byte--) value = value * 256 + (this.#bytes[offset + byte] ?? 0);
    return value;
  }

  store(): boolean {
    return false;
  }

  nextEventAt(): number {
    return Infinity;
  }

  advance(): void {}

  reset(): void {}

  save(): BootRomState {
    return this.#isAltered ? this.#bytes.slice() : null;
  }

  restore(state: BootRomState): void {
    if (state === null) return;
    this.#bytes = state.slice();
    this.#isAltered = true;
  }
}
