/* A virtio network card. The steps of a driver: Virtual I/O Device version 1.2, sections 3.1.1, 2.7.13 and 5.1. */
#include "testvisor/net.h"

#include "testvisor/devices.h"
#include "testvisor/interrupts.h"
#include "testvisor/memory.h"
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

static unsigned long at(const tv_nic *nic, unsigned long reg) { return reg + nic->slot * TV_VIRTIO_SLOT_SIZE; }
static uint32_t get(const tv_nic *nic, unsigned long reg) { return tv_read32(at(nic, reg)); }
static void put(const tv_nic *nic, unsigned long reg, uint32_t value) { tv_write32(at(nic, reg), value); }
static void fence(void) { __asm__ volatile("fence" ::: "memory"); }
static unsigned line_of(const tv_nic *nic) { return TV_IRQ_VIRTIO + nic->slot; }

static void put_address(tv_nic *nic, unsigned long low, unsigned long high, const volatile void *address) {
    put(nic, low, (uint32_t)(uintptr_t)address);
    put(nic, high, (uint32_t)((uint64_t)(uintptr_t)address >> 32));
}

static void start_queue(tv_nic *nic, tv_net_queue *queue, unsigned number) {
    /* The packets are written before they are read. */
    memset(queue, 0, offsetof(tv_net_queue, packets));
    queue->available.flags = TV_NO_INTERRUPT;
    put(nic, TV_VIRTIO_MMIO_QUEUE_SELECT, number);
    put(nic, TV_VIRTIO_MMIO_QUEUE_SIZE, TV_NET_RING);
    put_address(nic, TV_VIRTIO_MMIO_QUEUE_DESCRIPTORS_LOW, TV_VIRTIO_MMIO_QUEUE_DESCRIPTORS_HIGH, queue->descriptors);
    put_address(nic, TV_VIRTIO_MMIO_QUEUE_DRIVER_LOW, TV_VIRTIO_MMIO_QUEUE_DRIVER_HIGH, &queue->available);
    put_address(nic, TV_VIRTIO_MMIO_QUEUE_DEVICE_LOW, TV_VIRTIO_MMIO_QUEUE_DEVICE_HIGH, &queue->used);
    put(nic, TV_VIRTIO_MMIO_QUEUE_READY, 1);
}

/* Hands the packet of a ring's place over to the device. */
static void offer(tv_nic *nic, tv_net_queue *queue, unsigned head, size_t size, uint16_t flags) {
    queue->descriptors[head] = (struct tv_virtqueue_descriptor){
        .address = (uintptr_t)&queue->packets[head],
        .length = (uint32_t)size,
        .flags = flags,
    };
    queue->available.heads[queue->available.index % TV_NET_RING] = (uint16_t)head;
    fence();
    queue->available.index++;
    fence();
    put(nic, TV_VIRTIO_MMIO_QUEUE_NOTIFY, queue == &nic->received ? TV_NET_QUEUE_RECEIVE : TV_NET_QUEUE_TRANSMIT);
}

static void offer_room(tv_nic *nic, unsigned head) {
    offer(nic, &nic->received, head, sizeof(tv_net_packet), TV_DESCRIPTOR_WRITE);
}

static bool find_slot(tv_nic *nic, unsigned number) {
    for (nic->slot = 0; nic->slot < TV_VIRTIO_SLOTS; nic->slot++)
        if (get(nic, TV_VIRTIO_MMIO_DEVICE_NUMBER) == TV_VIRTIO_DEVICE_NET && number-- == 0) return true;
    return false;
}

static void take_features(tv_nic *nic, unsigned word, uint32_t features) {
    put(nic, TV_VIRTIO_MMIO_DRIVER_FEATURES_SELECT, word);
    put(nic, TV_VIRTIO_MMIO_DRIVER_FEATURES, features);
}

bool tv_net_open(tv_nic *nic, unsigned number) {
    if (!find_slot(nic, number)) return false;
    uint32_t status = TV_VIRTIO_MMIO_STATUS_ACKNOWLEDGE | TV_VIRTIO_MMIO_STATUS_DRIVER;
    put(nic, TV_VIRTIO_MMIO_STATUS, 0);
    put(nic, TV_VIRTIO_MMIO_STATUS, status);
    take_features(nic, 0, 1U << TV_NET_FEATURE_MAC);
    take_features(nic, TV_VIRTIO_FEATURE_VERSION1 / 32, 1U << TV_VIRTIO_FEATURE_VERSION1 % 32);
    put(nic, TV_VIRTIO_MMIO_STATUS, status |= TV_VIRTIO_MMIO_STATUS_FEATURES_OK);
    if (!(get(nic, TV_VIRTIO_MMIO_STATUS) & TV_VIRTIO_MMIO_STATUS_FEATURES_OK)) return false;
    for (unsigned byte = 0; byte < TV_MAC_SIZE; byte++)
        nic->mac[byte] = tv_read8(at(nic, TV_VIRTIO_MMIO_CONFIGURATION) + byte);
    start_queue(nic, &nic->received, TV_NET_QUEUE_RECEIVE);
    start_queue(nic, &nic->sent, TV_NET_QUEUE_TRANSMIT);
    put(nic, TV_VIRTIO_MMIO_STATUS, status | TV_VIRTIO_MMIO_STATUS_DRIVER_OK);
    for (unsigned head = 0; head < TV_NET_RING; head++) offer_room(nic, head);
    return true;
}

static bool has_frame(const tv_nic *nic) { return nic->received.used.index != nic->received.seen; }

size_t tv_net_receive(tv_nic *nic, void *frame, size_t capacity) {
    tv_net_queue *queue = &nic->received;
    if (!has_frame(nic)) return 0;
    fence();
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
    fence();
    if (on) {
        tv_plic_enable(line_of(nic));
        tv_interrupt_enable(TV_EXTERNAL_INTERRUPT);
    } else {
        tv_plic_disable(line_of(nic));
    }
}

static void acknowledge(const tv_nic *nic) {
    put(nic, TV_VIRTIO_MMIO_INTERRUPT_ACKNOWLEDGE, get(nic, TV_VIRTIO_MMIO_INTERRUPT_STATUS));
}

bool tv_net_interrupted(tv_nic *nic, unsigned line) {
    if (line != line_of(nic)) return false;
    acknowledge(nic);
    return true;
}

void tv_net_wait(tv_nic *nic) {
    tv_interrupts_off();
    tv_net_interrupts(nic, true);
    /* What came before the interrupt was on has not interrupted; and a pending interrupt ends the wait even while it is kept back. */
    if (!has_frame(nic)) tv_wait_for_interrupt();
    const unsigned line = tv_plic_claim();
    if (line == 0) return;
    if (line == line_of(nic)) acknowledge(nic);
    tv_plic_complete(line);
}
