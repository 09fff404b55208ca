/** What all virtio devices have in common (Virtual I/O Device version 1.2, sections 2, 5 and 6). */
import { struct, u16, u32, u64 } from '../message';

/** Device numbers (section 5). `none` is an empty slot. */
export const VIRTIO_DEVICES = { none: 0, net: 1, block: 2, console: 3, entropy: 4 } as const;

/** Bits of the device status (section 2.1). */
export const VIRTIO_STATUS = {
  acknowledge: 1,
  driver: 2,
  driverOk: 4,
  featuresOk: 8,
  needsReset: 64,
  failed: 128,
} as const;

/** Feature bits that do not depend on the kind of device, as bit numbers (section 6). */
export const VIRTIO_FEATURES = { indirectDescriptors: 28, eventIndex: 29, version1: 32 } as const;

/** One buffer of a chain (section 2.7.5). */
export const VirtqueueDescriptor = struct('VirtqueueDescriptor', {
  address: u64,
  length: u32,
  flags: u16,
  next: u16,
});

/** An entry of the used ring (section 2.7.8). */
export const VirtqueueUsed = struct('VirtqueueUsed', {
  /** The chain's first descriptor. */
  head: u32,
  /** Bytes that the device wrote into it. */
  written: u32,
});

/** Flags of a descriptor (section 2.7.5). */
export const DESCRIPTOR_FLAGS = { next: 1, write: 2, indirect: 4 } as const;

/** Flag in the available ring: the driver wants no interrupts (section 2.7.6). */
export const NO_INTERRUPT = 1;

/** Bits of the interrupt status (section 4.2.2). */
export const VIRTIO_INTERRUPTS = { usedBuffer: 1, configuration: 2 } as const;

/** Entries that a queue may have at most: those of QEMU's. A power of two. */
export const LARGEST_QUEUE = 1024;
