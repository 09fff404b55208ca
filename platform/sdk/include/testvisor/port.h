/* A guest's ports by the names of their channels, and what is mostly done with them. */
#ifndef TESTVISOR_PORT_H
#define TESTVISOR_PORT_H

#include <stdbool.h>

#include "testvisor/hypercalls.h"
#include "testvisor/memory.h"

/** The code of the application error of a guest that has no end of a channel it cannot work without; its payload is the name. */
enum { TV_NO_CHANNEL = 1 };

/** The VM's port on a channel it cannot work without: an application error where it has none. */
static inline uint32_t tv_port_on(const char *channel) {
    const tv_result found = tv_channel_lookup(channel);
    if (found.error != TV_ERROR_SUCCESS) tv_health_raise(TV_NO_CHANNEL, channel, __builtin_strlen(channel));
    return (uint32_t)found.value;
}

/** Takes the value of a sampling port; false when there is none of this size, or it is too old. */
static inline bool tv_sample(uint32_t port, void *message, size_t size) {
    struct tv_sample_status status;
    const tv_result result = tv_channel_sampling_read(port, message, size, &status);
    return result.error == TV_ERROR_SUCCESS && result.value == size && status.valid;
}

#endif /* TESTVISOR_PORT_H */
