/* Several harts in one guest. main runs on hart 0; the others wait until it starts them. */
#ifndef TESTVISOR_HARTS_H
#define TESTVISOR_HARTS_H

#include <stddef.h>

/** The most harts that a VM has. */
enum { TV_MAX_HARTS = 8 };

/** What a started hart runs. When it returns, the hart stops and can be started again. */
typedef void tv_hart_main(unsigned long hart);

/** The number of the hart that asks. Start-up code keeps it in tp. */
static inline unsigned long tv_hart(void) {
    unsigned long hart;
    __asm__("mv %0, tp" : "=r"(hart));
    return hart;
}

/**
 * Starts another hart at `run`, on a stack of its own whose size is a multiple of 16 bytes.
 * Returns 0 or one of TV_ERROR_…. Under the machine profile it waits until a hart that is still running has returned.
 */
long tv_hart_start(unsigned long hart, tv_hart_main *run, void *stack, size_t stack_size);

/** Where started harts begin, in assembly: also a place for a suspended hart to begin again. */
void tv_hart_entry(void);

/** Raises the profile's software interrupt (TV_SOFTWARE_INTERRUPT) of a hart, and calls off the own one. */
void tv_hart_interrupt(unsigned long hart);
void tv_hart_interrupt_clear(void);

/** Whether the own software interrupt is pending. */
int tv_hart_interrupt_pending(void);

/** A lock between harts that is waited for by trying again and again. Initially zero. */
typedef struct tv_spin_lock {
    int held;
} tv_spin_lock;

static inline void tv_spin_lock_take(tv_spin_lock *lock) {
    while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE) != 0) {
    }
}
static inline void tv_spin_lock_release(tv_spin_lock *lock) { __atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE); }

#endif /* TESTVISOR_HARTS_H */
