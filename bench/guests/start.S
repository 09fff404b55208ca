  .section .text.start
  .globl _start
_start:
  la sp, _stack
#ifdef __riscv_flen
  li t0, 1 << 13
  csrs mstatus, t0
#endif
  call main
