/* Work of the kinds that CoreMark is made of: lists, matrices, a state machine, a checksum. Runs for ever. */
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

/* Sorts and searches a linked list. */
struct node {
  struct node *next;
  int key;
  int data;
};
#define NODES 64
static struct node nodes[NODES];

static __attribute__((noinline)) u32 lists(u32 seed) {
  struct node *head = 0;
  for (int i = 0; i < NODES; i++) {
    seed = seed * 1664525u + 1013904223u;
    nodes[i].key = (int)(seed >> 20);
    nodes[i].data = i;
    struct node **place = &head;
    while (*place && (*place)->key < nodes[i].key) place = &(*place)->next;
    nodes[i].next = *place;
    *place = &nodes[i];
  }
  u32 found = 0;
  for (int wanted = 0; wanted < 4096; wanted += 97) {
    for (struct node *at = head; at; at = at->next) {
      if (at->key >= wanted) {
        found += (u32)at->data;
        break;
      }
    }
  }
  struct node *reversed = 0;
  while (head) {
    struct node *next = head->next;
    head->next = reversed;
    reversed = head;
    head = next;
  }
  return found + (u32)reversed->key;
}

#define SIZE 12
static short left[SIZE][SIZE], right[SIZE][SIZE];
static int product[SIZE][SIZE];

static __attribute__((noinline)) u32 matrices(u32 seed) {
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      left[i][j] = (short)(seed + (u32)(i * j));
      right[i][j] = (short)(seed ^ (u32)(i + j));
    }
  u32 sum = 0;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      int cell = 0;
      for (int k = 0; k < SIZE; k++) cell += left[i][k] * right[k][j];
      product[i][j] = cell;
      sum += (u32)(cell >> 3) & 0xff;
    }
  return sum;
}

enum state { START, INTEGER, FRACTION, EXPONENT, INVALID, STATES };
static const char text[] = "12,3.5,-17.25e3,abc,+0.5,1e9,99999,x1,4.4.4,-,7e-2,1234567,0,";

static __attribute__((noinline)) u32 machine(u32 seed) {
  u32 counts[STATES] = {0};
  enum state state = START;
  for (int round = 0; round < 4; round++)
    for (const char *at = text; *at; at++) {
      u8 c = (u8)*at;
      if (((seed >> round) & 31) == (c & 31)) c ^= 1;
      if (c == ',') {
        counts[state]++;
        state = START;
        continue;
      }
      switch (state) {
        case START:
          state = (c >= '0' && c <= '9') || c == '+' || c == '-' ? INTEGER : c == '.' ? FRACTION : INVALID;
          break;
        case INTEGER:
          if (c == '.') state = FRACTION;
          else if (c == 'e') state = EXPONENT;
          else if (c < '0' || c > '9') state = INVALID;
          break;
        case FRACTION:
          if (c == 'e') state = EXPONENT;
          else if (c < '0' || c > '9') state = INVALID;
          break;
        case EXPONENT:
          if ((c < '0' || c > '9') && c != '-') state = INVALID;
          break;
        default:
          break;
      }
    }
  return counts[INTEGER] * 1000 + counts[FRACTION] * 100 + counts[EXPONENT] * 10 + counts[INVALID];
}

static __attribute__((noinline)) u16 crc(u32 value, u16 crc) {
  for (int i = 0; i < 32; i++) {
    u32 bit = (value ^ crc) & 1;
    value >>= 1;
    crc >>= 1;
    if (bit) crc ^= 0xa001;
  }
  return crc;
}

/* How far it came and what it found, for the host to look at. */
volatile u32 rounds;
volatile u32 checksum;

void main(void) {
  u32 seed = 1;
  u16 sum = 0xffff;
  for (;;) {
    sum = crc(lists(seed), sum);
    sum = crc(matrices(seed), sum);
    sum = crc(machine(seed), sum);
    seed += sum;
    checksum = sum;
    rounds++;
  }
}
