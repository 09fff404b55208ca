/* Floating point of the kinds that control and signal processing are made of. Runs for ever. */
typedef unsigned int u32;

/* A filter of second order over a block of samples, in single precision. */
static __attribute__((noinline)) float filter(float seed) {
  static float x1, x2, y1, y2;
  float sum = 0.0f;
  for (int i = 0; i < 256; i++) {
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

/* The product of matrices, in double precision. */
#define SIZE 12
static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static __attribute__((noinline)) double matrices(double seed) {
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      a[i][j] = seed + (double)(i * j);
      b[i][j] = seed - (double)i / (double)(j + 1);
    }
  double trace = 0.0;
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      double sum = 0.0;
      for (int k = 0; k < SIZE; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
    trace += c[i][i];
  }
  return trace;
}

/* Bodies that attract each other. */
#define BODIES 4
struct body {
  double x, y, vx, vy, mass;
};
static struct body bodies[BODIES] = {{0, 0, 0, 0, 10}, {4, 0, 0, 1.5, 1}, {-6, 1, 0.2, -1.2, 0.5}, {0, 9, 1, 0, 0.1}};

static __attribute__((noinline)) double orbits(void) {
  const double step = 0.001;
  for (int time = 0; time < 16; time++) {
    for (int i = 0; i < BODIES; i++)
      for (int j = 0; j < BODIES; j++) {
        if (i == j) continue;
        double dx = bodies[j].x - bodies[i].x, dy = bodies[j].y - bodies[i].y;
        double squared = dx * dx + dy * dy + 0.01;
        double distance;
        __asm__("fsqrt.d %0, %1" : "=f"(distance) : "f"(squared));
        double pull = bodies[j].mass / (squared * distance) * step;
        bodies[i].vx += dx * pull;
        bodies[i].vy += dy * pull;
      }
    for (int i = 0; i < BODIES; i++) {
      bodies[i].x += bodies[i].vx * step;
      bodies[i].y += bodies[i].vy * step;
    }
  }
  return bodies[0].x;
}

/* A polynomial and its argument reduction: what a sine is. */
static __attribute__((noinline)) double sines(double from) {
  double sum = 0.0;
  for (int i = 0; i < 64; i++) {
    double x = from + (double)i * 0.37;
    int turns = (int)(x * 0.15915494309189535);
    double r = x - (double)turns * 6.283185307179586;
    double s = r * r;
    sum += r * (1.0 + s * (-0.16666666666 + s * (0.00833333333 + s * (-0.000198412698 + s * 0.00000275573))));
  }
  return sum;
}

/* How far it came and what it found, for the host to look at. */
volatile u32 rounds;
volatile double found;

void main(void) {
  double seed = 1.0;
  for (;;) {
    float filtered = filter((float)seed);
    double sum = matrices(seed) + orbits() + sines(seed) + (double)filtered;
    seed = sum < 0.0 ? -sum : sum;
    seed = seed / (seed + 1.0);
    found = sum;
    rounds++;
  }
}
