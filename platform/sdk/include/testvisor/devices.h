/* Addresses and bits of the devices’ registers.
 * Generated from the platform's tables by `npm run sdk`: change those, not this file. */

#ifndef TESTVISOR_DEVICES_H
#define TESTVISOR_DEVICES_H

#include "testvisor/memory_map.h"

/* boot-rom: The reset vector: it loads a0 with the hart’s number, a1 with the address of the devicetree, a2 with that of `firmwareInfo`, and jumps to the firmware by t0. Harts start as if it had run. Under the `machine` profile. */

/** Its first instruction. */
#define TV_BOOT_ROM_RESET_VECTOR (TV_BOOT_ROM_BASE + 0x0UL)

/** Where it jumps to. */
#define TV_BOOT_ROM_ENTRY (TV_BOOT_ROM_BASE + 0x18UL)

/** Where the devicetree is. */
#define TV_BOOT_ROM_DEVICETREE (TV_BOOT_ROM_BASE + 0x20UL)

/** What a dynamic firmware is told of its next stage: OpenSBI’s `struct fw_dynamic_info`. */
#define TV_BOOT_ROM_FIRMWARE_INFO (TV_BOOT_ROM_BASE + 0x28UL)

/* test-finisher: Powers the VM off, reports failure, or reboots it. */

/** The low half is one of TEST_FINISHER_VALUES, the high half the code of a failure. Reads as zero. */
#define TV_TEST_FINISHER_FINISH (TV_TEST_FINISHER_BASE + 0x0UL)

/* goldfish-rtc: Nanoseconds since 1970-01-01 UTC: the system’s epoch plus virtual time; one alarm. */

/**
 * Low half of the time; a load keeps the high half of the same moment for timeHigh. A store sets
 * it, with the high half stored before.
 */
#define TV_GOLDFISH_RTC_TIME_LOW (TV_REAL_TIME_CLOCK_BASE + 0x0UL)

/** High half of the time last loaded; a store waits for that to timeLow. */
#define TV_GOLDFISH_RTC_TIME_HIGH (TV_REAL_TIME_CLOCK_BASE + 0x4UL)

/** Low half of the alarm’s time. A store sets the alarm, with the high half stored before. */
#define TV_GOLDFISH_RTC_ALARM_LOW (TV_REAL_TIME_CLOCK_BASE + 0x8UL)

/** High half of the alarm’s time. */
#define TV_GOLDFISH_RTC_ALARM_HIGH (TV_REAL_TIME_CLOCK_BASE + 0xcUL)

/** Whether a pending alarm interrupts. */
#define TV_GOLDFISH_RTC_INTERRUPT_ENABLE         (TV_REAL_TIME_CLOCK_BASE + 0x10UL)
#define TV_GOLDFISH_RTC_INTERRUPT_ENABLE_ENABLED 0x1UL

/** Any store calls the alarm off. */
#define TV_GOLDFISH_RTC_CLEAR_ALARM (TV_REAL_TIME_CLOCK_BASE + 0x14UL)

/** Whether an alarm is set and not due yet. */
#define TV_GOLDFISH_RTC_ALARM_STATUS         (TV_REAL_TIME_CLOCK_BASE + 0x18UL)
#define TV_GOLDFISH_RTC_ALARM_STATUS_RUNNING 0x1UL

/** Any store clears a pending alarm. */
#define TV_GOLDFISH_RTC_CLEAR_INTERRUPT (TV_REAL_TIME_CLOCK_BASE + 0x1cUL)

/* clint: Machine-mode software and timer interrupts. */

/** One for each hart: bit 0 drives the hart’s machine software interrupt. */
#define TV_CLINT_MSIP         (TV_CLINT_BASE + 0x0UL)
#define TV_CLINT_MSIP_STRIDE  0x4UL
#define TV_CLINT_MSIP_PENDING 0x1UL

/** One for each hart: the machine timer interrupt is pending while mtime ≥ mtimecmp. */
#define TV_CLINT_MTIMECMP        (TV_CLINT_BASE + 0x4000UL)
#define TV_CLINT_MTIMECMP_STRIDE 0x8UL

/** Counts the 10 MHz timebase. */
#define TV_CLINT_MTIME (TV_CLINT_BASE + 0xbff8UL)

/* hypercall-doorbell: A store makes a hypercall with the arguments in a0–a7, as an `ecall` from S-mode would. */

/**
 * Any 4-byte store makes the hypercall; a0 and a1 hold the answer at the next instruction. Reads
 * as zero.
 */
