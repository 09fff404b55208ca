/**
 * The guest-physical memory map: that of QEMU's `virt` board (hw/riscv/virt.c), plus the paravirtual
 * window and the shared window. Regions are data; overlapping regions cannot be imported.
 */

/**
 * `present` regions answer; `reserved` ones keep the address of a device free that the platform does not
 * have yet: an access to one is an access fault, as anywhere else outside of the map.
 */
export interface Region {
  readonly base: number;
  readonly size: number;
  readonly status: 'present' | 'reserved';
  readonly doc: string;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const PAGE = 4 * KIB;

/** The unit of RAM sizes, shared regions and memory protection, in bytes. */
export const PAGE_SIZE = PAGE;
/** The most private RAM one VM may have, in bytes. */
export const MAX_RAM = 768 * MIB;
/** The most RAM that all VMs of one machine and its shared regions may have together, in bytes. */
export const MAX_MACHINE_RAM = 800 * MIB;

export const MEMORY_MAP = {
  bootRom: { base: 0x0000_1000, size: 60 * KIB, status: 'present', doc: 'Boot ROM with the reset vector.' },
  testFinisher: { base: 0x0010_0000, size: PAGE, status: 'present', doc: 'Power off, fail, reboot.' },
  realTimeClock: { base: 0x0010_1000, size: PAGE, status: 'present', doc: 'Goldfish RTC.' },
  clint: {
    base: 0x0200_0000,
    size: 64 * KIB,
    status: 'present',
    doc: 'Software and timer interrupts, mtime at 10 MHz.',
  },
  hypercallDoorbell: {
    base: 0x0400_0000,
    size: PAGE,
    status: 'present',
    doc: 'A store here is a hypercall.',
  },
  watchdog: { base: 0x0400_1000, size: PAGE, status: 'present', doc: 'Crashes the VM unless it is fed.' },
  paravirtual: {
    base: 0x0400_2000,
    size: MIB - 2 * PAGE,
    status: 'reserved',
    doc: 'A page for each further paravirtual device.',
  },
  plic: {
    base: 0x0c00_0000,
    size: 6 * MIB,
    status: 'present',
    doc: 'Platform-level interrupt controller.',
  },
  uart: { base: 0x1000_0000, size: 256, status: 'present', doc: '16550A UART: the VM’s console.' },
  virtio: {
    base: 0x1000_1000,
    size: 8 * PAGE,
    status: 'present',
    doc: 'virtio-mmio slots 0 to 7, a page each.',
  },
  flash: { base: 0x2000_0000, size: 64 * MIB, status: 'present', doc: 'NOR flash (CFI).' },
  shared: {
    base: 0x6000_0000,
    size: 512 * MIB,
    status: 'present',
    doc: 'Shared regions, each at its channel’s address.',
  },
  ram: {
    base: 0x8000_0000,
    size: MAX_RAM,
    status: 'present',
    doc: 'Private RAM; a VM has as much as its system declares.',
  },
} as const satisfies Record<string, Region>;
export type RegionName = keyof typeof MEMORY_MAP;

/** Throws when two regions overlap, or one is empty or reaches beyond the 32-bit address space. */
export function requireDisjoint(map: Readonly<Record<string, Region>>): void {
  const regions = Object.entries(map).sort(([, a], [, b]) => a.base - b.base);
  let [below, end] = ['', 0];
  for (const [name, { base, size }] of regions) {
    const range = `${name} (0x${base.toString(16)}, ${size} bytes)`;
    if (size <= 0 || base + size > 2 ** 32)
      throw new Error(`Memory map: ${range} does not fit 32-bit addresses.`);
    if (base < end) throw new Error(`Memory map: ${range} overlaps ${below}.`);
    [below, end] = [name, base + size];
  }
}
requireDisjoint(MEMORY_MAP);

/** Whether bytes from a guest address on all lie in flash. */
export const isInFlash = (address: number, size: number): boolean =>
  address >= MEMORY_MAP.flash.base && address + size <= MEMORY_MAP.flash.base + MEMORY_MAP.flash.size;
