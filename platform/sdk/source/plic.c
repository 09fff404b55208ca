/* Interrupts of devices. */
#include "testvisor/plic.h"

#include <stdint.h>

#include "testvisor/devices.h"
#include "testvisor/harts.h"
#include "testvisor/memory.h"

/* Each hart has two contexts: its machine mode's, then its supervisor mode's. */
#ifdef TESTVISOR_MACHINE_PROFILE
enum { MODE = 0 };
#else
enum { MODE = 1 };
#endif
enum { ORDINARY_PRIORITY = 1 };

static unsigned long context(void) { return 2 * tv_hart() + MODE; }

/* The register of the context's word of enables that has the line. */
static unsigned long enables(unsigned line) {
    return TV_PLIC_ENABLE + context() * TV_PLIC_ENABLE_STRIDE + line / 32 * sizeof(uint32_t);
}

void tv_plic_enable(unsigned line) {
    tv_write32(TV_PLIC_PRIORITY + line * TV_PLIC_PRIORITY_STRIDE, ORDINARY_PRIORITY);
    tv_write32(TV_PLIC_THRESHOLD + context() * TV_PLIC_THRESHOLD_STRIDE, 0);
    tv_write32(enables(line), tv_read32(enables(line)) | UINT32_C(1) << line % 32);
}

void tv_plic_disable(unsigned line) {
    tv_write32(enables(line), tv_read32(enables(line)) & ~(UINT32_C(1) << line % 32));
}

unsigned tv_plic_claim(void) { return tv_read32(TV_PLIC_CLAIM + context() * TV_PLIC_CLAIM_STRIDE); }
void tv_plic_complete(unsigned line) { tv_write32(TV_PLIC_CLAIM + context() * TV_PLIC_CLAIM_STRIDE, line); }
