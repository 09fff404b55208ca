/** Header of what virtio devices share with their drivers: numbers and structures of the standard. */
import { VIRTIO_SLOT_SIZE, VIRTIO_SLOTS } from '../../devices/virtio-mmio';
import { BLOCK_FEATURES, BLOCK_REQUESTS, BLOCK_STATUS, BlockRequest, SECTOR_SIZE } from '../../virtio/block';
import { CONSOLE_QUEUES } from '../../virtio/console';
import { NET_FEATURES, NET_QUEUES, NetHeader } from '../../virtio/net';
import {
  DESCRIPTOR_FLAGS,
  NO_INTERRUPT,
  VIRTIO_DEVICES,
  VIRTIO_FEATURES,
  VirtqueueDescriptor,
  VirtqueueUsed,
} from '../../virtio/transport';
import { cStruct, STRUCT_PRELUDE, type Naming } from './c-struct';
import { comment, defines, header, hex, numberDefinitions, snakeCase } from './c-text';

const NAMES: Naming = { struct: (name) => `struct tv${snakeCase(name)}`, field: snakeCase };

export function virtioHeader(): string {
  const table = (doc: string, prefix: string, numbers: Readonly<Record<string, number>>): string =>
    `${comment(doc)}\n${defines(numberDefinitions(prefix, numbers))}`;
  return header(
    'TESTVISOR_VIRTIO_H',
    'What virtio devices share with their drivers (Virtual I/O Device version 1.2).',
    [
      '#include "testvisor/devices.h"',
      STRUCT_PRELUDE,
      `${comment('Slot n is at the registers of testvisor/devices.h plus n times the size of a slot, and interrupts by line TV_IRQ_VIRTIO + n.')}\n${defines(
        [
          { name: 'TV_VIRTIO_SLOTS', value: String(VIRTIO_SLOTS) },
          { name: 'TV_VIRTIO_SLOT_SIZE', value: hex(VIRTIO_SLOT_SIZE) },
        ],
      )}`,
      table('Kinds of devices.', 'TV_VIRTIO_DEVICE', VIRTIO_DEVICES),
      table('Features of all devices, as bit numbers.', 'TV_VIRTIO_FEATURE', VIRTIO_FEATURES),
      table('Flags of a descriptor.', 'TV_DESCRIPTOR', DESCRIPTOR_FLAGS),
      `${comment('Flag of the available ring: no interrupts.')}\n${defines([{ name: 'TV_NO_INTERRUPT', value: String(NO_INTERRUPT) }])}`,
      table('Features of disks, as bit numbers.', 'TV_BLOCK_FEATURE', BLOCK_FEATURES),
      table('Requests to disks.', 'TV_BLOCK_REQUEST', BLOCK_REQUESTS),
      table('What became of a request.', 'TV_BLOCK_STATUS', BLOCK_STATUS),
      `${comment('Bytes of a sector.')}\n${defines([{ name: 'TV_SECTOR_SIZE', value: String(SECTOR_SIZE) }])}`,
      table('Queues of a console.', 'TV_CONSOLE_QUEUE', CONSOLE_QUEUES),
      table('Features of network cards, as bit numbers.', 'TV_NET_FEATURE', NET_FEATURES),
      table('Queues of a network card.', 'TV_NET_QUEUE', NET_QUEUES),
      ...[VirtqueueDescriptor, VirtqueueUsed, BlockRequest, NetHeader].map((layout) =>
        cStruct(layout, NAMES),
      ),
    ],
  );
}
