import fc from 'fast-check';
import { nanoseconds } from '../../../platform/units';
import { bytesOf, benchOf, NANOSECONDS_PER_CYCLE, SAMPLING, vm } from './bench';

const display = vm('display');

describe('a sampling channel', () => {
  test('holds the last value and its exact age, valid up to the declared validity', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ write: fc.uint8Array({ maxLength: 16 }) }),
        fc.record({ pass: fc.nat(200) }),
        fc.constant('read' as const),
      ),
      { maxLength: 60, size: 'max' },
    );
    fc.assert(
      fc.property(fc.nat(1500), steps, (validity, sequence) => {
        const { bench, channel } = benchOf({ ...SAMPLING, validity: nanoseconds(validity) });
        let last: { bytes: Uint8Array; at: number } | undefined;
        let now = 0;
        let written = 0;
        for (const step of sequence) {
          if (step === 'read') {
            const age = now - (last?.at ?? 0);
            const sample = { bytes: last?.bytes, sequence: written, age, valid: age <= validity };
            expect(channel.read(display)).toEqual(last === undefined ? undefined : sample);
          } else if ('pass' in step) {
            now += step.pass * NANOSECONDS_PER_CYCLE;
            bench.pass(step.pass * NANOSECONDS_PER_CYCLE);
          } else {
            last = { bytes: step.write, at: now };
            written++;
            channel.write(step.write);
          }
        }
      }),
    );
  });

  test('is always valid when no validity is declared', () => {
    const { bench, channel } = benchOf(SAMPLING);
    channel.write(bytesOf(1));
    bench.pass(1e9);
    expect(channel.read(display)).toMatchObject({ age: 1e9, valid: true });
  });

  test('does not consume what is read, and records every read', () => {
    const { bench, channel } = benchOf(SAMPLING);
    channel.write(bytesOf(1));
    channel.read(display);
    channel.read(vm('logger'));
    channel.read(display);
    expect(bench.messages).toEqual(['sent 1 [1]', 'received 1 [1]', 'received 1 [1]', 'received 1 [1]']);
  });

  test('is news to each reader until that one has read it or was told of it', () => {
    const { bench, channel } = benchOf(SAMPLING);
    channel.write(bytesOf(1));
    expect(bench.wakes).toEqual(['display message 0', 'logger message 0']);
    channel.read(display);
    expect([channel.hasNews(display), channel.hasNews(vm('logger'))]).toEqual([false, true]);
    channel.notice(vm('logger'));
    expect([channel.hasNews(vm('logger')), channel.hasNews(vm('train'))]).toEqual([false, false]);
  });
});
