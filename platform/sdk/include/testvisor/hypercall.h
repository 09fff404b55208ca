/* One hypercall by numbers; testvisor/hypercalls.h has a typed function for each. A firmware with its own
 * start-up code needs nothing of the SDK but these headers. */
#ifndef TESTVISOR_HYPERCALL_H
#define TESTVISOR_HYPERCALL_H

#include <stddef.h>
#include <stdint.h>

#include "testvisor/devices.h"
#include "testvisor/profile.h"

/** What a hypercall answers: error is 0 or one of TV_ERROR_…, and then value has no meaning. */
typedef struct tv_result {
    long error;
    unsigned long value;
} tv_result;

/**
 * Makes a hypercall (RISC-V SBI 2.0, section 3): from S-mode by ecall; under the machine profile, whose
 * ecall is the firmware's own, by a store to the doorbell with the same registers.
 */
static inline tv_result tv_hypercall(unsigned long extension, unsigned long function, unsigned long arg0,
                                     unsigned long arg1, unsigned long arg2, unsigned long arg3,
                                     unsigned long arg4, unsigned long arg5) {
    register unsigned long a0 __asm__("a0") = arg0;
    register unsigned long a1 __asm__("a1") = arg1;
    register unsigned long a2 __asm__("a2") = arg2;
    register unsigned long a3 __asm__("a3") = arg3;
    register unsigned long a4 __asm__("a4") = arg4;
    register unsigned long a5 __asm__("a5") = arg5;
    register unsigned long a6 __asm__("a6") = function;
    register unsigned long a7 __asm__("a7") = extension;
#ifdef TESTVISOR_MACHINE_PROFILE
    __asm__ volatile("sw zero, 0(%[doorbell])"
                     : "+r"(a0), "+r"(a1)
                     : [doorbell] "r"(TV_HYPERCALL_DOORBELL_RING), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6),
                       "r"(a7)
                     : "memory");
#else
    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1)
                     : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7)
                     : "memory");
#endif
    return (tv_result){(long)a0, a1};
}

#endif /* TESTVISOR_HYPERCALL_H */
