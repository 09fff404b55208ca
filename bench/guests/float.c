/* Floating point of the kinds that control and signal processing are made of, and the flags that it raises. */
#include "work.h"

const u32 checksum = 0x96a34345;

#ifdef NATIVE
#include <math.h>
static double root(double of) { return sqrt(of); }
static u32 flags(void) { return 1; }
#else
static double root(double of) {
  double result;
  __asm__("fsqrt.d %0, %1" : "=f"(result) : "f"(of));
  return result;
}
/* Inexact, and nothing else. */
static u32 flags(void) {
  u32 flags;
  __asm__ volatile("frflags %0" : "=r"(flags));
  return flags;
}
#endif

/* A filter of second order over samples, in single precision. */
static float filtered(float seed) {
  float x1 = 0, x2 = 0, y1 = 0, y2 = 0, sum = 0;
  for (int i = 0; i < 128; i++) {
    float x = seed + (float)(i & 15) * 0.125f;
    float y = 0.2929f * x + 0.5858f * x1 + 0.2929f * x2 - 0.1716f * y2 + 0.01f * y1;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    sum += y;
  }
  return sum;
}

#define SIZE 12
static double a[SIZE][SIZE], b[SIZE][SIZE];

static double product(double seed) {
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      a[i][j] = seed + (double)(i * j);
      b[i][j] = seed - (double)i / (double)(j + 1);
    }
  double sum = 0;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      double cell = 0;
      for (int k = 0; k < SIZE; k++) cell += a[i][k] * b[k][j];
      sum = sum * 0.5 + cell;
    }
  return sum;
}

#define BODIES 4
struct body {
  double x, y, vx, vy, mass;
};

static double orbits(double seed) {
  struct body bodies[BODIES] = {{seed, 0, 0, 0, 10}, {4, 0, 0, 1.5, 1}, {-6, 1, 0.2, -1.2, 0.5}, {0, 9, 1, 0, 0.1}};
  const double step = 0.001;
  for (int time = 0; time < 16; time++) {
    for (int i = 0; i < BODIES; i++)
      for (int j = 0; j < BODIES; j++) {
        if (i == j) continue;
        double dx = bodies[j].x - bodies[i].x, dy = bodies[j].y - bodies[i].y;
        double squared = dx * dx + dy * dy + 0.01;
        double pull = bodies[j].mass / (squared * root(squared)) * step;
        bodies[i].vx += dx * pull;
        bodies[i].vy += dy * pull;
      }
    for (int i = 0; i < BODIES; i++) {
      bodies[i].x += bodies[i].vx * step;
      bodies[i].y += bodies[i].vy * step;
    }
  }
  return bodies[0].x + bodies[3].y;
}

/* A polynomial and its argument reduction: what a sine is. */
static double sines(double from) {
  double sum = 0;
  for (int i = 0; i < 64; i++) {
    double x = from + (double)i * 0.37;
    int turns = (int)(x * 0.15915494309189535);
    double r = x - (double)turns * 6.283185307179586;
    double s = r * r;
    sum += r * (1.0 + s * (-0.16666666666 + s * (0.00833333333 + s * (-0.000198412698 + s * 0.00000275573))));
  }
  return sum;
}

u32 work(u32 seed) {
  double from = 1.0 + (double)seed * 0.3;
  union {
    double value;
    u64 bits;
  } sum = {product(from) + orbits(from) + sines(from) + (double)filtered((float)from)};
  return (u32)(sum.bits ^ sum.bits >> 32) + flags();
}
