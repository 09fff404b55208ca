/** The boot ROM (layout: platform/devices/boot-rom.ts): bytes that can be read. */
import { BOOT_ROM } from '../../../platform/devices/boot-rom';
import type { AccessSize, Device } from '../device';

export class BootRom implements Device<null> {
  readonly name = BOOT_ROM.name;
  #bytes: Uint8Array;

  /** @param bytes what it holds; zero after them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The VM is to boot another image. */
  replace(bytes: Uint8Array): void {
    this.#bytes = bytes;
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

  save(): null {
    return null;
  }

  restore(): void {}
}
