/*
 * Floating point for the SDK's assembly. Where code is compiled for f registers (__riscv_flen bits wide), start-up
 * turns them on, and whatever interrupts code saves those that a C function may change.
 */
#ifdef __riscv_flen

#ifdef TESTVISOR_MACHINE_PROFILE
#define CSR_STATUS mstatus
#else
#define CSR_STATUS sstatus
#endif
/* The FS field's lower bit: Initial, if it was Off. */
#define STATUS_FS_INITIAL (1 << 13)

#if __riscv_flen == 64
#define FLOAT_STORE fsd
#define FLOAT_LOAD fld
#else
#define FLOAT_STORE fsw
#define FLOAT_LOAD flw
#endif

/* 20 registers of up to 8 bytes, fcsr behind them; a multiple of the stack's alignment. */
#define FLOAT_FCSR_AT (20 * 8)
#define FLOAT_FRAME_SIZE (FLOAT_FCSR_AT + 16)

/* Rounding to nearest, no flags. Uses t0. */
    .macro float_on
    li      t0, STATUS_FS_INITIAL
    csrs    CSR_STATUS, t0
    fscsr   zero
    .endm

/* On the stack. Uses t0, which must be saved before and restored after. */
    .macro float_save
    addi    sp, sp, -FLOAT_FRAME_SIZE
    float_each FLOAT_STORE
    frcsr   t0
    sw      t0, FLOAT_FCSR_AT(sp)
    .endm

    .macro float_restore
    float_each FLOAT_LOAD
    lw      t0, FLOAT_FCSR_AT(sp)
    fscsr   t0
    addi    sp, sp, FLOAT_FRAME_SIZE
    .endm

/* What callees may change: ft0 to ft7, fa0 to fa7, ft8 to ft11. */
    .macro float_each move
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
    \move   f\n, (\n * 8)(sp)
    .endr
    .irp    n, 10, 11, 12, 13, 14, 15, 16, 17
    \move   f\n, ((\n - 2) * 8)(sp)
    .endr
    .irp    n, 28, 29, 30, 31
    \move   f\n, ((\n - 12) * 8)(sp)
    .endr
    .endm

#else
    .macro float_on
    .endm
    .macro float_save
    .endm
    .macro float_restore
    .endm
#endif
