/* A virtio network card. The steps of a driver: Virtual I/O Device version 1.2, sections 2.7.13 and 5.1. */
#include "testvisor/net.h"

#include "testvisor/plic.h"
#include "testvisor/trap.h"

const uint8_t tv_broadcast[TV_MAC_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

void tv_frame_address(tv_frame *frame, const uint8_t *to, const uint8_t *from, unsigned type) {
    /* `to` may be the frame's own field of where it came from. */
    memmove(frame->to, to, TV_MAC_SIZE);
    memmove(frame->from, from, TV_MAC_SIZE);
    frame->type[0] = (uint8_t)(type >> 8);
    frame->type[1] = (uint8_t)type;
}

static void start_queue(tv_nic *nic, tv_net_queue *queue, unsigned number) {
    /* The packets are written before they are read. */
    memset(queue, 0, offsetof(tv_net_queue, packets));
    queue->available.flags = TV_NO_INTERRUPT;
    tv_virtio_place(&nic->device, number, TV_NET_RING, queue->descriptors, &queue->available, &queue->used);
}

/* Hands the packet of a ring's place over to the device. */
static void offer(tv_nic *nic, tv_net_queue *queue, unsigned head, size_t size, uint16_t flags) {
    queue->descriptors[head] = (struct tv_virtqueue_descriptor){
        .address = (uintptr_t)&queue->packets[head],
        .length = (uint32_t)size,
        .flags = flags,
    };
    queue->available.heads[queue->available.index % TV_NET_RING] = (uint16_t)head;
    tv_virtio_fence();
    queue->available.index++;
    tv_virtio_fence();
    tv_virtio_put(&nic->device, TV_VIRTIO_MMIO_QUEUE_NOTIFY,
                  queue == &nic->received ? TV_NET_QUEUE_RECEIVE : TV_NET_QUEUE_TRANSMIT);
}

static void offer_room(tv_nic *nic, unsigned head) {
    offer(nic, &nic->received, head, sizeof(tv_net_packet), TV_DESCRIPTOR_WRITE);
}

bool tv_net_open(tv_nic *nic, unsigned number) {
    tv_virtio_device *device = &nic->device;
    if (!tv_virtio_begin(device, TV_VIRTIO_DEVICE_NET, number, 1U << TV_NET_FEATURE_MAC)) return false;
    for (unsigned byte = 0; byte < TV_MAC_SIZE; byte++)
        nic->mac[byte] = tv_read8(tv_virtio_address(device, TV_VIRTIO_MMIO_CONFIGURATION) + byte);
    start_queue(nic, &nic->received, TV_NET_QUEUE_RECEIVE);
    start_queue(nic, &nic->sent, TV_NET_QUEUE_TRANSMIT);
    tv_virtio_ready(device);
    for (unsigned head = 0; head < TV_NET_RING; head++) offer_room(nic, head);
    return true;
}

static bool has_frame(const tv_nic *nic) { return nic->received.used.index != nic->received.seen; }

size_t tv_net_receive(tv_nic *nic, void *frame, size_t capacity) {
    tv_net_queue *queue = &nic->received;
    if (!has_frame(nic)) return 0;
    tv_virtio_fence();
    const unsigned entry = queue->seen++ % TV_NET_RING;
    const unsigned head = queue->used.chains[entry].head % TV_NET_RING;
    const size_t written = queue->used.chains[entry].written;
    size_t size = written > sizeof(struct tv_net_header) ? written - sizeof(struct tv_net_header) : 0;
    if (size > sizeof(tv_frame)) size = sizeof(tv_frame);
    memcpy(frame, &queue->packets[head].frame, size < capacity ? size : capacity);
    offer_room(nic, head);
    return size;
}

bool tv_net_send(tv_nic *nic, const void *frame, size_t size) {
    tv_net_queue *queue = &nic->sent;
    queue->seen = queue->used.index;
    if ((uint16_t)(queue->offered - queue->seen) >= TV_NET_RING || size > sizeof(tv_frame)) return false;
    const unsigned head = queue->offered++ % TV_NET_RING;
    memset(&queue->packets[head].header, 0, sizeof queue->packets[head].header);
    memcpy(&queue->packets[head].frame, frame, size);
    offer(nic, queue, head, sizeof(struct tv_net_header) + size, 0);
    return true;
}

void tv_net_interrupts(tv_nic *nic, bool on) {
    nic->received.available.flags = on ? 0 : TV_NO_INTERRUPT;
    tv_virtio_fence();
    if (on) {
        tv_plic_enable(tv_virtio_line(&nic->device));
        tv_interrupt_enable(TV_EXTERNAL_INTERRUPT);
    } else {
        tv_plic_disable(tv_virtio_line(&nic->device));
    }
}

bool tv_net_interrupted(tv_nic *nic, unsigned line) { return tv_virtio_interrupted(&nic->device, line); }

void tv_net_wait(tv_nic *nic) {
    tv_interrupts_off();
    tv_net_interrupts(nic, true);
    /* What came before the interrupt was on has not interrupted; and a pending interrupt ends the wait even while it is kept back. */
    if (!has_frame(nic)) tv_wait_for_interrupt();
    const unsigned line = tv_plic_claim();
    if (line == 0) return;
    tv_net_interrupted(nic, line);
    tv_plic_complete(line);
}
