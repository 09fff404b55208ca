/** Everything that a VM can have a fault in by a guest-physical address: RAM, shared regions, the boot ROM, the flash. */
import { isInFlash, MEMORY_MAP } from '../../platform/memory-map';
import type { Vm } from '../vm/vm';

const { bootRom: ROM, flash: FLASH } = MEMORY_MAP;

/** Throws a `RangeError` for what is none of these. */
export function readPhysical(vm: Vm, address: number, size: number): Uint8Array {
  if (isInRom(address, size)) return vm.board.bootRom.read(address - ROM.base, size);
  if (isInFlash(address, size)) return vm.board.flash.contents.read(address - FLASH.base, size);
  return vm.memory.read(address, size);
}

export function writePhysical(vm: Vm, address: number, bytes: Uint8Array): void {
  if (isInRom(address, bytes.length)) vm.board.bootRom.alter(address - ROM.base, bytes);
  else if (isInFlash(address, bytes.length)) vm.board.flash.contents.write(address - FLASH.base, bytes);
  else vm.memory.write(address, bytes);
}

/** Bit 8 and above are those of the bytes that follow. */
export function flipBits(vm: Vm, address: number, bits: readonly number[]): void {
  for (const bit of bits) {
    const at = address + (bit >>> 3);
    const [byte] = readPhysical(vm, at, 1);
    writePhysical(vm, at, Uint8Array.of(byte! ^ (1 << (bit & 7))));
  }
}

const isInRom = (address: number, size: number): boolean =>
  address >= ROM.base && address + size <= ROM.base + ROM.size;
