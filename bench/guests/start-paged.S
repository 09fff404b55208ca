/* The same kernels in supervisor mode behind page tables: one large page, every address where it is. */
  .section .text.start
  .globl _start
_start:
  la sp, _stack
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, root
#if __riscv_xlen == 32
  li t1, (0x80000000 >> 12 << 10) | 0xcf
  li t2, 0x800
  add t2, t2, t0
  sw t1, 0(t2)
  srli t0, t0, 12
  li t1, 1 << 31
#else
  li t1, (0x80000000 >> 12 << 10) | 0xcf
  sd t1, 16(t0)
  srli t0, t0, 12
  li t1, 8 << 60
#endif
  or t0, t0, t1
  csrw satp, t0
  li t0, 3 << 11
  csrc mstatus, t0
  li t0, 1 << 11
  csrs mstatus, t0
  la t0, main
  csrw mepc, t0
  mret

  .section .bss.root, "aw", @nobits
  .balign 4096
root:
  .zero 4096
