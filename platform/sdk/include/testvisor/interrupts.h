/* Interrupt lines, and the causes of traps.
 * Generated from the platform's tables by `npm run sdk`: change those, not this file. */

#ifndef TESTVISOR_INTERRUPTS_H
#define TESTVISOR_INTERRUPTS_H

/** Lines into the platform-level interrupt controller. */
#define TV_IRQ_VIRTIO          1
#define TV_IRQ_UART            10
#define TV_IRQ_REAL_TIME_CLOCK 11

/** Exception codes of mcause and scause. */
#define TV_EXCEPTION_INSTRUCTION_ADDRESS_MISALIGNED 0
#define TV_EXCEPTION_INSTRUCTION_ACCESS_FAULT       1
#define TV_EXCEPTION_ILLEGAL_INSTRUCTION            2
#define TV_EXCEPTION_BREAKPOINT                     3
#define TV_EXCEPTION_LOAD_ADDRESS_MISALIGNED        4
#define TV_EXCEPTION_LOAD_ACCESS_FAULT              5
#define TV_EXCEPTION_STORE_ADDRESS_MISALIGNED       6
#define TV_EXCEPTION_STORE_ACCESS_FAULT             7
#define TV_EXCEPTION_ECALL_FROM_USER                8
#define TV_EXCEPTION_ECALL_FROM_SUPERVISOR          9
#define TV_EXCEPTION_ECALL_FROM_MACHINE             11
#define TV_EXCEPTION_INSTRUCTION_PAGE_FAULT         12
#define TV_EXCEPTION_LOAD_PAGE_FAULT                13
#define TV_EXCEPTION_STORE_PAGE_FAULT               15

/**
 * Interrupt codes of mcause and scause, whose top bit is then set; bit numbers in mip, mie, sip
 * and sie.
 */
#define TV_INTERRUPT_SUPERVISOR_SOFTWARE 1
#define TV_INTERRUPT_MACHINE_SOFTWARE    3
#define TV_INTERRUPT_SUPERVISOR_TIMER    5
#define TV_INTERRUPT_MACHINE_TIMER       7
#define TV_INTERRUPT_SUPERVISOR_EXTERNAL 9
#define TV_INTERRUPT_MACHINE_EXTERNAL    11

#endif /* TESTVISOR_INTERRUPTS_H */
