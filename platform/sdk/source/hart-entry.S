/*
 * Where harts other than 0 begin, with their number in a0. Under the machine profile all harts enter _start:
 * there they wait for the software interrupt by which tv_hart_start calls them. It stays pending until the hart
 * has its stack; interrupts are off, so that it only ends the wait.
 */
#include "float.h"
#include "testvisor/interrupts.h"

#if __riscv_xlen == 64
#define LOAD ld
#define ENTRY_SHIFT 4
#else
#define LOAD lw
#define ENTRY_SHIFT 3
#endif

#ifdef TESTVISOR_MACHINE_PROFILE
    .section .text.tv_hart_wait, "ax", @progbits
    .globl tv_hart_wait
    .type tv_hart_wait, @function
tv_hart_wait:
    li      t0, 1 << TV_INTERRUPT_MACHINE_SOFTWARE
    csrw    mie, t0
1:  wfi
    csrr    t1, mip
    and     t1, t1, t0
    beqz    t1, 1b
    csrw    mie, zero
    .size tv_hart_wait, . - tv_hart_wait
#else
    .section .text.tv_hart_entry, "ax", @progbits
#endif

    .globl tv_hart_entry
    .type tv_hart_entry, @function
tv_hart_entry:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    mv      tp, a0
    la      t0, tv_hart_entries
    slli    t1, a0, ENTRY_SHIFT
    add     t0, t0, t1
    LOAD    sp, 0(t0)
    float_on
    call    tv_hart_begin
#ifdef TESTVISOR_MACHINE_PROFILE
    mv      a0, tp
    j       tv_hart_wait
#endif
    .size tv_hart_entry, . - tv_hart_entry
