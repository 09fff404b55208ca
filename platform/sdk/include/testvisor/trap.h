/* Traps, interrupts and the timer, the same under both profiles. */
#ifndef TESTVISOR_TRAP_H
#define TESTVISOR_TRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testvisor/interrupts.h"
#include "testvisor/profile.h"

/** What was interrupted. The handler may change it: where pc points is where the guest continues. */
typedef struct tv_trap_frame {
    /** x1 to x31 at their own index; x[0] is unused. */
    unsigned long x[32];
    unsigned long pc;
    /** mcause or scause. */
    unsigned long cause;
    /** mtval or stval. */
    unsigned long value;
} tv_trap_frame;

/** Handles a trap, with interrupts off and on a stack of its own; it must not trap itself. */
typedef void tv_trap_handler(tv_trap_frame *frame);

/**
 * Sends all traps to `handler`. Without one the trap vector stays 0, and the hypervisor reports a trap as the
 * guest's crash, with its exact pc.
 */
void tv_trap_install(tv_trap_handler *handler);
/** The same for a hart other than 0, which needs a stack of its own for traps; the handler is common to all harts. */
void tv_trap_install_on(tv_trap_handler *handler, void *stack, size_t stack_size);

/** Whether a cause is that of an interrupt, and its code. */
static inline bool tv_trap_is_interrupt(const tv_trap_frame *frame) { return (long)frame->cause < 0; }
static inline unsigned long tv_trap_code(const tv_trap_frame *frame) {
    return frame->cause & ~(1UL << (__riscv_xlen - 1));
}

/** Bytes of the instruction at pc that has trapped: 2 or 4. */
unsigned tv_trap_instruction_size(const tv_trap_frame *frame);

/** The profile's own interrupts: the timer's, those of harts, those of devices. */
#ifdef TESTVISOR_MACHINE_PROFILE
#define TV_TIMER_INTERRUPT TV_INTERRUPT_MACHINE_TIMER
#define TV_SOFTWARE_INTERRUPT TV_INTERRUPT_MACHINE_SOFTWARE
#define TV_EXTERNAL_INTERRUPT TV_INTERRUPT_MACHINE_EXTERNAL
#else
#define TV_TIMER_INTERRUPT TV_INTERRUPT_SUPERVISOR_TIMER
#define TV_SOFTWARE_INTERRUPT TV_INTERRUPT_SUPERVISOR_SOFTWARE
#define TV_EXTERNAL_INTERRUPT TV_INTERRUPT_SUPERVISOR_EXTERNAL
#endif

/** Lets one interrupt through, or keeps it back; `interrupt` is one of TV_INTERRUPT_…. */
void tv_interrupt_enable(unsigned interrupt);
void tv_interrupt_disable(unsigned interrupt);

/** Lets enabled interrupts come, or keeps all back. */
void tv_interrupts_on(void);
void tv_interrupts_off(void);

/** Whether enabled interrupts come. */
bool tv_interrupts_are_on(void);

/** Waits until an enabled interrupt is pending. */
static inline void tv_wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

/** Ticks of the 10 MHz timebase since the machine started. */
uint64_t tv_ticks(void);

/** Raises the timer interrupt when tv_ticks() reaches `deadline`, and clears a pending one; UINT64_MAX is never. */
void tv_timer_set(uint64_t deadline);

#endif /* TESTVISOR_TRAP_H */
