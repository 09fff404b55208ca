/* Registers, memory that a restart keeps, and what the compiler expects of a C library. */
#ifndef TESTVISOR_MEMORY_H
#define TESTVISOR_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/** A variable that start-up code does not touch: a warm restart keeps it, a cold one finds it zero. */
#define TV_NOINIT __attribute__((section(".noinit")))

/** Device registers by address (testvisor/devices.h). */
static inline uint8_t tv_read8(unsigned long address) { return *(volatile uint8_t *)address; }
static inline uint32_t tv_read32(unsigned long address) { return *(volatile uint32_t *)address; }
static inline void tv_write8(unsigned long address, uint8_t value) { *(volatile uint8_t *)address = value; }
static inline void tv_write32(unsigned long address, uint32_t value) { *(volatile uint32_t *)address = value; }

/** Ends the VM: with success when `code` is 0, else with failure and this code. */
__attribute__((noreturn)) void tv_exit(int code);

void *memcpy(void *restrict target, const void *restrict source, size_t size);
void *memmove(void *target, const void *source, size_t size);
void *memset(void *target, int value, size_t size);
int memcmp(const void *left, const void *right, size_t size);
size_t strlen(const char *text);

#endif /* TESTVISOR_MEMORY_H */
