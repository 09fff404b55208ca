/* What a workload is: work that depends on its seed alone, and the sum of its results over seeds 0 to SEEDS - 1. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEEDS 16

u32 work(u32 seed);
extern const u32 checksum;

/* The next of a sequence of pseudo-random numbers. */
static inline u32 next(u32 number) { return number * 1664525u + 1013904223u; }
