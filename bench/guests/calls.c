/* Calls: recursion, queens, a tree, handlers behind pointers, an interpreter of bytecode. */
#include "work.h"

const u32 checksum = 0x351597f0;

static __attribute__((noinline)) u32 fibonacci(u32 n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static __attribute__((noinline)) u32 ackermann(u32 m, u32 n) {
  if (m == 0) return n + 1;
  return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static u32 queens(u32 all, u32 columns, u32 down, u32 up) {
  u32 count = 0;
  if (columns == all) return 1;
  for (u32 open = all & ~(columns | down | up); open != 0;) {
    u32 bit = open & -open;
    open ^= bit;
    count += queens(all, columns | bit, (down | bit) << 1, (up | bit) >> 1);
  }
  return count;
}

struct tree {
  struct tree *left, *right;
  u32 key;
};
#define TREES 128
static struct tree trees[TREES];

static struct tree *insert(struct tree *root, struct tree *leaf) {
  if (!root) return leaf;
  if (leaf->key < root->key) root->left = insert(root->left, leaf);
  else root->right = insert(root->right, leaf);
  return root;
}

static u32 visit(const struct tree *root, u32 (*each)(u32, u32), u32 value) {
  if (!root) return value;
  value = visit(root->left, each, value);
  return visit(root->right, each, each(value, root->key));
}

static u32 add(u32 a, u32 b) { return a + b; }
static u32 subtract(u32 a, u32 b) { return a - b; }
static u32 mix(u32 a, u32 b) { return a * 31 ^ b; }
static u32 turn(u32 a, u32 b) { return a << (b & 15) | a >> (16 + (b & 15)); }
static u32 (*const handlers[])(u32, u32) = {add, subtract, mix, turn};

enum { PUSH, ADD, MULTIPLY, DUPLICATE, SWAP, DECREMENT, JUMP_IF, CALL, END };
/* Forty times: the square of the value and 7, given to a handler. */
static const u8 bytecode[] = {PUSH, 40, SWAP, DUPLICATE, MULTIPLY, PUSH, 7, ADD, CALL, 2,
                              SWAP, DECREMENT, DUPLICATE, JUMP_IF, 2, END};

static u32 run(u32 seed) {
  u32 stack[8], *top = stack;
  *top = seed;
  for (u32 at = 0;;) {
    switch (bytecode[at++]) {
      case PUSH: *++top = bytecode[at++]; break;
      case ADD: top[-1] += top[0]; top--; break;
      case MULTIPLY: top[-1] *= top[0]; top--; break;
      case DUPLICATE: top[1] = top[0]; top++; break;
      case SWAP: { u32 taken = top[0]; top[0] = top[-1]; top[-1] = taken; break; }
      case DECREMENT: top[0]--; break;
      case JUMP_IF: if (*top-- != 0) at = bytecode[at]; else at++; break;
      case CALL: *top = handlers[bytecode[at++]](*top, seed); break;
      default: return top[0] ^ top[-1];
    }
  }
}

u32 work(u32 seed) {
  u32 number = seed, sum = fibonacci(12 + seed % 3) + ackermann(2, 5 + seed % 4) + queens(0x3f, 0, 0, 0);
  struct tree *root = 0;
  for (u32 i = 0; i < TREES; i++) {
    number = next(number);
    trees[i] = (struct tree){0, 0, number >> 8};
    root = insert(root, &trees[i]);
  }
  for (u32 i = 0; i < 8; i++) sum = visit(root, handlers[(number >> i) & 3], sum);
  for (u32 i = 0; i < 8; i++) sum += run(sum + i);
  return sum;
}
