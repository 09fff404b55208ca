/* Does a workload ROUNDS times, a multiple of SEEDS, and says by its value whether the results were right. */
#include "work.h"

#ifdef NATIVE
#include <stdio.h>
static void report(u32 sum) { fprintf(stderr, "the results of %u rounds add up to 0x%08x\n", ROUNDS, sum); }
#else
static void report(u32 sum) { (void)sum; }
#endif

int main(void) {
  u32 sum = 0;
  for (u32 round = 0; round < ROUNDS; round++) sum += work(round % SEEDS);
  if (sum == checksum * (ROUNDS / SEEDS)) return 0;
  report(sum);
  return 1;
}
