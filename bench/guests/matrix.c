/* Matrices of whole numbers: products, a convolution, a transform of eight points, the longest common subsequence. */
#include "work.h"

const u32 checksum = 0x00c53772;

#define SIZE 20
static short left[SIZE][SIZE], right[SIZE][SIZE];
static int product[SIZE][SIZE];

static void multiply(void) {
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      int cell = 0;
      for (int k = 0; k < SIZE; k++) cell += left[i][k] * right[k][j];
      product[i][j] = cell;
    }
}

static void convolve(void) {
  static const int kernel[3][3] = {{1, 2, 1}, {2, 4, 2}, {1, 2, 1}};
  for (int i = 1; i < SIZE - 1; i++)
    for (int j = 1; j < SIZE - 1; j++) {
      int sum = 0;
      for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++) sum += kernel[y + 1][x + 1] * left[i + y][j + x];
      right[i][j] = (short)(sum >> 4);
    }
}

/* Butterflies over each row, as in a cosine transform. */
static void transform(void) {
  for (int i = 0; i < SIZE; i++) {
    int *row = product[i];
    for (int j = 0; j < 4; j++) {
      int sum = row[j] + row[7 - j], difference = row[j] - row[7 - j];
      row[j] = sum;
      row[7 - j] = (difference * 181) >> 7;
    }
    for (int j = 0; j < 2; j++) {
      int sum = row[j] + row[3 - j], difference = row[j] - row[3 - j];
      row[j] = sum;
      row[3 - j] = (difference * 139) >> 7;
    }
  }
}

#define LETTERS 64
static u8 one[LETTERS], other[LETTERS];
static u16 longest[LETTERS + 1][LETTERS + 1];

static u32 commonSubsequence(void) {
  for (int i = 1; i <= LETTERS; i++)
    for (int j = 1; j <= LETTERS; j++) {
      u16 above = longest[i - 1][j], before = longest[i][j - 1];
      if (one[i - 1] == other[j - 1]) longest[i][j] = (u16)(longest[i - 1][j - 1] + 1);
      else longest[i][j] = above > before ? above : before;
    }
  return longest[LETTERS][LETTERS];
}

u32 work(u32 seed) {
  u32 number = seed, sum = 0;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      number = next(number);
      left[i][j] = (short)(number >> 20);
      right[i][j] = (short)((number >> 8) & 0xfff);
    }
  for (int i = 0; i < LETTERS; i++) {
    number = next(number);
    one[i] = (u8)(number >> 30);
    other[i] = (u8)(number >> 28 & 3);
  }
  multiply();
  convolve();
  multiply();
  transform();
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) sum = sum * 33 + (u32)product[i][j];
  return sum + commonSubsequence();
}
