/* State machines: a scanner of a small language, and a receiver of framed bytes with escapes and a checksum. */
#include "work.h"

const u32 checksum = 0xbfa45aef;

static const char program[] =
    "let speed = 12.5e1; if (speed >= limit1) { brake(speed - 0x1f, \"too fast\"); } // comment\n"
    "while (i < 100) { total += table[i] * 3; i++; } /* all of it */ return total != 0 && ok;\n";

enum state { BETWEEN, NAME, NUMBER, FRACTION, HEXADECIMAL, TEXT, SLASH, LINE, BLOCK, BLOCK_END, SIGN };

static int isLetter(u8 c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static int isDigit(u8 c) { return c >= '0' && c <= '9'; }

static enum state begin(u8 c) {
  if (isLetter(c)) return NAME;
  if (isDigit(c)) return NUMBER;
  switch (c) {
    case '"': return TEXT;
    case '/': return SLASH;
    case '<': case '>': case '=': case '!': case '&': case '+': case '-': return SIGN;
    default: return BETWEEN;
  }
}

static u32 scan(u32 seed) {
  u32 counts[SIGN + 1] = {0}, sum = 0;
  enum state state = BETWEEN;
  for (u32 i = 0; i < sizeof program - 1; i++) {
    u8 c = (u8)program[i];
    if ((i & 15) == (seed & 15)) c = (u8)(c ^ (seed >> 4 & 3));
    enum state before = state;
    switch (state) {
      case NAME: if (!isLetter(c) && !isDigit(c)) state = begin(c); break;
      case NUMBER:
        if (c == '.') state = FRACTION;
        else if (c == 'x') state = HEXADECIMAL;
        else if (!isDigit(c)) state = begin(c);
        break;
      case FRACTION: if (!isDigit(c) && c != 'e') state = begin(c); break;
      case HEXADECIMAL: if (!isDigit(c) && !(c >= 'a' && c <= 'f')) state = begin(c); break;
      case TEXT: if (c == '"') state = BETWEEN; break;
      case SLASH: state = c == '/' ? LINE : c == '*' ? BLOCK : begin(c); break;
      case LINE: if (c == '\n') state = BETWEEN; break;
      case BLOCK: if (c == '*') state = BLOCK_END; break;
      case BLOCK_END: state = c == '/' ? BETWEEN : c == '*' ? BLOCK_END : BLOCK; break;
      case SIGN: case BETWEEN: state = begin(c); break;
    }
    if (state != before) counts[before]++;
    sum = sum * 31 + (u32)state;
  }
  for (u32 i = 0; i <= SIGN; i++) sum ^= counts[i] << (i * 2);
  return sum;
}

enum { FLAG = 0x7e, ESCAPE = 0x7d };
enum receiving { OUTSIDE, LENGTH, PAYLOAD, ESCAPED, CHECK };

static u32 receive(u32 seed) {
  enum receiving state = OUTSIDE;
  u32 number = seed, left = 0, good = 0, bad = 0;
  u8 sum = 0;
  for (u32 i = 0; i < 1024; i++) {
    number = next(number);
    u8 byte = (u8)(number >> 24);
    if ((byte & 0x1f) == 3) byte = FLAG;
    else if ((byte & 0x1f) == 4) byte = ESCAPE;
    if (byte == FLAG) {
      if (state != OUTSIDE && state != LENGTH) bad++;
      state = LENGTH;
      continue;
    }
    switch (state) {
      case OUTSIDE: break;
      case LENGTH: left = byte & 7; sum = byte; state = left != 0 ? PAYLOAD : CHECK; break;
      case PAYLOAD:
        if (byte == ESCAPE) {
          state = ESCAPED;
          break;
        }
        sum = (u8)(sum + byte);
        if (--left == 0) state = CHECK;
        break;
      case ESCAPED:
        sum = (u8)(sum + (byte ^ 0x20));
        state = --left == 0 ? CHECK : PAYLOAD;
        break;
      case CHECK: (byte ^ sum) & 1 ? bad++ : good++; state = OUTSIDE; break;
    }
  }
  return good << 16 | bad;
}

u32 work(u32 seed) {
  u32 sum = 0;
  for (u32 i = 0; i < 4; i++) sum += scan(seed * 4 + i) ^ receive(seed + i);
  return sum;
}
