/* Arithmetic: greatest common divisors, powers modulo a number, a sieve, bits, sums of 64 bits. */
#include "work.h"

const u32 checksum = 0x1d3b8b95;

static u32 divisor(u32 a, u32 b) {
  while (b != 0) {
    u32 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

#define MODULUS 65521u

static u32 power(u32 base, u32 exponent) {
  u32 result = 1, square = base % MODULUS;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = result * square % MODULUS;
    square = square * square % MODULUS;
  }
  return result;
}

#define LIMIT 2048
static u8 isComposite[LIMIT];

static u32 primes(void) {
  u32 found = 0;
  for (u32 i = 2; i < LIMIT; i++) isComposite[i] = 0;
  for (u32 i = 2; i < LIMIT; i++) {
    if (isComposite[i]) continue;
    found++;
    for (u32 j = i * i; j < LIMIT; j += i) isComposite[j] = 1;
  }
  return found;
}

static u32 bits(u32 value) {
  value = value - ((value >> 1) & 0x55555555u);
  value = (value & 0x33333333u) + ((value >> 2) & 0x33333333u);
  return (((value + (value >> 4)) & 0x0f0f0f0fu) * 0x01010101u) >> 24;
}

static u32 squareRoot(u32 value) {
  u32 result = 0;
  for (u32 bit = 1u << 30; bit != 0; bit >>= 2) {
    if (value >= result + bit) {
      value -= result + bit;
      result = (result >> 1) + bit;
    } else {
      result >>= 1;
    }
  }
  return result;
}

u32 work(u32 seed) {
  u32 number = next(seed), sum = primes();
  u64 wide = seed;
  for (u32 i = 0; i < 256; i++) {
    number = next(number);
    sum += divisor(number >> 8, i * 77 + 1);
    sum ^= bits(number) << (i & 15);
    sum += squareRoot(number);
    wide = wide * 6364136223846793005ull + number;
    wide ^= wide >> 29;
  }
  for (u32 i = 0; i < 16; i++) sum += power(number + i, sum | 1);
  return sum + (u32)(wide >> 32);
}
