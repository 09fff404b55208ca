/* Traps, interrupts and the timer. */
#include "testvisor/trap.h"

#include "testvisor/harts.h"
#include "testvisor/hypercalls.h"
#include "testvisor/memory.h"

extern void tv_trap_entry(void);
tv_trap_handler *tv_trap_current_handler;

enum { TRAP_STACK_SIZE = 2048, GLOBAL_INTERRUPT_ENABLE_MACHINE = 1 << 3, GLOBAL_INTERRUPT_ENABLE_SUPERVISOR = 1 << 1 };
static unsigned char trap_stack[TRAP_STACK_SIZE] __attribute__((aligned(16)));

#ifdef TESTVISOR_MACHINE_PROFILE
#define GLOBAL_INTERRUPT_ENABLE GLOBAL_INTERRUPT_ENABLE_MACHINE
#else
#define GLOBAL_INTERRUPT_ENABLE GLOBAL_INTERRUPT_ENABLE_SUPERVISOR
#endif

#define WRITE_CSR(name, value) __asm__ volatile("csrw " TV_CSR(name) ", %0" ::"r"(value) : "memory")
#define SET_CSR_BITS(name, bits) __asm__ volatile("csrs " TV_CSR(name) ", %0" ::"r"(bits) : "memory")
#define CLEAR_CSR_BITS(name, bits) __asm__ volatile("csrc " TV_CSR(name) ", %0" ::"r"(bits) : "memory")

void tv_trap_install(tv_trap_handler *handler) {
    tv_trap_install_on(handler, trap_stack, TRAP_STACK_SIZE);
}

void tv_trap_install_on(tv_trap_handler *handler, void *stack, size_t stack_size) {
    tv_trap_current_handler = handler;
    WRITE_CSR("scratch", (char *)stack + stack_size);
    WRITE_CSR("tvec", &tv_trap_entry);
}

unsigned tv_trap_instruction_size(const tv_trap_frame *frame) {
    /* The two lowest bits of an instruction of 32 bits are ones (ISA manual volume I, instruction length encoding). */
    return (*(const volatile uint16_t *)frame->pc & 3) == 3 ? 4 : 2;
}

void tv_interrupt_enable(unsigned interrupt) { SET_CSR_BITS("ie", 1UL << interrupt); }
void tv_interrupt_disable(unsigned interrupt) { CLEAR_CSR_BITS("ie", 1UL << interrupt); }
void tv_interrupts_on(void) { SET_CSR_BITS("status", GLOBAL_INTERRUPT_ENABLE); }
bool tv_interrupts_are_on(void) {
    unsigned long status;
    __asm__ volatile("csrr %0, " TV_CSR("status") : "=r"(status));
    return (status & GLOBAL_INTERRUPT_ENABLE) != 0;
}
void tv_interrupts_off(void) { CLEAR_CSR_BITS("status", GLOBAL_INTERRUPT_ENABLE); }

uint64_t tv_ticks(void) {
#if __riscv_xlen == 64
    uint64_t ticks;
    __asm__ volatile("rdtime %0" : "=r"(ticks));
    return ticks;
#else
    /* The high half is read on both sides of the low one, in case it changes between. */
    uint32_t low, high, again;
    do {
        __asm__ volatile("rdtimeh %0\n\trdtime %1\n\trdtimeh %2" : "=&r"(high), "=&r"(low), "=&r"(again));
    } while (high != again);
    return (uint64_t)high << 32 | low;
#endif
}

void tv_timer_set(uint64_t deadline) {
#ifdef TESTVISOR_MACHINE_PROFILE
    /* First no deadline at all, so that no half-written one is ever due. */
    unsigned long mtimecmp = TV_CLINT_MTIMECMP + tv_hart() * TV_CLINT_MTIMECMP_STRIDE;
    tv_write32(mtimecmp + 4, UINT32_MAX);
    tv_write32(mtimecmp, (uint32_t)deadline);
    tv_write32(mtimecmp + 4, (uint32_t)(deadline >> 32));
#else
    tv_time_set_timer(deadline);
#endif
}
