import fc from 'fast-check';
import { nanoseconds } from '../../../platform/units';
import { RateLimit } from '../../../hypervisor/channels';
import { benchOf, bytesOf, KINDS, QUEUE, SHARED } from './bench';

const per = nanoseconds(1000);
const twoEach = { messages: 2, bytes: undefined, per };

describe('a rate', () => {
  test('lets a burst pass, and then as much as flows in', () => {
    const limit = new RateLimit({ messages: 2, bytes: undefined, per }, 100);
    const at = (...cycles: readonly number[]) => cycles.map((now) => limit.take(1, now));
    expect(at(0, 0, 0)).toEqual([undefined, undefined, 'messages']);
    expect(at(49, 50, 51)).toEqual(['messages', undefined, 'messages']);
    expect(at(100_000, 100_000, 100_000)).toEqual([undefined, undefined, 'messages']);
  });

  test('counts bytes, and takes nothing for what does not pass', () => {
    const limit = new RateLimit({ messages: 9, bytes: 10, per }, 100);
    expect([limit.take(8, 0), limit.take(3, 0), limit.take(2, 0)]).toEqual([undefined, 'bytes', undefined]);
  });

  test('never lets more pass in any interval than it holds and what flows in meanwhile', () => {
    const steps = fc.array(fc.record({ wait: fc.nat(40), size: fc.integer({ min: 1, max: 12 }) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 12, max: 50 }),
        steps,
        (messages, bytes, tries) => {
          const limit = new RateLimit({ messages, bytes, per }, 100);
          const passed: { at: number; size: number }[] = [];
          let now = 0;
          for (const { wait, size } of tries) {
            now += wait;
            if (limit.take(size, now) === undefined) passed.push({ at: now, size });
          }
          const tooMuch = passed.flatMap(({ at: from }, first) =>
            passed.slice(first).filter(({ at: to }, length) => {
              const within = passed.slice(first, first + length + 1);
              const inflow = 1 + (to - from) / 100;
              const total = within.reduce((sum, { size }) => sum + size, 0);
              return within.length > messages * inflow || total > bytes * inflow;
            }),
          );
          expect(tooMuch).toEqual([]);
        },
      ),
    );
  });
});

describe.each(KINDS)('a $kind with a rate', (definition) => {
  const send = (channel: ReturnType<typeof benchOf>['channel']): unknown => {
    switch (channel.kind) {
      case 'queue':
        return channel.trySend(bytesOf(1));
      case 'sampling':
        return channel.write(bytesOf(1));
      case 'signal':
        return channel.tryPost();
      case 'rpc':
        return channel.tryCall(bytesOf(1));
      case 'shared':
        channel.tryLock(channel.sender);
        return channel.unlock(channel.sender);
    }
  };

  test('refuses what goes over it, and records that', () => {
    const { bench, channel } = benchOf({ ...definition, rate: twoEach });
    send(channel);
    send(channel);
    expect(send(channel)).toBe('over-rate');
    expect(bench.events.filter(({ kind }) => kind === 'limit-exceeded')).toEqual([
      { at: 0, kind: 'limit-exceeded', vm: 'train', limit: 'messages-rate', of: 'link' },
    ]);
    expect(channel.sent).toBe(2);
    bench.pass(500);
    expect(send(channel)).not.toBe('over-rate');
  });

  test('goes on from a saved state as it would have', () => {
    const { channel } = benchOf({ ...definition, rate: twoEach });
    send(channel);
    const state = structuredClone(channel.save());
    const { channel: other } = benchOf({ ...definition, rate: twoEach });
    other.restore(state as never);
    send(other);
    expect(send(other)).toBe('over-rate');
  });
});

test('a region over its rate shows again what was published last', () => {
  const { bench, channel } = benchOf({ ...SHARED, rate: { ...twoEach, messages: 1 } });
  channel.tryLock(channel.sender);
  bench.regions[0]!.set(bytesOf(1));
  expect(channel.unlock(channel.sender)).toBe('unlocked');
  channel.tryLock(channel.sender);
  bench.regions[0]!.set(bytesOf(2));
  expect(channel.unlock(channel.sender)).toBe('over-rate');
  expect(bench.regions[0]![0]).toBe(1);
  expect(channel.holder).toBeNull();
});

describe('a queue that is full', () => {
  const sendThree = (whenFull: 'wait' | 'drop-newest' | 'drop-oldest') => {
    const { bench, channel } = benchOf({ ...QUEUE, capacity: 2, whenFull });
    const answers = [1, 2, 3].map((value) => channel.trySend(bytesOf(value)));
    return { bench, channel, answers };
  };
  const dropped = (bench: ReturnType<typeof benchOf>['bench']) =>
    bench.events.flatMap((event) => (event.kind === 'message-dropped' ? [event.sequence] : []));

  test('holds its sender up, unless it says otherwise', () => {
    const { bench, answers } = sendThree('wait');
    expect(answers).toEqual(['sent', 'sent', 'full']);
    expect(dropped(bench)).toEqual([]);
  });

  test('drops the newest message where it says so', () => {
    const { bench, channel, answers } = sendThree('drop-newest');
    expect(answers).toEqual(['sent', 'sent', 'sent']);
    expect(dropped(bench)).toEqual([3]);
    expect([channel.tryReceive(), channel.tryReceive()]).toEqual([bytesOf(1), bytesOf(2)]);
  });

  test('drops the oldest message where it says so', () => {
    const { bench, channel, answers } = sendThree('drop-oldest');
    expect(answers).toEqual(['sent', 'sent', 'sent']);
    expect(dropped(bench)).toEqual([1]);
    expect([channel.tryReceive(), channel.tryReceive()]).toEqual([bytesOf(2), bytesOf(3)]);
  });

  test('drops what is new where a fault holds all places', () => {
    const { bench, channel } = benchOf({ ...QUEUE, capacity: 1, whenFull: 'drop-oldest' });
    channel.faults.arm(1, { model: 'message-delay', channel: 'link', count: 1, delay: 100 });
    channel.trySend(bytesOf(1));
    expect(channel.trySend(bytesOf(2))).toBe('sent');
    bench.pass(200);
    expect([channel.tryReceive(), channel.tryReceive()]).toEqual([bytesOf(1), undefined]);
  });
});
