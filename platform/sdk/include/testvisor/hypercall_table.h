/* All hypercalls as data.
 * Generated from the platform's tables by `npm run sdk`: change those, not this file. */

#ifndef TESTVISOR_HYPERCALL_TABLE_H
#define TESTVISOR_HYPERCALL_TABLE_H

#include "testvisor/hypercalls.h"

/**
 * X(extension, function, name, kinds, blocks) for each hypercall. Each letter of kinds is an
 * argument: w word, q 64 bits, p port, v VM, i buffer read, o buffer written, b buffer read and
 * written, s structure written.
 */
#define TV_HYPERCALL_TABLE(X) \
    X(TV_EXTENSION_BASE, 0, "base getSpecVersion", "", 0) \
    X(TV_EXTENSION_BASE, 1, "base getImplementationId", "", 0) \
    X(TV_EXTENSION_BASE, 2, "base getImplementationVersion", "", 0) \
    X(TV_EXTENSION_BASE, 3, "base probeExtension", "w", 0) \
    X(TV_EXTENSION_BASE, 4, "base getMachineVendorId", "", 0) \
    X(TV_EXTENSION_BASE, 5, "base getMachineArchitectureId", "", 0) \
    X(TV_EXTENSION_BASE, 6, "base getMachineImplementationId", "", 0) \
    X(TV_EXTENSION_TIME, 0, "time setTimer", "q", 0) \
    X(TV_EXTENSION_IPI, 0, "ipi sendIpi", "ww", 0) \
    X(TV_EXTENSION_RFENCE, 0, "rfence remoteFenceI", "ww", 0) \
    X(TV_EXTENSION_RFENCE, 1, "rfence remoteSfenceVma", "wwww", 0) \
    X(TV_EXTENSION_RFENCE, 2, "rfence remoteSfenceVmaAsid", "wwwww", 0) \
    X(TV_EXTENSION_HSM, 0, "hsm hartStart", "www", 0) \
    X(TV_EXTENSION_HSM, 1, "hsm hartStop", "", 0) \
    X(TV_EXTENSION_HSM, 2, "hsm hartGetStatus", "w", 0) \
    X(TV_EXTENSION_HSM, 3, "hsm hartSuspend", "www", 0) \
    X(TV_EXTENSION_SRST, 0, "srst systemReset", "ww", 0) \
    X(TV_EXTENSION_DBCN, 0, "dbcn consoleWrite", "www", 0) \
    X(TV_EXTENSION_DBCN, 1, "dbcn consoleRead", "www", 0) \
    X(TV_EXTENSION_DBCN, 2, "dbcn consoleWriteByte", "w", 0) \
    X(TV_EXTENSION_PARTITION, 0, "partition status", "s", 0) \
    X(TV_EXTENSION_PARTITION, 1, "partition setMode", "w", 0) \
    X(TV_EXTENSION_PARTITION, 2, "partition idle", "", 1) \
    X(TV_EXTENSION_PARTITION, 3, "partition heartbeat", "q", 0) \
    X(TV_EXTENSION_PARTITION, 4, "partition lookup", "iw", 0) \
    X(TV_EXTENSION_PARTITION, 5, "partition start", "v", 0) \
    X(TV_EXTENSION_PARTITION, 6, "partition stop", "v", 0) \
    X(TV_EXTENSION_PARTITION, 7, "partition suspend", "v", 0) \
    X(TV_EXTENSION_PARTITION, 8, "partition resume", "v", 0) \
    X(TV_EXTENSION_PARTITION, 9, "partition restart", "vw", 0) \
    X(TV_EXTENSION_PARTITION, 10, "partition statusOf", "vs", 0) \
    X(TV_EXTENSION_PARTITION, 11, "partition create", "v", 0) \
    X(TV_EXTENSION_PARTITION, 12, "partition destroy", "v", 0) \
    X(TV_EXTENSION_PARTITION, 13, "partition setRam", "vw", 0) \
    X(TV_EXTENSION_PARTITION, 14, "partition setBudget", "vq", 0) \
    X(TV_EXTENSION_PARTITION, 15, "partition account", "s", 0) \
    X(TV_EXTENSION_PARTITION, 16, "partition accountOf", "vs", 0) \
    X(TV_EXTENSION_CHANNEL, 0, "channel lookup", "iw", 0) \
    X(TV_EXTENSION_CHANNEL, 1, "channel queueSend", "piwq", 1) \
    X(TV_EXTENSION_CHANNEL, 2, "channel queueReceive", "powq", 1) \
    X(TV_EXTENSION_CHANNEL, 3, "channel queueCount", "p", 0) \
    X(TV_EXTENSION_CHANNEL, 4, "channel samplingWrite", "piw", 0) \
    X(TV_EXTENSION_CHANNEL, 5, "channel samplingRead", "pows", 0) \
    X(TV_EXTENSION_CHANNEL, 6, "channel signalPost", "p", 0) \
    X(TV_EXTENSION_CHANNEL, 7, "channel signalWait", "pq", 1) \
    X(TV_EXTENSION_CHANNEL, 8, "channel lock", "pq", 1) \
    X(TV_EXTENSION_CHANNEL, 9, "channel unlock", "p", 0) \
    X(TV_EXTENSION_CHANNEL, 10, "channel region", "ps", 0) \
    X(TV_EXTENSION_CHANNEL, 11, "channel rpcCall", "pbwwq", 1) \
    X(TV_EXTENSION_CHANNEL, 12, "channel rpcReceive", "powsq", 1) \
    X(TV_EXTENSION_CHANNEL, 13, "channel rpcReply", "pwiw", 0) \
    X(TV_EXTENSION_HEALTH, 0, "health raise", "wiw", 0) \
    X(TV_EXTENSION_HEALTH, 1, "health registerHandler", "ww", 0) \
    X(TV_EXTENSION_HEALTH, 2, "health nextEvent", "sq", 1) \
    X(TV_EXTENSION_HEALTH, 3, "health decide", "vww", 0) \
    X(TV_EXTENSION_CLOCK, 0, "clock now", "s", 0) \
    X(TV_EXTENSION_CLOCK, 1, "clock sleepUntil", "q", 1) \
    X(TV_EXTENSION_CLOCK, 2, "clock setPeriod", "qq", 0) \
    X(TV_EXTENSION_CLOCK, 3, "clock waitRelease", "", 1) \
    X(TV_EXTENSION_TRACE, 0, "trace mark", "iww", 0) \
    X(TV_EXTENSION_TRACE, 1, "trace spanBegin", "iw", 0) \
    X(TV_EXTENSION_TRACE, 2, "trace spanEnd", "iw", 0) \
    X(TV_EXTENSION_TRACE, 3, "trace counter", "iww", 0) \
    X(TV_EXTENSION_TRACE, 4, "trace property", "wwiw", 0) \
    X(TV_EXTENSION_UPDATE, 0, "update begin", "vw", 0) \
    X(TV_EXTENSION_UPDATE, 1, "update write", "vwiw", 0) \
    X(TV_EXTENSION_UPDATE, 2, "update activate", "v", 0) \
    X(TV_EXTENSION_UPDATE, 3, "update abort", "v", 0) \
    X(TV_EXTENSION_UPDATE, 4, "update status", "vs", 0) \
    X(TV_EXTENSION_UPDATE, 5, "update awaitEnd", "vq", 1) \
    X(TV_EXTENSION_UPDATE, 6, "update selfTested", "wow", 1) \
    X(TV_EXTENSION_UPDATE, 7, "update offer", "iw", 1) \
    X(TV_EXTENSION_DEBUG, 0, "debug read", "vwow", 0) \
    X(TV_EXTENSION_DEBUG, 1, "debug write", "vwiw", 0) \
    X(TV_EXTENSION_DEBUG, 2, "debug readRegister", "vwws", 0) \
    X(TV_EXTENSION_SCHEDULE, 0, "schedule lookup", "iw", 0) \
    X(TV_EXTENSION_SCHEDULE, 1, "schedule set", "w", 0) \
    X(TV_EXTENSION_SCHEDULE, 2, "schedule status", "s", 0)

#endif /* TESTVISOR_HYPERCALL_TABLE_H */
