/* Requests and their answers: Virtual I/O Device version 1.2, sections 2.7.13 and 2.7.14. */
#include "testvisor/virtio_requests.h"

#include "testvisor/plic.h"
#include "testvisor/trap.h"

bool tv_virtio_open(tv_virtio_requests *requests, uint32_t kind, unsigned number) {
    tv_virtio_device *device = &requests->device;
    memset(requests, 0, sizeof *requests);
    if (!tv_virtio_begin(device, kind, number, 0)) return false;
    tv_virtio_place(device, 0, TV_REQUEST_PARTS, requests->descriptors, &requests->available, &requests->used);
    tv_virtio_ready(device);
    tv_plic_enable(tv_virtio_line(device));
    tv_interrupt_enable(TV_EXTERNAL_INTERRUPT);
    return true;
}

static void await_interrupt(tv_virtio_device *device) {
    /* A pending interrupt ends the wait even while it is kept back. */
    tv_wait_for_interrupt();
    const unsigned line = tv_plic_claim();
    if (line == 0) return;
    tv_virtio_interrupted(device, line);
    tv_plic_complete(line);
}

uint32_t tv_virtio_request(tv_virtio_requests *requests, const tv_virtio_part *parts, unsigned count) {
    const bool were_on = tv_interrupts_are_on();
    for (unsigned part = 0; part < count; part++) {
        requests->descriptors[part] = (struct tv_virtqueue_descriptor){
            .address = (uintptr_t)parts[part].bytes,
            .length = parts[part].size,
            .flags = (parts[part].device_writes ? TV_DESCRIPTOR_WRITE : 0) | (part + 1 < count ? TV_DESCRIPTOR_NEXT : 0),
            .next = (uint16_t)(part + 1),
        };
    }
    const uint16_t before = requests->used.index;
    requests->available.heads[requests->available.index % TV_REQUEST_PARTS] = 0;
    tv_virtio_fence();
    requests->available.index++;
    tv_virtio_fence();
    tv_interrupts_off();
    tv_virtio_put(&requests->device, TV_VIRTIO_MMIO_QUEUE_NOTIFY, 0);
    /* Once at least, so that the interrupt for it is dealt with and wakes nobody later. */
    do await_interrupt(&requests->device);
    while (requests->used.index == before);
    if (were_on) tv_interrupts_on();
    tv_virtio_fence();
    return requests->used.chains[before % TV_REQUEST_PARTS].written;
}
