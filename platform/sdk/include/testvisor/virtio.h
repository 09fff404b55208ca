/* What virtio devices share with their drivers (Virtual I/O Device version 1.2).
 * Generated from the platform's tables by `npm run sdk`: change those, not this file. */

#ifndef TESTVISOR_VIRTIO_H
#define TESTVISOR_VIRTIO_H

#include "testvisor/devices.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef TV_STATIC_ASSERT
#ifdef __cplusplus
#define TV_STATIC_ASSERT static_assert
#else
#define TV_STATIC_ASSERT _Static_assert
#endif
#endif

/**
 * Slot n is at the registers of testvisor/devices.h plus n times the size of a slot, and
 * interrupts by line TV_IRQ_VIRTIO + n.
 */
#define TV_VIRTIO_SLOTS     8
#define TV_VIRTIO_SLOT_SIZE 0x1000UL

/** Kinds of devices. */
#define TV_VIRTIO_DEVICE_NONE    0
#define TV_VIRTIO_DEVICE_NET     1
#define TV_VIRTIO_DEVICE_BLOCK   2
#define TV_VIRTIO_DEVICE_CONSOLE 3
#define TV_VIRTIO_DEVICE_ENTROPY 4

/** Features of all devices, as bit numbers. */
#define TV_VIRTIO_FEATURE_INDIRECT_DESCRIPTORS 28
#define TV_VIRTIO_FEATURE_EVENT_INDEX          29
#define TV_VIRTIO_FEATURE_VERSION1             32

/** Flags of a descriptor. */
#define TV_DESCRIPTOR_NEXT     1
#define TV_DESCRIPTOR_WRITE    2
#define TV_DESCRIPTOR_INDIRECT 4

/** Flag of the available ring: no interrupts. */
#define TV_NO_INTERRUPT 1

/** Features of disks, as bit numbers. */
#define TV_BLOCK_FEATURE_SEGMENT_LIMIT 2
#define TV_BLOCK_FEATURE_READ_ONLY     5
#define TV_BLOCK_FEATURE_BLOCK_SIZE    6
#define TV_BLOCK_FEATURE_FLUSH         9
#define TV_BLOCK_FEATURE_DISCARD       13
#define TV_BLOCK_FEATURE_WRITE_ZEROES  14

/** Requests to disks. */
#define TV_BLOCK_REQUEST_READ         0
#define TV_BLOCK_REQUEST_WRITE        1
#define TV_BLOCK_REQUEST_FLUSH        4
#define TV_BLOCK_REQUEST_GET_ID       8
#define TV_BLOCK_REQUEST_DISCARD      11
#define TV_BLOCK_REQUEST_WRITE_ZEROES 13

/** What became of a request. */
#define TV_BLOCK_STATUS_OK          0
#define TV_BLOCK_STATUS_ERROR       1
#define TV_BLOCK_STATUS_UNSUPPORTED 2

/** Bytes of a sector. */
#define TV_SECTOR_SIZE 512

/** Queues of a console. */
#define TV_CONSOLE_QUEUE_RECEIVE  0
#define TV_CONSOLE_QUEUE_TRANSMIT 1

/** Features of network cards, as bit numbers. */
#define TV_NET_FEATURE_MAC               5
#define TV_NET_FEATURE_MERGEABLE_BUFFERS 15
#define TV_NET_FEATURE_STATUS            16

/** Queues of a network card. */
#define TV_NET_QUEUE_RECEIVE  0
#define TV_NET_QUEUE_TRANSMIT 1

struct tv_virtqueue_descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};
TV_STATIC_ASSERT(sizeof(struct tv_virtqueue_descriptor) == 16, "struct tv_virtqueue_descriptor");
TV_STATIC_ASSERT(offsetof(struct tv_virtqueue_descriptor, address) == 0, "struct tv_virtqueue_descriptor.address");
TV_STATIC_ASSERT(offsetof(struct tv_virtqueue_descriptor, length) == 8, "struct tv_virtqueue_descriptor.length");
TV_STATIC_ASSERT(offsetof(struct tv_virtqueue_descriptor, flags) == 12, "struct tv_virtqueue_descriptor.flags");
TV_STATIC_ASSERT(offsetof(struct tv_virtqueue_descriptor, next) == 14, "struct tv_virtqueue_descriptor.next");

struct tv_virtqueue_used {
    uint32_t head;
    uint32_t written;
};
TV_STATIC_ASSERT(sizeof(struct tv_virtqueue_used) == 8, "struct tv_virtqueue_used");
TV_STATIC_ASSERT(offsetof(struct tv_virtqueue_used, head) == 0, "struct tv_virtqueue_used.head");
TV_STATIC_ASSERT(offsetof(struct tv_virtqueue_used, written) == 4, "struct tv_virtqueue_used.written");

struct tv_block_request {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
};
TV_STATIC_ASSERT(sizeof(struct tv_block_request) == 16, "struct tv_block_request");
TV_STATIC_ASSERT(offsetof(struct tv_block_request, type) == 0, "struct tv_block_request.type");
TV_STATIC_ASSERT(offsetof(struct tv_block_request, reserved) == 4, "struct tv_block_request.reserved");
TV_STATIC_ASSERT(offsetof(struct tv_block_request, sector) == 8, "struct tv_block_request.sector");

struct tv_net_header {
    uint8_t flags;
    uint8_t segmentation;
    uint16_t header_length;
    uint16_t segment_size;
    uint16_t checksum_start;
    uint16_t checksum_offset;
    uint16_t buffers;
};
TV_STATIC_ASSERT(sizeof(struct tv_net_header) == 12, "struct tv_net_header");
TV_STATIC_ASSERT(offsetof(struct tv_net_header, flags) == 0, "struct tv_net_header.flags");
TV_STATIC_ASSERT(offsetof(struct tv_net_header, segmentation) == 1, "struct tv_net_header.segmentation");
TV_STATIC_ASSERT(offsetof(struct tv_net_header, header_length) == 2, "struct tv_net_header.header_length");
TV_STATIC_ASSERT(offsetof(struct tv_net_header, segment_size) == 4, "struct tv_net_header.segment_size");
TV_STATIC_ASSERT(offsetof(struct tv_net_header, checksum_start) == 6, "struct tv_net_header.checksum_start");
TV_STATIC_ASSERT(offsetof(struct tv_net_header, checksum_offset) == 8, "struct tv_net_header.checksum_offset");
TV_STATIC_ASSERT(offsetof(struct tv_net_header, buffers) == 10, "struct tv_net_header.buffers");

#endif /* TESTVISOR_VIRTIO_H */
