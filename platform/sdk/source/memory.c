/* What the compiler may call even in a freestanding program, and the end of one. */
#include "testvisor/memory.h"

#include "testvisor/devices.h"

/* Keeps the compiler from seeing a loop as the very function it implements. */
#define NO_LOOP_CALLS __asm__ volatile("")

void *memcpy(void *restrict target, const void *restrict source, size_t size) {
    unsigned char *to = target;
    const unsigned char *from = source;
    if ((((uintptr_t)to | (uintptr_t)from) & 3) == 0)
        for (; size >= 4; size -= 4, to += 4, from += 4) {
            typedef uint32_t __attribute__((may_alias)) word;
            *(word *)(void *)to = *(const word *)(const void *)from;
            NO_LOOP_CALLS;
        }
    for (; size > 0; size--) {
        *to++ = *from++;
        NO_LOOP_CALLS;
    }
    return target;
}

void *memmove(void *target, const void *source, size_t size) {
    unsigned char *to = target;
    const unsigned char *from = source;
    if ((uintptr_t)to <= (uintptr_t)from) return memcpy(target, source, size);
    while (size > 0) {
        size--;
        to[size] = from[size];
        NO_LOOP_CALLS;
    }
    return target;
}

void *memset(void *target, int value, size_t size) {
    unsigned char *to = target;
    for (; size > 0; size--) {
        *to++ = (unsigned char)value;
        NO_LOOP_CALLS;
    }
    return target;
}

int memcmp(const void *left, const void *right, size_t size) {
    const unsigned char *a = left;
    const unsigned char *b = right;
    for (; size > 0; size--, a++, b++)
        if (*a != *b) return *a - *b;
    return 0;
}

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length] != '\0') {
        length++;
        NO_LOOP_CALLS;
    }
    return length;
}

void tv_exit(int code) {
    uint32_t value =
        code == 0 ? TV_TEST_FINISHER_POWER_OFF : TV_TEST_FINISHER_FAIL | ((uint32_t)code & 0xffff) << 16;
    tv_write32(TV_TEST_FINISHER_FINISH, value);
    for (;;) {
    }
}
