/* What campaigns disturb: filling, sorting and a CRC over all of it. Sixteen rounds are about a million instructions. */
#include "work.h"

const u32 checksum = 0x96a8ef34;

#define COUNT 296
static u32 numbers[COUNT];

/* Shell sort with the gaps of Knuth: no recursion, so that the stack stays small and every fault hits data or loops. */
static void sort(void) {
  u32 gap = 1;
  while (gap < COUNT / 3) gap = 3 * gap + 1;
  for (; gap > 0; gap /= 3)
    for (u32 i = gap; i < COUNT; i++) {
      u32 number = numbers[i], j = i;
      for (; j >= gap && numbers[j - gap] > number; j -= gap) numbers[j] = numbers[j - gap];
      numbers[j] = number;
    }
}

/* CRC-32 (IEEE 802.3), four bits at a time. */
static const u32 table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                              0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                              0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

static u32 crc(void) {
  u32 sum = ~0u;
  for (u32 i = 0; i < COUNT; i++)
    for (u32 word = numbers[i], nibble = 0; nibble < 8; nibble++, word >>= 4)
      sum = (sum >> 4) ^ table[(sum ^ word) & 15];
  return ~sum;
}

u32 work(u32 seed) {
  u32 number = seed;
  for (u32 i = 0; i < COUNT; i++) numbers[i] = number = next(number);
  sort();
  return crc();
}
