/**
 * A VM's bus: which guest-physical addresses outside its RAM belong to which device or shared region.
 * This is a wall: whatever is not in the map, straddles its edges, or goes against a region's direction is an
 * access fault. Hot: every device access and every access to shared memory comes here; no call allocates.
 */
import { HypervisorBug } from '../bug';
import { ACCESS_FAULT, type AccessSize, type Device } from './device';

export interface DeviceRegion {
  readonly address: number;
  readonly size: number;
  readonly device: Device;
}

/** Memory shared between VMs, as one of them sees it. */
export interface SharedRegion {
  /** Guest-physical address. */
  readonly address: number;
  readonly size: number;
  /** Where its first byte is in the machine's memory. */
  readonly linear: number;
  /** Whether this VM may store to it. */
  readonly writable: boolean;
}

type Region = (DeviceRegion & { readonly is: 'device' }) | (SharedRegion & { readonly is: 'shared' });

export class Bus {
  /** By ascending address, not overlapping. */
  readonly #regions: readonly Region[];
  readonly #memory: Uint8Array;
  /** The region last found: accesses come in runs. */
  #last: Region | undefined;

  /**
   * @param memory the machine's memory, which `linear` addresses of shared regions index.
   * @throws HypervisorBug when regions overlap or a shared region lies outside of the memory.
   */
  constructor(memory: Uint8Array, devices: readonly DeviceRegion[], shared: readonly SharedRegion[]) {
    this.#memory = memory;
    this.#regions = [
      ...devices.map((region): Region => ({ ...region, is: 'device' })),
      ...shared.map((region): Region => ({ ...region, is: 'shared' })),
    ].sort((a, b) => a.address - b.address);
    this.#regions.forEach((region, index) => {
      const next = this.#regions[index + 1];
      if (next !== undefined && region.address + region.size > next.address) {
        throw new HypervisorBug(`bus regions at ${hex(region.address)} and ${hex(next.address)} overlap`);
      }
      if (region.is === 'shared' && (region.linear < 0 || region.linear + region.size > memory.length)) {
        throw new HypervisorBug(
          `shared region at ${hex(region.address)} lies outside of the machine's memory`,
        );
      }
    });
  }

  /**
   * Loads `size` little-endian bytes.
   * @returns the unsigned value, or `ACCESS_FAULT`. Devices take aligned accesses only, shared memory any.
   */
  load(address: number, size: AccessSize): number {
    const region = this.#find(address, size);
    if (region === undefined) return ACCESS_FAULT;
    const offset = address - region.address;
    if (region.is === 'device') {
      return offset % size === 0 ? region.device.load(offset, size) : ACCESS_FAULT;
    }
    const memory = this.#memory;
    const at = region.linear + offset;
    if (size === 1) return memory[at]!;
    if (size === 2) return memory[at]! | (memory[at + 1]! << 8);
    return (memory[at]! | (memory[at + 1]! << 8) | (memory[at + 2]! << 16) | (memory[at + 3]! << 24)) >>> 0;
  }

  /** Stores the low `size` bytes of `value`, little-endian. False is an access fault; nothing has changed then. */
  store(address: number, size: AccessSize, value: number): boolean {
    const region = this.#find(address, size);
    if (region === undefined) return false;
    const offset = address - region.address;
    if (region.is === 'device') {
      return offset % size === 0 && region.device.store(offset, size, value);
    }
    if (!region.writable) return false;
    const memory = this.#memory;
    const at = region.linear + offset;
    memory[at] = value;
    if (size === 1) return true;
    memory[at + 1] = value >>> 8;
    if (size === 2) return true;
    memory[at + 2] = value >>> 16;
    memory[at + 3] = value >>> 24;
    return true;
  }

  /** Whether no region holds all of an access. */
  isNowhere(address: number, size: AccessSize): boolean {
    return this.#find(address, size) === undefined;
  }

  /** The region that holds all of the access. */
  #find(address: number, size: number): Region | undefined {
    const last = this.#last;
    if (last !== undefined && address >= last.address && address + size <= last.address + last.size)
      return last;
    const regions = this.#regions;
    let low = 0;
    let high = regions.length;
    // Afterwards `low` regions begin at or below the address.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (regions[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    const region = regions[low - 1];
    if (region === undefined || address + size > region.address + region.size) return undefined;
    this.#last = region;
    return region;
  }
}

const hex = (address: number): string => `0x${address.toString(16)}`;
