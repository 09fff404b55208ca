/*
 * Start-up of a guest, for both profiles and both XLENs. The hypervisor enters _start with the hart's number
 * in a0 and the devicetree's address in a1, as an SBI or a boot ROM would. Nothing is done to the trap
 * vector: it is 0, so that a trap without a handler is reported with its exact pc. Under the machine profile all
 * harts come here: others than hart 0 wait until they are started.
 */
#include "float.h"

    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
#ifdef TESTVISOR_MACHINE_PROFILE
    bnez    a0, tv_hart_wait
#endif
    mv      tp, a0
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    la      sp, __stack_top
    float_on

    /* .bss is whole words (the linker script aligns its ends); .noinit lies behind it and is left alone. */
    la      t0, __bss_start
    la      t1, __bss_end
1:  bgeu    t0, t1, 2f
    sw      zero, 0(t0)
    addi    t0, t0, 4
    j       1b

2:  call    main
    tail    tv_exit
    .size _start, . - _start
