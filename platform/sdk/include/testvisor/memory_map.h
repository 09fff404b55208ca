/* The guest-physical memory map.
 * Generated from the platform's tables by `npm run sdk`: change those, not this file. */

#ifndef TESTVISOR_MEMORY_MAP_H
#define TESTVISOR_MEMORY_MAP_H

/** Boot ROM with the reset vector. */
#define TV_BOOT_ROM_BASE 0x1000UL
#define TV_BOOT_ROM_SIZE 0xf000UL

/** Power off, fail, reboot. */
#define TV_TEST_FINISHER_BASE 0x100000UL
#define TV_TEST_FINISHER_SIZE 0x1000UL

/** Goldfish RTC. */
#define TV_REAL_TIME_CLOCK_BASE 0x101000UL
#define TV_REAL_TIME_CLOCK_SIZE 0x1000UL

/** Software and timer interrupts, mtime at 10 MHz. */
#define TV_CLINT_BASE 0x2000000UL
#define TV_CLINT_SIZE 0x10000UL

/** A store here is a hypercall. */
#define TV_HYPERCALL_DOORBELL_BASE 0x4000000UL
#define TV_HYPERCALL_DOORBELL_SIZE 0x1000UL

/** Crashes the VM unless it is fed. */
#define TV_WATCHDOG_BASE 0x4001000UL
#define TV_WATCHDOG_SIZE 0x1000UL

/** Platform-level interrupt controller. */
#define TV_PLIC_BASE 0xc000000UL
#define TV_PLIC_SIZE 0x600000UL

/** 16550A UART: the VM’s console. */
#define TV_UART_BASE 0x10000000UL
#define TV_UART_SIZE 0x100UL

/** virtio-mmio slots 0 to 7, a page each. */
#define TV_VIRTIO_BASE 0x10001000UL
#define TV_VIRTIO_SIZE 0x8000UL

/** NOR flash (CFI). */
#define TV_FLASH_BASE 0x20000000UL
#define TV_FLASH_SIZE 0x4000000UL

/** Shared regions, each at its channel’s address. */
#define TV_SHARED_BASE 0x60000000UL
#define TV_SHARED_SIZE 0x20000000UL

/** Private RAM; a VM has as much as its system declares. */
#define TV_RAM_BASE 0x80000000UL
#define TV_RAM_SIZE 0x30000000UL

#define TV_PAGE_SIZE          0x1000UL
/** Ticks a second of `time` and `mtime`. */
#define TV_TIMEBASE_FREQUENCY 10000000UL

#endif /* TESTVISOR_MEMORY_MAP_H */
