/* Everything of the guest SDK. */
#ifndef TESTVISOR_TESTVISOR_H
#define TESTVISOR_TESTVISOR_H

#include "testvisor/console.h"
#include "testvisor/devices.h"
#include "testvisor/disk.h"
#include "testvisor/harts.h"
#include "testvisor/hypercalls.h"
#include "testvisor/interrupts.h"
#include "testvisor/memory.h"
#include "testvisor/memory_map.h"
#include "testvisor/net.h"
#include "testvisor/plic.h"
#include "testvisor/port.h"
#include "testvisor/trap.h"
#include "testvisor/virtio_requests.h"

/** The guest's program. Its result ends the VM: 0 is success, anything else a failure with that code. */
int main(unsigned long hart, const void *devicetree);

#endif /* TESTVISOR_TESTVISOR_H */
