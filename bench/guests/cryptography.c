/* A block cipher of substitutions and column mixes (as AES has), and SHA-256 (FIPS 180-4). */
#include "work.h"

const u32 checksum = 0xe5f424d6;

static u8 box[256];
static u32 columns[256];

static u8 twice(u8 x) { return (u8)(x << 1 ^ (x >> 7) * 0x1b); }

/* The substitution of AES (FIPS 197, 5.1.1): inverses, walked by a generator, then an affine map. */
static void makeBox(void) {
  u8 p = 1, q = 1;
  do {
    p = (u8)(p ^ twice(p));
    q = (u8)(q ^ q << 1);
    q = (u8)(q ^ q << 2);
    q = (u8)(q ^ q << 4);
    if (q & 0x80) q ^= 0x09;
    u8 x = (u8)(q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4));
    box[p] = (u8)(x ^ 0x63);
  } while (p != 1);
  box[0] = 0x63;
  for (u32 i = 0; i < 256; i++) {
    u8 s = box[i], t = twice(s);
    columns[i] = t | (u32)s << 8 | (u32)s << 16 | (u32)(u8)(s ^ t) << 24;
  }
}

static u32 left(u32 x, u32 by) { return x << by | x >> (32 - by); }
static u32 right(u32 x, u32 by) { return x >> by | x << (32 - by); }

static u32 cipher(u32 seed) {
  u32 state[4], key = seed;
  for (u32 i = 0; i < 4; i++) state[i] = seed + i;
  for (u32 round = 0; round < 10; round++) {
    u32 mixed[4];
    for (u32 i = 0; i < 4; i++) {
      key = left(key, 5) + box[key & 0xff];
      mixed[i] = columns[state[i] & 0xff] ^ left(columns[state[(i + 1) & 3] >> 8 & 0xff], 8) ^
                 left(columns[state[(i + 2) & 3] >> 16 & 0xff], 16) ^ left(columns[state[(i + 3) & 3] >> 24], 24) ^ key;
    }
    for (u32 i = 0; i < 4; i++) state[i] = mixed[i];
  }
  return state[0] ^ state[1] ^ state[2] ^ state[3];
}

static const u32 begin[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
static const u32 constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static void compress(u32 hash[8], const u32 block[16]) {
  u32 w[64], s[8];
  for (u32 i = 0; i < 16; i++) w[i] = block[i];
  for (u32 i = 16; i < 64; i++)
    w[i] = w[i - 16] + w[i - 7] + (right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ w[i - 15] >> 3) +
           (right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ w[i - 2] >> 10);
  for (u32 i = 0; i < 8; i++) s[i] = hash[i];
  for (u32 i = 0; i < 64; i++) {
    u32 a = s[7] + (right(s[4], 6) ^ right(s[4], 11) ^ right(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) +
            constants[i] + w[i];
    u32 b = (right(s[0], 2) ^ right(s[0], 13) ^ right(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    for (u32 j = 7; j > 0; j--) s[j] = s[j - 1];
    s[4] += a;
    s[0] = a + b;
  }
  for (u32 i = 0; i < 8; i++) hash[i] += s[i];
}

u32 work(u32 seed) {
  if (box[0] == 0) makeBox();
  u32 hash[8], block[16], number = seed, sum = 0;
  for (u32 i = 0; i < 8; i++) hash[i] = begin[i];
  for (u32 round = 0; round < 4; round++) {
    for (u32 i = 0; i < 16; i++) block[i] = number = next(number);
    compress(hash, block);
    for (u32 i = 0; i < 8; i++) sum += cipher(hash[i]);
  }
  return sum ^ hash[0] ^ hash[7];
}
