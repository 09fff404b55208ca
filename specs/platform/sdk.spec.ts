import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { array, bool, f64, i16, struct, text, u16, u64 } from '../../platform/message';
import { messageHeader, sdkHeaders } from '../../platform/sdk/generate';

const INCLUDE = join(__dirname, '../../platform/sdk/include');

test.each(Object.entries(sdkHeaders()))(
  '%s is what the tables give; else run `npm run sdk`',
  (path, content) => {
    expect(readFileSync(join(INCLUDE, path), 'utf8')).toBe(content);
  },
);

test('a hypercall is a documented function that passes 64 bits in two registers on RV32', () => {
  expect(sdkHeaders()['testvisor/hypercalls.h']).toContain(`/**
 * Send a message, waiting for room where the queue declares that. Refused (failed) over the
 * channel’s declared rate.
 * Waits at most \`timeout\` nanoseconds: 0 polls, TV_FOR_EVER waits without end.
 * Errors: invalid-parameter, invalid-address, denied, failed, timeout.
 */
static inline tv_result tv_channel_queue_send(uint32_t port, const void *message, size_t message_size, uint64_t timeout) {
#if __riscv_xlen == 32
    return tv_hypercall(TV_EXTENSION_CHANNEL, 1, port, (unsigned long)message, message_size, (unsigned long)timeout, (unsigned long)(timeout >> 32), 0);
#else
    return tv_hypercall(TV_EXTENSION_CHANNEL, 1, port, (unsigned long)message, message_size, timeout, 0, 0);
#endif
}`);
});

const Position = struct('Position', { x: f64, valid: bool });
const Report = struct('Report', {
  level: u16,
  at: u64,
  name: text(8),
  samples: array(i16, 3),
  track: array(Position, 2),
});

test('a message’s header has every struct once, each before what contains it, checked by the compiler', () => {
  const content = messageHeader([Report, Position], {
    guard: 'REPORT_H',
    constants: { LEVEL: { fullService: 3 } },
  });
  expect(content).toContain('#ifndef REPORT_H\n#define REPORT_H\n');
  expect(content).toContain('#define LEVEL_FULL_SERVICE 3\n');
  expect(content).toContain(`typedef struct Position {
    double x;
    bool valid;
} Position;
TV_STATIC_ASSERT(sizeof(Position) == 16, "Position");
TV_STATIC_ASSERT(offsetof(Position, x) == 0, "Position.x");
TV_STATIC_ASSERT(offsetof(Position, valid) == 8, "Position.valid");

typedef struct Report {
    uint16_t level;
    uint64_t at;
    char name[8];
    int16_t samples[3];
    Position track[2];
} Report;
TV_STATIC_ASSERT(sizeof(Report) == 64, "Report");`);
  expect(content.match(/typedef struct Position/g)).toHaveLength(1);
});

test('two different messages of one name are refused', () => {
  expect(() => messageHeader([Report, struct('Position', { x: u16 })])).toThrow(
    'There are two different messages named Position. Rename one of them.',
  );
});
