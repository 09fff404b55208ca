/* Sorting and searching: a quicksort, a heap, a list sorted by merging, a hash table with deletions. */
#include "work.h"

const u32 checksum = 0x4b2c5c7e;

#define COUNT 256
static u32 numbers[COUNT];

static void fill(u32 seed) {
  for (u32 i = 0; i < COUNT; i++) numbers[i] = seed = next(seed);
}

static void quicksort(int low, int high) {
  while (low < high) {
    u32 pivot = numbers[(low + high) >> 1];
    int i = low, j = high;
    while (i <= j) {
      while (numbers[i] < pivot) i++;
      while (numbers[j] > pivot) j--;
      if (i > j) break;
      u32 taken = numbers[i];
      numbers[i++] = numbers[j];
      numbers[j--] = taken;
    }
    quicksort(low, j);
    low = i;
  }
}

static void sink(u32 at, u32 count) {
  u32 value = numbers[at];
  for (u32 child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && numbers[child + 1] > numbers[child]) child++;
    if (numbers[child] <= value) break;
    numbers[at] = numbers[child];
  }
  numbers[at] = value;
}

static void heapsort(void) {
  for (u32 i = COUNT / 2; i-- > 0;) sink(i, COUNT);
  for (u32 last = COUNT - 1; last > 0; last--) {
    u32 largest = numbers[0];
    numbers[0] = numbers[last];
    numbers[last] = largest;
    sink(0, last);
  }
}

struct node {
  struct node *next;
  u32 key;
};
static struct node nodes[COUNT];

static struct node *merge(struct node *a, struct node *b) {
  struct node *head = 0, **end = &head;
  while (a && b) {
    struct node **smaller = a->key <= b->key ? &a : &b;
    *end = *smaller;
    end = &(*smaller)->next;
    *smaller = (*smaller)->next;
  }
  *end = a ? a : b;
  return head;
}

static struct node *sorted(struct node *list) {
  if (!list || !list->next) return list;
  struct node *slow = list, *fast = list->next;
  while (fast && fast->next) {
    slow = slow->next;
    fast = fast->next->next;
  }
  struct node *half = slow->next;
  slow->next = 0;
  return merge(sorted(list), sorted(half));
}

#define SLOTS 512
static u32 slots[SLOTS];
static const u32 deleted = 1;

static u32 *place(u32 key, int isNew) {
  for (u32 at = (key * 2654435761u) >> 23;; at = (at + 1) % SLOTS) {
    if (slots[at] == key) return &slots[at];
    if (slots[at] == 0 || (isNew && slots[at] == deleted)) return isNew || slots[at] == 0 ? &slots[at] : 0;
  }
}

static u32 hashes(u32 seed) {
  u32 found = 0, number = seed;
  for (u32 i = 0; i < SLOTS; i++) slots[i] = 0;
  for (u32 i = 0; i < COUNT; i++) *place(numbers[i] | 2, 1) = numbers[i] | 2;
  for (u32 i = 0; i < COUNT; i += 3) *place(numbers[i] | 2, 0) = deleted;
  for (u32 i = 0; i < 2 * COUNT; i++) {
    number = next(number);
    u32 key = (i & 1 ? numbers[number >> 24] : number) | 2;
    found += *place(key, 0) == key;
  }
  return found;
}

u32 work(u32 seed) {
  fill(seed);
  quicksort(0, COUNT - 1);
  u32 sum = numbers[7] ^ numbers[COUNT - 9];
  fill(seed + 100);
  heapsort();
  sum += numbers[7] ^ numbers[COUNT - 9];
  fill(seed + 200);
  for (u32 i = 0; i < COUNT; i++) {
    nodes[i].key = numbers[i];
    nodes[i].next = i + 1 < COUNT ? &nodes[i + 1] : 0;
  }
  u32 place = 0;
  for (struct node *node = sorted(nodes); node; node = node->next) sum += node->key * ++place;
  return sum * 31 + hashes(seed);
}
