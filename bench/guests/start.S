  .section .text.start
  .globl _start
_start:
  la sp, _stack
  call main
