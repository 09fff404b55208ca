import type { DeviceLayout } from './register';

/**
 * NOR flash with the Common Flash Interface (JESD68.01) and Intel's command set, as on QEMU's `virt`: two banks, each
 * of two 16-bit chips side by side on a 32-bit bus. As there both chips of a bank do the same at any time, so that
 * drivers that take them for one 16-bit part work as well.
 */
export const CFI_FLASH = {
  name: 'cfi-flash',
  doc: 'NOR flash: two banks of 32 MiB, in blocks of 256 KiB. A load reads the array, unless a command has made the bank show something else; a store is a command, by its low byte, or its data.',
  size: 0x400_0000,
  registers: {
    array: {
      offset: 0,
      size: 4,
      access: 'read-write',
      doc: 'The first word of bank 0; commands take any address of the block they are about.',
    },
  },
} as const satisfies DeviceLayout;

/** Bytes of a bank. */
export const FLASH_BANK_SIZE = 0x200_0000;
export const FLASH_BANKS = 2;
/** Chips side by side in a bank, and the bytes of the bus that each has. */
export const FLASH_CHIPS = 2;
export const FLASH_CHIP_WIDTH = 2;
/** Bytes of a bank that are erased at once. */
export const FLASH_BLOCK_SIZE = 0x4_0000;
/** Bytes that a chip programs at once. */
export const FLASH_BUFFER_SIZE = 0x800;

/** What the identity shows: a 28F128J3 of Intel's. */
export const FLASH_IDENTITY = { manufacturer: 0x89, device: 0x18 } as const;

/** Commands of Intel's extended command set, by the low byte of what is stored. */
export const FLASH_COMMANDS = {
  readArray: 0xff,
  readIdentity: 0x90,
  readQuery: 0x98,
  readStatus: 0x70,
  clearStatus: 0x50,
  program: 0x40,
  programAlternate: 0x10,
  programBuffer: 0xe8,
  erase: 0x20,
  changeLock: 0x60,
  /** Second store of `changeLock`; `confirm` there unlocks. */
  lock: 0x01,
  /** Second store of `erase`, last of `programBuffer`. */
  confirm: 0xd0,
} as const;

/** Bits of the status register. */
export const FLASH_STATUS = {
  locked: 0x02,
  programFailed: 0x10,
  eraseFailed: 0x20,
  ready: 0x80,
} as const;
