/* What the drivers of virtio devices have in common: finding a device, agreeing with it, placing its queues, its interrupt. */
#ifndef TESTVISOR_VIRTIO_DEVICE_H
#define TESTVISOR_VIRTIO_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "testvisor/devices.h"
#include "testvisor/interrupts.h"
#include "testvisor/memory.h"
#include "testvisor/virtio.h"

typedef struct tv_virtio_device {
    /** Its line into the PLIC is TV_IRQ_VIRTIO away from it. */
    unsigned slot;
    /** How often it has interrupted. */
    volatile unsigned interrupts;
} tv_virtio_device;

static inline unsigned long tv_virtio_address(const tv_virtio_device *device, unsigned long reg) {
    return reg + device->slot * TV_VIRTIO_SLOT_SIZE;
}
static inline uint32_t tv_virtio_get(const tv_virtio_device *device, unsigned long reg) {
    return tv_read32(tv_virtio_address(device, reg));
}
static inline void tv_virtio_put(const tv_virtio_device *device, unsigned long reg, uint32_t value) {
    tv_write32(tv_virtio_address(device, reg), value);
}
static inline unsigned tv_virtio_line(const tv_virtio_device *device) { return TV_IRQ_VIRTIO + device->slot; }
static inline void tv_virtio_fence(void) { __asm__ volatile("fence" ::: "memory"); }

/**
 * Finds the VM's device of a kind (TV_VIRTIO_DEVICE_…) and number, in the order of the system's declaration, and agrees with
 * it on `features`, a mask of the lowest 32, and on TV_VIRTIO_FEATURE_VERSION1. False when there is none, or it refuses.
 * Its queues are placed next, before it is ready.
 */
bool tv_virtio_begin(tv_virtio_device *device, uint32_t kind, unsigned number, uint32_t features);
void tv_virtio_place(const tv_virtio_device *device, unsigned queue, unsigned size, const void *descriptors,
                     const volatile void *available, const volatile void *used);
void tv_virtio_ready(const tv_virtio_device *device);

/** For a handler of external interrupts, or who waits for one: deals with the claimed `line` if it is the device's. */
bool tv_virtio_interrupted(tv_virtio_device *device, unsigned line);

#endif /* TESTVISOR_VIRTIO_DEVICE_H */