#define TV_HYPERCALL_DOORBELL_RING (TV_HYPERCALL_DOORBELL_BASE + 0x0UL)

/* watchdog: Unless it is fed in time, the VM crashes with the fault `watchdog`. */

/**
 * Microseconds that may pass between two feeds. A store arms and feeds the watchdog; 0 disarms it.
 * At most what the system declares, if it does.
 */
#define TV_WATCHDOG_TIMEOUT (TV_WATCHDOG_BASE + 0x0UL)

/** Any store feeds an armed watchdog. */
#define TV_WATCHDOG_FEED (TV_WATCHDOG_BASE + 0x4UL)

/** Microseconds until the watchdog expires, rounded up; 0 when it is not armed. */
#define TV_WATCHDOG_REMAINING (TV_WATCHDOG_BASE + 0x8UL)

/* plic: Routes the devices’ interrupts to harts. Context 2·n is hart n’s machine mode, 2·n + 1 its supervisor mode. Registers of sources and contexts that do not exist read as zero and ignore stores. */

/** One for each source: 0 never interrupts, 7 is the most urgent. */
#define TV_PLIC_PRIORITY        (TV_PLIC_BASE + 0x0UL)
#define TV_PLIC_PRIORITY_STRIDE 0x4UL

/** Pending sources, 32 in a word; source n is bit n mod 32. */
#define TV_PLIC_PENDING        (TV_PLIC_BASE + 0x1000UL)
#define TV_PLIC_PENDING_STRIDE 0x4UL

/** One block for each context: the sources that may interrupt it, 32 in a word. */
#define TV_PLIC_ENABLE        (TV_PLIC_BASE + 0x2000UL)
#define TV_PLIC_ENABLE_STRIDE 0x80UL

/** One for each context: only sources of a higher priority interrupt it. */
#define TV_PLIC_THRESHOLD        (TV_PLIC_BASE + 0x200000UL)
#define TV_PLIC_THRESHOLD_STRIDE 0x1000UL

/**
 * One for each context. A load takes the most urgent pending source, 0 when there is none; storing
 * its number completes it.
 */
#define TV_PLIC_CLAIM        (TV_PLIC_BASE + 0x200004UL)
#define TV_PLIC_CLAIM_STRIDE 0x1000UL

/* uart16550: 16550A UART: the VM’s console. */

/** RBR: takes the oldest received byte. With DLAB set this is the divisor’s low byte. */
#define TV_UART16550_RECEIVE_BUFFER (TV_UART_BASE + 0x0UL)

/** THR: sends a byte. With DLAB set this is the divisor’s low byte. */
#define TV_UART16550_TRANSMIT_HOLDING (TV_UART_BASE + 0x0UL)

/** IER. With DLAB set this is the divisor’s high byte. */
#define TV_UART16550_INTERRUPT_ENABLE                   (TV_UART_BASE + 0x1UL)
#define TV_UART16550_INTERRUPT_ENABLE_RECEIVED_DATA     0x1UL
#define TV_UART16550_INTERRUPT_ENABLE_TRANSMITTER_EMPTY 0x2UL
#define TV_UART16550_INTERRUPT_ENABLE_LINE_STATUS       0x4UL
#define TV_UART16550_INTERRUPT_ENABLE_MODEM_STATUS      0x8UL

/** IIR: the pending interrupt of the highest priority; reading it acknowledges transmitterEmpty. */
#define TV_UART16550_INTERRUPT_IDENTIFICATION               (TV_UART_BASE + 0x2UL)
#define TV_UART16550_INTERRUPT_IDENTIFICATION_NONE          0x1UL
#define TV_UART16550_INTERRUPT_IDENTIFICATION_ID            0xfUL
#define TV_UART16550_INTERRUPT_IDENTIFICATION_FIFOS_ENABLED 0xc0UL

/** FCR. Bits 6–7 select the receive trigger level: 1, 4, 8 or 14 bytes. */
#define TV_UART16550_FIFO_CONTROL                (TV_UART_BASE + 0x2UL)
#define TV_UART16550_FIFO_CONTROL_ENABLE         0x1UL
#define TV_UART16550_FIFO_CONTROL_CLEAR_RECEIVE  0x2UL
#define TV_UART16550_FIFO_CONTROL_CLEAR_TRANSMIT 0x4UL
#define TV_UART16550_FIFO_CONTROL_DMA_MODE       0x8UL
#define TV_UART16550_FIFO_CONTROL_TRIGGER        0xc0UL

