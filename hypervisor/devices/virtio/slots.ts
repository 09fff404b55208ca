/** The virtio slots of the board, empty ones too (registers: platform/devices/virtio-mmio.ts). */
import {
  VIRTIO_MMIO,
  VIRTIO_MMIO_VALUES,
  VIRTIO_SLOT_SIZE,
  VIRTIO_SLOTS,
} from '../../../platform/devices/virtio-mmio';
import { VIRTIO_DEVICES } from '../../../platform/virtio/transport';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';
import type { Dma } from '../dma';
import { MmioSlot, type MmioSlotState } from './mmio-slot';
import type { MakeVirtioDevice } from './virtio-device';

const { magic, version, deviceNumber, vendor, configuration } = VIRTIO_MMIO.registers;

export interface VirtioSlotsOptions {
  readonly context: DeviceContext;
  readonly dma: Dma;
  /** What sits in slot 0, 1 and so on; at most as many as there are slots. */
  readonly devices: readonly MakeVirtioDevice[];
  /** A slot's line into the interrupt controller. */
  readonly setInterrupt: (slot: number, level: boolean) => void;
  /** A device has stopped because its driver broke the rules. */
  readonly onViolation: (device: string, violation: string) => void;
}

export class VirtioSlots implements Device<readonly MmioSlotState[]> {
  readonly name = VIRTIO_MMIO.name;
  /** The occupied slots, in order from slot 0. */
  readonly occupied: readonly MmioSlot[];

  constructor({ context, dma, devices, setInterrupt, onViolation }: VirtioSlotsOptions) {
    this.occupied = devices.map(
      (make, slot) =>
        new MmioSlot({
          context,
          dma,
          make,
          setInterrupt: (level) => setInterrupt(slot, level),
          onViolation: (device, violation) => onViolation(`virtio ${device} in slot ${slot}`, violation),
        }),
    );
  }

  load(offset: number, size: AccessSize): number {
    const number = Math.floor(offset / VIRTIO_SLOT_SIZE);
    const slot = this.occupied[number];
    const register = offset % VIRTIO_SLOT_SIZE;
    if (slot !== undefined) return slot.load(register, size);
    return number < VIRTIO_SLOTS && isWordRegister(register, size) ? loadEmpty(register) : ACCESS_FAULT;
  }

  store(offset: number, size: AccessSize, value: number): boolean {
    const number = Math.floor(offset / VIRTIO_SLOT_SIZE);
    const slot = this.occupied[number];
    const register = offset % VIRTIO_SLOT_SIZE;
    if (slot !== undefined) return slot.store(register, size, value);
    return number < VIRTIO_SLOTS && isWordRegister(register, size);
  }

  nextEventAt(): number {
    let earliest = Infinity;
    for (const slot of this.occupied) earliest = Math.min(earliest, slot.nextEventAt());
    return earliest;
  }

  advance(now: number): void {
    for (const slot of this.occupied) slot.advance(now);
  }

  reset(): void {
    for (const slot of this.occupied) slot.reset();
  }

  save(): readonly MmioSlotState[] {
    return this.occupied.map((slot) => slot.save());
  }

  /** Slots of which there is no state are as after a reset. */
  restore(state: readonly MmioSlotState[]): void {
    this.occupied.forEach((slot, number) => {
      const saved = state[number];
      if (saved === undefined) slot.reset();
      else slot.restore(saved);
    });
  }
}

const isWordRegister = (register: number, size: AccessSize): boolean =>
  size === 4 && register <= configuration.offset;

/** As QEMU's: drivers look at the device number and go on. */
function loadEmpty(register: number): number {
  switch (register) {
    case magic.offset:
      return VIRTIO_MMIO_VALUES.magic;
    case version.offset:
      return VIRTIO_MMIO_VALUES.version;
    case vendor.offset:
      return VIRTIO_MMIO_VALUES.vendor;
    case deviceNumber.offset:
      return VIRTIO_DEVICES.none;
    default:
      return 0;
  }
}
