/* A virtio device behind one queue that answers requests, one at a time: a disk (testvisor/disk.h), a source of entropy. */
#ifndef TESTVISOR_VIRTIO_REQUESTS_H
#define TESTVISOR_VIRTIO_REQUESTS_H

#include "testvisor/virtio_device.h"

/** The parts that a request may have. */
enum { TV_REQUEST_PARTS = 4 };

/** A device in use. It must stay where it is: the device writes into it. */
typedef struct tv_virtio_requests {
    tv_virtio_device device;
    struct tv_virtqueue_descriptor descriptors[TV_REQUEST_PARTS] __attribute__((aligned(16)));
    volatile struct { uint16_t flags, index, heads[TV_REQUEST_PARTS], used_event; } available __attribute__((aligned(2)));
    volatile struct {
        uint16_t flags, index;
        struct tv_virtqueue_used chains[TV_REQUEST_PARTS];
        uint16_t available_event;
    } used __attribute__((aligned(4)));
} tv_virtio_requests;

/** Bytes for the device to read, or room for it to write. */
typedef struct tv_virtio_part {
    void *bytes;
    uint32_t size;
    bool device_writes;
} tv_virtio_part;

/** Takes a device into use (tv_virtio_begin), and lets it interrupt the calling hart. False when there is none, or it refuses. */
bool tv_virtio_open(tv_virtio_requests *requests, uint32_t kind, unsigned number);

/**
 * Hands a request over and sleeps until the device has interrupted for it: interrupts are off meanwhile, and what wakes it
 * reaches no handler. Returns the bytes that the device wrote.
 */
uint32_t tv_virtio_request(tv_virtio_requests *requests, const tv_virtio_part *parts, unsigned count);

#endif /* TESTVISOR_VIRTIO_REQUESTS_H */
