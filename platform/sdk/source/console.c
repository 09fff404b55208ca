/* The console, on the 16550 UART. */
#include "testvisor/console.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testvisor/devices.h"
#include "testvisor/memory.h"

void tv_putc(char character) {
    while ((tv_read8(TV_UART16550_LINE_STATUS) & TV_UART16550_LINE_STATUS_TRANSMIT_HOLDING_EMPTY) == 0) {
    }
    tv_write8(TV_UART16550_TRANSMIT_HOLDING, (uint8_t)character);
}

void tv_puts(const char *text) {
    while (*text != '\0') tv_putc(*text++);
}

int tv_getc(void) {
    if ((tv_read8(TV_UART16550_LINE_STATUS) & TV_UART16550_LINE_STATUS_DATA_READY) == 0) return -1;
    return tv_read8(TV_UART16550_RECEIVE_BUFFER);
}

/* Longest output of one conversion: 20 digits of 64 bits and a sign. */
enum { MAX_DIGITS = 21 };

typedef struct format {
    bool left;
    bool zeros;
    unsigned width;
} format;

/* Puts a field: sign and text, filled up to the width. */
static void put_field(const format *format, const char *sign, const char *text, size_t length) {
    size_t taken = strlen(sign) + length;
    size_t fill = format->width > taken ? format->width - taken : 0;
    if (!format->left && !format->zeros)
        for (; fill > 0; fill--) tv_putc(' ');
    tv_puts(sign);
    if (!format->left)
        for (; fill > 0; fill--) tv_putc('0');
    for (size_t i = 0; i < length; i++) tv_putc(text[i]);
    for (; fill > 0; fill--) tv_putc(' ');
}

static void put_number(const format *format, const char *sign, uint64_t value, unsigned base, char ten) {
    char digits[MAX_DIGITS];
    size_t first = MAX_DIGITS;
    do {
        unsigned digit = (unsigned)(value % base);
        value /= base;
        digits[--first] = (char)(digit < 10 ? '0' + digit : ten + digit - 10);
    } while (value != 0);
    put_field(format, sign, &digits[first], MAX_DIGITS - first);
}

/* The next argument: 64 bits after ll, else a long after l or z, else an int. */
static uint64_t next_unsigned(va_list *arguments, unsigned longs) {
    if (longs >= 2) return va_arg(*arguments, unsigned long long);
    return longs == 1 ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned);
}

static int64_t next_signed(va_list *arguments, unsigned longs) {
    if (longs >= 2) return va_arg(*arguments, long long);
    return longs == 1 ? va_arg(*arguments, long) : va_arg(*arguments, int);
}

/* Puts one conversion and returns what follows it. */
static const char *put_conversion(const char *at, va_list *arguments) {
    const char *start = at - 1;
    format format = {false, false, 0};
    unsigned longs = 0;
    for (;; at++) {
        if (*at == '-') format.left = true;
        else if (*at == '0') format.zeros = true;
        else break;
    }
    for (; *at >= '0' && *at <= '9'; at++) format.width = format.width * 10 + (unsigned)(*at - '0');
    for (; *at == 'l' || *at == 'z'; at++) longs++;

    switch (*at) {
    case 'd':
    case 'i': {
        int64_t value = next_signed(arguments, longs);
        put_number(&format, value < 0 ? "-" : "", value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, 'a');
        break;
    }
    case 'u': put_number(&format, "", next_unsigned(arguments, longs), 10, 'a'); break;
    case 'x': put_number(&format, "", next_unsigned(arguments, longs), 16, 'a'); break;
    case 'X': put_number(&format, "", next_unsigned(arguments, longs), 16, 'A'); break;
    case 'p': put_number(&format, "0x", (uintptr_t)va_arg(*arguments, void *), 16, 'a'); break;
    case 'c': {
        char character = (char)va_arg(*arguments, int);
        format.zeros = false;
        put_field(&format, "", &character, 1);
        break;
    }
    case 's': {
        const char *text = va_arg(*arguments, const char *);
        format.zeros = false;
        put_field(&format, "", text, strlen(text));
        break;
    }
    case '%': tv_putc('%'); break;
    default:
        while (start < at) tv_putc(*start++);
        return at;
    }
    return at + 1;
}

void tv_vprintf(const char *format, va_list arguments) {
    va_list rest;
    va_copy(rest, arguments);
    while (*format != '\0') {
        if (*format == '%') format = put_conversion(format + 1, &rest);
        else tv_putc(*format++);
    }
    va_end(rest);
}

void tv_printf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    tv_vprintf(format, arguments);
    va_end(arguments);
}
