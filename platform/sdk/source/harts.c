/* Several harts in one guest. */
#include "testvisor/harts.h"

#include "testvisor/hypercalls.h"
#include "testvisor/memory.h"
#include "testvisor/trap.h"

/* What a hart finds when it begins (hart-entry.S): the top of its stack, and what it runs. */
struct {
    void *stack_top;
    tv_hart_main *run;
} tv_hart_entries[TV_MAX_HARTS];

#define READ_CSR(name, value) __asm__ volatile("csrr %0, " TV_CSR(name) : "=r"(value)::"memory")

long tv_hart_start(unsigned long hart, tv_hart_main *run, void *stack, size_t stack_size) {
    if (hart >= TV_MAX_HARTS) return TV_ERROR_INVALID_PARAMETER;
    tv_hart_entries[hart].stack_top = (char *)stack + stack_size;
    tv_hart_entries[hart].run = run;
    __atomic_thread_fence(__ATOMIC_RELEASE);
#ifdef TESTVISOR_MACHINE_PROFILE
    tv_hart_interrupt(hart);
    /* Until the hart has taken it, another interrupt would be lost in this one. */
    while (tv_read32(TV_CLINT_MSIP + hart * TV_CLINT_MSIP_STRIDE) != 0) {
    }
    return TV_ERROR_SUCCESS;
#else
    return tv_hsm_hart_start(hart, (unsigned long)tv_hart_entry, 0).error;
#endif
}

/* The first C code of a started hart. Returns only under the machine profile, where the hart then waits. */
void tv_hart_begin(unsigned long hart) {
#ifdef TESTVISOR_MACHINE_PROFILE
    tv_hart_interrupt_clear();
    tv_hart_entries[hart].run(hart);
#else
    tv_hart_entries[hart].run(hart);
    tv_hsm_hart_stop();
#endif
}

void tv_hart_interrupt(unsigned long hart) {
#ifdef TESTVISOR_MACHINE_PROFILE
    tv_write32(TV_CLINT_MSIP + hart * TV_CLINT_MSIP_STRIDE, TV_CLINT_MSIP_PENDING);
#else
    tv_ipi_send_ipi(1, hart);
#endif
}

void tv_hart_interrupt_clear(void) {
#ifdef TESTVISOR_MACHINE_PROFILE
    tv_write32(TV_CLINT_MSIP + tv_hart() * TV_CLINT_MSIP_STRIDE, 0);
#else
    __asm__ volatile("csrc sip, %0" ::"r"(1UL << TV_SOFTWARE_INTERRUPT) : "memory");
#endif
}

int tv_hart_interrupt_pending(void) {
    unsigned long pending;
    READ_CSR("ip", pending);
    return (pending >> TV_SOFTWARE_INTERRUPT) & 1;
}
