/* The console: the VM's UART, polled. */
#ifndef TESTVISOR_CONSOLE_H
#define TESTVISOR_CONSOLE_H

#include <stdarg.h>

/** Sends one byte, waiting for room. */
void tv_putc(char character);

/** Sends a text as it is. */
void tv_puts(const char *text);

/** The oldest byte received, or -1 when none waits. */
int tv_getc(void);

/**
 * Formats to the console: %d %i %u %x %X %c %s %p %%, with the lengths l, ll and z, a width, and the flags
 * 0 and -. What it does not know it prints as it stands.
 */
__attribute__((format(printf, 1, 2))) void tv_printf(const char *format, ...);
void tv_vprintf(const char *format, va_list arguments);

#endif /* TESTVISOR_CONSOLE_H */
