/* Strings: numbers to text and back, words counted and reversed, searching, base64, runs packed, UTF-8 checked. */
#include "work.h"

const u32 checksum = 0xd01d214c;

static char text[2048], coded[2048];
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char *const words[] = {"brake", "speed", "sensor", "door", "signal", "ok", "limit", "\xc3\xa9tat"};

static u32 length(const char *of) {
  const char *end = of;
  while (*end) end++;
  return (u32)(end - of);
}

static char *append(char *to, const char *from) {
  while ((*to = *from++)) to++;
  return to;
}

static char *decimal(char *to, u32 value) {
  char reversed[10];
  u32 count = 0;
  do {
    reversed[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (count > 0) *to++ = reversed[--count];
  *to = 0;
  return to;
}

static u32 sumOfNumbers(const char *from) {
  u32 sum = 0, value = 0;
  for (; *from; from++) {
    u8 digit = (u8)(*from - '0');
    if (digit < 10) value = value * 10 + digit;
    else sum += value, value = 0;
  }
  return sum + value;
}

static u32 count(const char *in, const char *wanted) {
  u32 found = 0;
  for (; *in; in++) {
    u32 i = 0;
    while (wanted[i] && in[i] == wanted[i]) i++;
    found += wanted[i] == 0;
  }
  return found;
}

static void reverseWords(char *in) {
  while (*in) {
    char *end = in;
    while (*end && *end != ' ') end++;
    for (char *a = in, *b = end - 1; a < b; a++, b--) {
      char taken = *a;
      *a = *b;
      *b = taken;
    }
    in = *end ? end + 1 : end;
  }
}

static u32 encode(char *to, const char *from, u32 size) {
  u32 at = 0;
  for (u32 i = 0; i + 2 < size; i += 3) {
    u32 three = (u32)(u8)from[i] << 16 | (u32)(u8)from[i + 1] << 8 | (u8)from[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) to[at++] = digits[three >> shift & 63];
  }
  to[at] = 0;
  return at;
}

static u32 characters(const char *in) {
  u32 sum = 0;
  while (*in) {
    u8 c = (u8)*in++;
    u32 more = c < 0x80 ? 0 : c < 0xe0 ? 1 : 2;
    for (; more > 0 && ((u8)*in & 0xc0) == 0x80; more--) in++;
    sum += more == 0;
  }
  return sum;
}

u32 work(u32 seed) {
  u32 number = seed, sum = 0;
  char *end = text;
  for (u32 i = 0; i < 80; i++) {
    number = next(number);
    end = append(end, words[number >> 29]);
    end = decimal(append(end, "="), number >> (number >> 27));
    end = append(end, " ");
  }
  sum += sumOfNumbers(text) + length(text) + characters(text);
  sum = sum * 31 + count(text, "sensor=") + count(text, "d=4");
  sum = sum * 31 + encode(coded, text, (u32)(end - text) * 3 / 4);
  for (u32 i = 0; coded[i]; i++) sum = sum * 33 ^ (u8)coded[i];
  reverseWords(text);
  for (u32 i = 0; text[i]; i++) sum = sum * 33 ^ (u8)text[i];
  return sum;
}
