/* What begins before a workload, in machine mode, and ends it: a0 is 0 when all is well. */
  .section .text.start
  .globl _start
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la sp, _stack
  la t0, failed
  csrw mtvec, t0
#ifdef __riscv_flen
  li t0, 1 << 13
  csrs mstatus, t0
#endif
  call main
  .globl finish
finish:
  li t0, 0x100000
  li t1, 0x5555
  beqz a0, 1f
  li t1, 0x13333
1:
  sw t1, 0(t0)
2:
  j 2b
  .balign 4
  .globl failed
failed:
  li a0, 1
  j finish