/** LCR: format of a character, and divisor latch access (DLAB). */
#define TV_UART16550_LINE_CONTROL                      (TV_UART_BASE + 0x3UL)
#define TV_UART16550_LINE_CONTROL_WORD_LENGTH          0x3UL
#define TV_UART16550_LINE_CONTROL_TWO_STOP_BITS        0x4UL
#define TV_UART16550_LINE_CONTROL_PARITY_ENABLE        0x8UL
#define TV_UART16550_LINE_CONTROL_BREAK_CONTROL        0x40UL
#define TV_UART16550_LINE_CONTROL_DIVISOR_LATCH_ACCESS 0x80UL

/** MCR: output lines, and loopback. */
#define TV_UART16550_MODEM_CONTROL          (TV_UART_BASE + 0x4UL)
#define TV_UART16550_MODEM_CONTROL_DTR      0x1UL
#define TV_UART16550_MODEM_CONTROL_RTS      0x2UL
#define TV_UART16550_MODEM_CONTROL_OUT1     0x4UL
#define TV_UART16550_MODEM_CONTROL_OUT2     0x8UL
#define TV_UART16550_MODEM_CONTROL_LOOPBACK 0x10UL

/** LSR; reading it clears overrun and break. */
#define TV_UART16550_LINE_STATUS                        (TV_UART_BASE + 0x5UL)
#define TV_UART16550_LINE_STATUS_DATA_READY             0x1UL
#define TV_UART16550_LINE_STATUS_OVERRUN                0x2UL
#define TV_UART16550_LINE_STATUS_PARITY_ERROR           0x4UL
#define TV_UART16550_LINE_STATUS_FRAMING_ERROR          0x8UL
#define TV_UART16550_LINE_STATUS_BREAK                  0x10UL
#define TV_UART16550_LINE_STATUS_TRANSMIT_HOLDING_EMPTY 0x20UL
#define TV_UART16550_LINE_STATUS_TRANSMITTER_EMPTY      0x40UL

/** MSR; reading it clears the deltas. */
#define TV_UART16550_MODEM_STATUS        (TV_UART_BASE + 0x6UL)
#define TV_UART16550_MODEM_STATUS_DELTAS 0xfUL
#define TV_UART16550_MODEM_STATUS_CTS    0x10UL
#define TV_UART16550_MODEM_STATUS_DSR    0x20UL
#define TV_UART16550_MODEM_STATUS_RI     0x40UL
#define TV_UART16550_MODEM_STATUS_DCD    0x80UL

/** SCR: holds a byte, nothing more. */
#define TV_UART16550_SCRATCH (TV_UART_BASE + 0x7UL)

/* virtio-mmio: One slot: the transport of a virtio device. In an empty slot the device number is 0, and so are all registers after it. */

/** The letters “virt”. */
#define TV_VIRTIO_MMIO_MAGIC (TV_VIRTIO_BASE + 0x0UL)

/** 2. */
#define TV_VIRTIO_MMIO_VERSION (TV_VIRTIO_BASE + 0x4UL)

/** The kind of device; 0 in an empty slot. */
#define TV_VIRTIO_MMIO_DEVICE_NUMBER (TV_VIRTIO_BASE + 0x8UL)

/** The maker’s number. */
#define TV_VIRTIO_MMIO_VENDOR (TV_VIRTIO_BASE + 0xcUL)

/** The 32 feature bits of the device that the next register selects. */
#define TV_VIRTIO_MMIO_DEVICE_FEATURES (TV_VIRTIO_BASE + 0x10UL)

/** 0: bits 0 to 31. 1: bits 32 to 63. */
#define TV_VIRTIO_MMIO_DEVICE_FEATURES_SELECT (TV_VIRTIO_BASE + 0x14UL)

/** The 32 feature bits that the driver takes, as the next register selects. */
#define TV_VIRTIO_MMIO_DRIVER_FEATURES (TV_VIRTIO_BASE + 0x20UL)

/** 0: bits 0 to 31. 1: bits 32 to 63. */
#define TV_VIRTIO_MMIO_DRIVER_FEATURES_SELECT (TV_VIRTIO_BASE + 0x24UL)

/** The queue that the registers up to queueDeviceHigh are of. */
#define TV_VIRTIO_MMIO_QUEUE_SELECT (TV_VIRTIO_BASE + 0x30UL)

/** Entries it may have; 0 when there is no such queue. */
#define TV_VIRTIO_MMIO_QUEUE_SIZE_MAX (TV_VIRTIO_BASE + 0x34UL)

/** Entries it has: a power of two. */
#define TV_VIRTIO_MMIO_QUEUE_SIZE (TV_VIRTIO_BASE + 0x38UL)

