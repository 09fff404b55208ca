/*
 * Saves what a trap interrupts, calls the handler on the trap stack, and returns to where the frame says.
 * The profile's scratch CSR holds the trap stack's top, and the interrupted sp while the handler runs.
 */
#include "float.h"

#if __riscv_xlen == 64
#define STORE sd
#define LOAD ld
#define WORD 8
#else
#define STORE sw
#define LOAD lw
#define WORD 4
#endif

#ifdef TESTVISOR_MACHINE_PROFILE
#define CSR_SCRATCH mscratch
#define CSR_EPC mepc
#define CSR_CAUSE mcause
#define CSR_TVAL mtval
#define RETURN mret
#else
#define CSR_SCRATCH sscratch
#define CSR_EPC sepc
#define CSR_CAUSE scause
#define CSR_TVAL stval
#define RETURN sret
#endif

/* struct tv_trap_frame: 32 registers, pc, cause, value; rounded up to the stack's alignment of 16. */
#define FRAME_SIZE (36 * WORD)

    .section .text.tv_trap_entry, "ax", @progbits
    .globl tv_trap_entry
    .type tv_trap_entry, @function
    .balign 4
tv_trap_entry:
    csrrw   sp, CSR_SCRATCH, sp
    addi    sp, sp, -FRAME_SIZE
    .irp    n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    STORE   x\n, (\n * WORD)(sp)
    .endr
    csrr    t0, CSR_SCRATCH
    STORE   t0, (2 * WORD)(sp)
    csrr    t0, CSR_EPC
    STORE   t0, (32 * WORD)(sp)
    csrr    t0, CSR_CAUSE
    STORE   t0, (33 * WORD)(sp)
    csrr    t0, CSR_TVAL
    STORE   t0, (34 * WORD)(sp)

    mv      a0, sp
    float_save
    la      t0, tv_trap_current_handler
    LOAD    t0, 0(t0)
    jalr    t0
    float_restore

    LOAD    t0, (32 * WORD)(sp)
    csrw    CSR_EPC, t0
    addi    t0, sp, FRAME_SIZE
    csrw    CSR_SCRATCH, t0
    .irp    n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    LOAD    x\n, (\n * WORD)(sp)
    .endr
    LOAD    sp, (2 * WORD)(sp)
    RETURN
    .size tv_trap_entry, . - tv_trap_entry
