/* A virtio network card, polled or woken by its interrupt. */
#ifndef TESTVISOR_NET_H
#define TESTVISOR_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testvisor/virtio_device.h"

enum { TV_MAC_SIZE = 6, TV_ETHERNET_HEADER = 14, TV_LARGEST_FRAME = 1518 };
/** Frames that may wait to be received, and to be sent. */
enum { TV_NET_RING = 8 };

/** A frame without preamble and check sequence (IEEE 802.3, clause 3). */
typedef struct tv_frame {
    uint8_t to[TV_MAC_SIZE], from[TV_MAC_SIZE];
    /** The EtherType, high byte first. */
    uint8_t type[2];
    uint8_t payload[TV_LARGEST_FRAME - TV_ETHERNET_HEADER];
} tv_frame;

typedef struct tv_net_packet {
    struct tv_net_header header;
    tv_frame frame;
} tv_net_packet;

typedef struct tv_net_queue {
    struct tv_virtqueue_descriptor descriptors[TV_NET_RING] __attribute__((aligned(16)));
    volatile struct { uint16_t flags, index, heads[TV_NET_RING], used_event; } available __attribute__((aligned(2)));
    volatile struct {
        uint16_t flags, index;
        struct tv_virtqueue_used chains[TV_NET_RING];
        uint16_t available_event;
    } used __attribute__((aligned(4)));
    /** Chains of the used ring that have been looked at, and those handed over so far. */
    uint16_t seen, offered;
    tv_net_packet packets[TV_NET_RING];
} tv_net_queue;

/** A card in use. It must stay where it is: the device writes into it. */
typedef struct tv_nic {
    uint8_t mac[TV_MAC_SIZE];
    tv_virtio_device device;
    tv_net_queue received, sent;
} tv_nic;

/**
 * Takes the VM's network card of this number, in the order of the system's declaration, into use. False when there is
 * none, or it refuses.
 */
bool tv_net_open(tv_nic *nic, unsigned number);

/** Copies the oldest frame that has come, as far as it fits; returns its size, or 0 when none has. Never waits. */
size_t tv_net_receive(tv_nic *nic, void *frame, size_t capacity);

/** Hands a frame over to be sent; false when too many are not sent yet, or it is too large. Never waits. */
bool tv_net_send(tv_nic *nic, const void *frame, size_t size);

/**
 * Sleeps until a frame has come, or another enabled interrupt is pending. Interrupts are off while it sleeps and when it
 * returns: what wakes it reaches no handler.
 */
void tv_net_wait(tv_nic *nic);

/** Lets the card interrupt the calling hart when a frame comes, or keeps it from that (as after tv_net_open). */
void tv_net_interrupts(tv_nic *nic, bool on);

/** For a handler of external interrupts: deals with the claimed `line` if it is the card's. */
bool tv_net_interrupted(tv_nic *nic, unsigned line);

/** The frame's EtherType. */
static inline unsigned tv_frame_type(const tv_frame *frame) { return (unsigned)frame->type[0] << 8 | frame->type[1]; }

/** Fills in a frame's header. */
void tv_frame_address(tv_frame *frame, const uint8_t *to, const uint8_t *from, unsigned type);

/** The address that everybody listens to. */
extern const uint8_t tv_broadcast[TV_MAC_SIZE];

#endif /* TESTVISOR_NET_H */
