/* The steps of a driver: Virtual I/O Device version 1.2, section 3.1.1. */
#include "testvisor/virtio_device.h"

static void put_address(const tv_virtio_device *device, unsigned long low, unsigned long high, const volatile void *address) {
    tv_virtio_put(device, low, (uint32_t)(uintptr_t)address);
    tv_virtio_put(device, high, (uint32_t)((uint64_t)(uintptr_t)address >> 32));
}

static bool find(tv_virtio_device *device, uint32_t kind, unsigned number) {
    for (device->slot = 0; device->slot < TV_VIRTIO_SLOTS; device->slot++)
        if (tv_virtio_get(device, TV_VIRTIO_MMIO_DEVICE_NUMBER) == kind && number-- == 0) return true;
    return false;
}

static void take_features(const tv_virtio_device *device, unsigned word, uint32_t features) {
    tv_virtio_put(device, TV_VIRTIO_MMIO_DRIVER_FEATURES_SELECT, word);
    tv_virtio_put(device, TV_VIRTIO_MMIO_DRIVER_FEATURES, features);
}

bool tv_virtio_begin(tv_virtio_device *device, uint32_t kind, unsigned number, uint32_t features) {
    if (!find(device, kind, number)) return false;
    const uint32_t status = TV_VIRTIO_MMIO_STATUS_ACKNOWLEDGE | TV_VIRTIO_MMIO_STATUS_DRIVER;
    tv_virtio_put(device, TV_VIRTIO_MMIO_STATUS, 0);
    tv_virtio_put(device, TV_VIRTIO_MMIO_STATUS, status);
    take_features(device, 0, features);
    take_features(device, TV_VIRTIO_FEATURE_VERSION1 / 32, 1U << TV_VIRTIO_FEATURE_VERSION1 % 32);
    tv_virtio_put(device, TV_VIRTIO_MMIO_STATUS, status | TV_VIRTIO_MMIO_STATUS_FEATURES_OK);
    return (tv_virtio_get(device, TV_VIRTIO_MMIO_STATUS) & TV_VIRTIO_MMIO_STATUS_FEATURES_OK) != 0;
}

void tv_virtio_place(const tv_virtio_device *device, unsigned queue, unsigned size, const void *descriptors,
                     const volatile void *available, const volatile void *used) {
    tv_virtio_put(device, TV_VIRTIO_MMIO_QUEUE_SELECT, queue);
    tv_virtio_put(device, TV_VIRTIO_MMIO_QUEUE_SIZE, size);
    put_address(device, TV_VIRTIO_MMIO_QUEUE_DESCRIPTORS_LOW, TV_VIRTIO_MMIO_QUEUE_DESCRIPTORS_HIGH, descriptors);
    put_address(device, TV_VIRTIO_MMIO_QUEUE_DRIVER_LOW, TV_VIRTIO_MMIO_QUEUE_DRIVER_HIGH, available);
    put_address(device, TV_VIRTIO_MMIO_QUEUE_DEVICE_LOW, TV_VIRTIO_MMIO_QUEUE_DEVICE_HIGH, used);
    tv_virtio_put(device, TV_VIRTIO_MMIO_QUEUE_READY, 1);
}

void tv_virtio_ready(const tv_virtio_device *device) {
    tv_virtio_put(device, TV_VIRTIO_MMIO_STATUS,
                  tv_virtio_get(device, TV_VIRTIO_MMIO_STATUS) | TV_VIRTIO_MMIO_STATUS_DRIVER_OK);
}

bool tv_virtio_interrupted(tv_virtio_device *device, unsigned line) {
    if (line != tv_virtio_line(device)) return false;
    tv_virtio_put(device, TV_VIRTIO_MMIO_INTERRUPT_ACKNOWLEDGE, tv_virtio_get(device, TV_VIRTIO_MMIO_INTERRUPT_STATUS));
    device->interrupts++;
    return true;
}
