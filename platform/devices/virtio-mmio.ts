import { VIRTIO_INTERRUPTS, VIRTIO_STATUS } from '../virtio/transport';
import type { DeviceLayout } from './register';

/** Slots of the board; slot n is a page at n pages into the region. */
export const VIRTIO_SLOTS = 8;
/** Bytes from one slot to the next. */
export const VIRTIO_SLOT_SIZE = 0x1000;

/** What the first two registers read as; the maker's number is that of QEMU's, which drivers have come to test. */
export const VIRTIO_MMIO_VALUES = { magic: 0x7472_6976, version: 2, vendor: 0x554d_4551 } as const;

/** One slot of virtio over MMIO, version 2 (Virtual I/O Device version 1.2, section 4.2.2). */
export const VIRTIO_MMIO = {
  name: 'virtio-mmio',
  doc: 'One slot: the transport of a virtio device. In an empty slot the device number is 0, and so are all registers after it.',
  size: VIRTIO_SLOT_SIZE,
  registers: {
    magic: { offset: 0x000, size: 4, access: 'read', doc: 'The letters “virt”.' },
    version: { offset: 0x004, size: 4, access: 'read', doc: '2.' },
    deviceNumber: { offset: 0x008, size: 4, access: 'read', doc: 'The kind of device; 0 in an empty slot.' },
    vendor: { offset: 0x00c, size: 4, access: 'read', doc: 'The maker’s number.' },
    deviceFeatures: {
      offset: 0x010,
      size: 4,
      access: 'read',
      doc: 'The 32 feature bits of the device that the next register selects.',
    },
    deviceFeaturesSelect: {
      offset: 0x014,
      size: 4,
      access: 'write',
      doc: '0: bits 0 to 31. 1: bits 32 to 63.',
    },
    driverFeatures: {
      offset: 0x020,
      size: 4,
      access: 'write',
      doc: 'The 32 feature bits that the driver takes, as the next register selects.',
    },
    driverFeaturesSelect: {
      offset: 0x024,
      size: 4,
      access: 'write',
      doc: '0: bits 0 to 31. 1: bits 32 to 63.',
    },
    queueSelect: {
      offset: 0x030,
      size: 4,
      access: 'write',
      doc: 'The queue that the registers up to queueDeviceHigh are of.',
    },
    queueSizeMax: {
      offset: 0x034,
      size: 4,
      access: 'read',
      doc: 'Entries it may have; 0 when there is no such queue.',
    },
    queueSize: { offset: 0x038, size: 4, access: 'write', doc: 'Entries it has: a power of two.' },
    queueReady: {
      offset: 0x044,
      size: 4,
      access: 'read-write',
      doc: '1 while the device may use the queue.',
    },
    queueNotify: { offset: 0x050, size: 4, access: 'write', doc: 'The number of a queue with new buffers.' },
    interruptStatus: {
      offset: 0x060,
      size: 4,
      access: 'read',
      doc: 'Why the interrupt line is up.',
      bits: VIRTIO_INTERRUPTS,
    },
    interruptAcknowledge: {
      offset: 0x064,
      size: 4,
      access: 'write',
      doc: 'Clears these bits of interruptStatus.',
    },
    status: {
      offset: 0x070,
      size: 4,
      access: 'read-write',
      doc: 'How far driver and device have come; a store of 0 resets the device.',
      bits: VIRTIO_STATUS,
    },
    queueDescriptorsLow: { offset: 0x080, size: 4, access: 'write', doc: 'Address of the descriptor table.' },
    queueDescriptorsHigh: { offset: 0x084, size: 4, access: 'write', doc: 'Its high half.' },
    queueDriverLow: { offset: 0x090, size: 4, access: 'write', doc: 'Address of the available ring.' },
    queueDriverHigh: { offset: 0x094, size: 4, access: 'write', doc: 'Its high half.' },
    queueDeviceLow: { offset: 0x0a0, size: 4, access: 'write', doc: 'Address of the used ring.' },
    queueDeviceHigh: { offset: 0x0a4, size: 4, access: 'write', doc: 'Its high half.' },
    sharedMemorySelect: {
      offset: 0x0ac,
      size: 4,
      access: 'write',
      doc: 'Shared memory regions; there are none.',
    },
    sharedMemoryLengthLow: { offset: 0x0b0, size: 4, access: 'read', doc: 'All ones: no such region.' },
    sharedMemoryLengthHigh: { offset: 0x0b4, size: 4, access: 'read', doc: 'All ones: no such region.' },
    sharedMemoryBaseLow: { offset: 0x0b8, size: 4, access: 'read', doc: 'All ones: no such region.' },
    sharedMemoryBaseHigh: { offset: 0x0bc, size: 4, access: 'read', doc: 'All ones: no such region.' },
    configurationGeneration: {
      offset: 0x0fc,
      size: 4,
      access: 'read',
      doc: 'Changes whenever the configuration space does.',
    },
    configuration: {
      offset: 0x100,
      size: 4,
      access: 'read-write',
      doc: 'The configuration space, as long as the kind of device makes it; accesses of any width.',
    },
  },
} as const satisfies DeviceLayout;