/** 1 while the device may use the queue. */
#define TV_VIRTIO_MMIO_QUEUE_READY (TV_VIRTIO_BASE + 0x44UL)

/** The number of a queue with new buffers. */
#define TV_VIRTIO_MMIO_QUEUE_NOTIFY (TV_VIRTIO_BASE + 0x50UL)

/** Why the interrupt line is up. */
#define TV_VIRTIO_MMIO_INTERRUPT_STATUS               (TV_VIRTIO_BASE + 0x60UL)
#define TV_VIRTIO_MMIO_INTERRUPT_STATUS_USED_BUFFER   0x1UL
#define TV_VIRTIO_MMIO_INTERRUPT_STATUS_CONFIGURATION 0x2UL

/** Clears these bits of interruptStatus. */
#define TV_VIRTIO_MMIO_INTERRUPT_ACKNOWLEDGE (TV_VIRTIO_BASE + 0x64UL)

/** How far driver and device have come; a store of 0 resets the device. */
#define TV_VIRTIO_MMIO_STATUS             (TV_VIRTIO_BASE + 0x70UL)
#define TV_VIRTIO_MMIO_STATUS_ACKNOWLEDGE 0x1UL
#define TV_VIRTIO_MMIO_STATUS_DRIVER      0x2UL
#define TV_VIRTIO_MMIO_STATUS_DRIVER_OK   0x4UL
#define TV_VIRTIO_MMIO_STATUS_FEATURES_OK 0x8UL
#define TV_VIRTIO_MMIO_STATUS_NEEDS_RESET 0x40UL
#define TV_VIRTIO_MMIO_STATUS_FAILED      0x80UL

/** Address of the descriptor table. */
#define TV_VIRTIO_MMIO_QUEUE_DESCRIPTORS_LOW (TV_VIRTIO_BASE + 0x80UL)

/** Its high half. */
#define TV_VIRTIO_MMIO_QUEUE_DESCRIPTORS_HIGH (TV_VIRTIO_BASE + 0x84UL)

/** Address of the available ring. */
#define TV_VIRTIO_MMIO_QUEUE_DRIVER_LOW (TV_VIRTIO_BASE + 0x90UL)

/** Its high half. */
#define TV_VIRTIO_MMIO_QUEUE_DRIVER_HIGH (TV_VIRTIO_BASE + 0x94UL)

/** Address of the used ring. */
#define TV_VIRTIO_MMIO_QUEUE_DEVICE_LOW (TV_VIRTIO_BASE + 0xa0UL)

/** Its high half. */
#define TV_VIRTIO_MMIO_QUEUE_DEVICE_HIGH (TV_VIRTIO_BASE + 0xa4UL)

/** Shared memory regions; there are none. */
#define TV_VIRTIO_MMIO_SHARED_MEMORY_SELECT (TV_VIRTIO_BASE + 0xacUL)

/** All ones: no such region. */
#define TV_VIRTIO_MMIO_SHARED_MEMORY_LENGTH_LOW (TV_VIRTIO_BASE + 0xb0UL)

/** All ones: no such region. */
#define TV_VIRTIO_MMIO_SHARED_MEMORY_LENGTH_HIGH (TV_VIRTIO_BASE + 0xb4UL)

/** All ones: no such region. */
#define TV_VIRTIO_MMIO_SHARED_MEMORY_BASE_LOW (TV_VIRTIO_BASE + 0xb8UL)

/** All ones: no such region. */
#define TV_VIRTIO_MMIO_SHARED_MEMORY_BASE_HIGH (TV_VIRTIO_BASE + 0xbcUL)

/** Changes whenever the configuration space does. */
#define TV_VIRTIO_MMIO_CONFIGURATION_GENERATION (TV_VIRTIO_BASE + 0xfcUL)

/** The configuration space, as long as the kind of device makes it; accesses of any width. */
#define TV_VIRTIO_MMIO_CONFIGURATION (TV_VIRTIO_BASE + 0x100UL)

/* cfi-flash: NOR flash: two banks of 32 MiB, in blocks of 256 KiB. A load reads the array, unless a command has made the bank show something else; a store is a command, by its low byte, or its data. */

/** The first word of bank 0; commands take any address of the block they are about. */
#define TV_CFI_FLASH_ARRAY (TV_FLASH_BASE + 0x0UL)

/** What TV_TEST_FINISHER_FINISH takes. */
#define TV_TEST_FINISHER_POWER_OFF 21845
#define TV_TEST_FINISHER_FAIL      13107
#define TV_TEST_FINISHER_REBOOT    30583

#endif /* TESTVISOR_DEVICES_H */
