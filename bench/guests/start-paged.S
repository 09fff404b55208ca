/*
 * The same in supervisor mode behind page tables of three levels (RV32: two): pages of 4 KiB, every address where it
 * is, and one large page for the devices below.
 */
#define DEVICES 0xc7 /* D A W R V */
#define MEMORY 0xcf  /* D A X W R V */
#define POINTER 0x01
#if __riscv_xlen == 32
#define STORE sw
#define ENTRY_BYTES 4
#define PAGES 1024
#define SATP (1 << 31)
#else
#define STORE sd
#define ENTRY_BYTES 8
#define PAGES 512
#define SATP (8 << 60)
#endif
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
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, leaves
  li t1, (0x80000000 >> 2) | MEMORY
  li t2, PAGES
1:
  STORE t1, 0(t0)
  addi t0, t0, ENTRY_BYTES
  addi t1, t1, 1 << 10
  addi t2, t2, -1
  bnez t2, 1b
  la t0, root
  li t1, DEVICES
  STORE t1, 0(t0)
  la t1, leaves
  srli t1, t1, 2
  ori t1, t1, POINTER
#if __riscv_xlen == 32
  li t2, 0x800
  add t0, t0, t2
  STORE t1, 0(t0)
#else
  la t2, middle
  STORE t1, 0(t2)
  srli t2, t2, 2
  ori t2, t2, POINTER
  STORE t2, 16(t0)
#endif
  la t0, root
  srli t0, t0, 12
  li t1, SATP
  or t0, t0, t1
  csrw satp, t0
  sfence.vma
  li t0, 3 << 11
  csrc mstatus, t0
  li t0, 1 << 11
  csrs mstatus, t0
  la t0, supervisor
  csrw mepc, t0
  mret
supervisor:
  call main
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
failed:
  li a0, 1
  j finish

  .section .bss.tables, "aw", @nobits
  .balign 4096
root:
  .zero 4096
middle:
  .zero 4096
leaves:
  .zero 4096
