/* 64-bit division for RV32, which has no instruction for it: what the compiler calls for / and %. */
#include <stdint.h>

#if __riscv_xlen == 32

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);

/* By the instruction when 32 bits are enough, else bit by bit. Like the hardware's: the quotient of a division by zero is all ones. */
static uint64_t divide(uint64_t dividend, uint64_t divisor, uint64_t *remainder) {
    if ((dividend | divisor) >> 32 == 0 && divisor != 0) {
        *remainder = (uint32_t)dividend % (uint32_t)divisor;
        return (uint32_t)dividend / (uint32_t)divisor;
    }
    uint64_t quotient = 0, rest = 0;
    for (int bit = 63; bit >= 0; bit--) {
        rest = rest << 1 | (dividend >> bit & 1);
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    *remainder = rest;
    return quotient;
}

static uint64_t magnitude(int64_t value) { return value < 0 ? 0 - (uint64_t)value : (uint64_t)value; }

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor) {
    uint64_t remainder;
    return divide(dividend, divisor, &remainder);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor) {
    uint64_t remainder;
    divide(dividend, divisor, &remainder);
    return remainder;
}

int64_t __divdi3(int64_t dividend, int64_t divisor) {
    uint64_t remainder;
    uint64_t quotient = divide(magnitude(dividend), magnitude(divisor), &remainder);
    return (int64_t)((dividend < 0) != (divisor < 0) ? 0 - quotient : quotient);
}

int64_t __moddi3(int64_t dividend, int64_t divisor) {
    uint64_t remainder;
    divide(magnitude(dividend), magnitude(divisor), &remainder);
    return (int64_t)(dividend < 0 ? 0 - remainder : remainder);
}

#else
/* RV64 divides by an instruction; C wants a file to declare something. */
typedef int tv_no_division;
#endif
