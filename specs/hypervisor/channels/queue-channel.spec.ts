import fc from 'fast-check';
import { bytesOf, benchOf, QUEUE, vm } from './bench';

describe('a queue', () => {
  test('is a bounded first-in-first-out list, whatever is done to it', () => {
    const operations = fc.array(
      fc.oneof(fc.record({ send: fc.uint8Array({ maxLength: 16 }) }), fc.constant('receive' as const)),
      {
        maxLength: 60,
        size: 'max',
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), operations, (capacity, steps) => {
        const { channel } = benchOf({ ...QUEUE, capacity });
        const model: Uint8Array[] = [];
        for (const step of steps) {
          if (step === 'receive') expect(channel.tryReceive()).toEqual(model.shift());
          else if (model.length === capacity) expect(channel.trySend(step.send)).toBe('full');
          else {
            expect(channel.trySend(step.send)).toBe('sent');
            model.push(step.send);
          }
          expect(channel.count).toBe(model.length);
        }
      }),
    );
  });

  test('numbers its messages and records who sent and who received them, and when', () => {
    const { bench, channel } = benchOf(QUEUE);
    channel.trySend(bytesOf(7));
    bench.pass(250);
    channel.tryReceive();
    channel.trySend(bytesOf(8));
    const event = { channel: 'link', sequence: 1, bytes: bytesOf(7) };
    expect(bench.events.slice(0, 2)).toEqual([
      { at: 0, kind: 'message-sent', vm: 'train', ...event },
      { at: 250, kind: 'message-received', vm: 'display', ...event },
    ]);
    expect(bench.messages).toEqual(['sent 1 [7]', 'received 1 [7]', 'sent 2 [8]']);
  });

  test('records nothing of a message that found it full', () => {
    const { bench, channel } = benchOf({ ...QUEUE, capacity: 1 });
    channel.trySend(bytesOf(1));
    channel.trySend(bytesOf(2));
    expect(bench.messages).toEqual(['sent 1 [1]']);
    expect(channel.sent).toBe(1);
  });

  test('wakes the receiver for a message and the sender for room', () => {
    const { bench, channel } = benchOf(QUEUE);
    channel.trySend(bytesOf(1));
    channel.tryReceive();
    expect(bench.wakes).toEqual(['display message 0', 'train room 0']);
  });

  test('has the test at an end, which is never woken', () => {
    const { bench, channel } = benchOf({ ...QUEUE, from: 'test' });
    channel.trySend(bytesOf(1));
    channel.tryReceive();
    expect(bench.wakes).toEqual(['display message 0']);
    expect(bench.events[0]).toMatchObject({ kind: 'message-sent', vm: 'test' });
  });

  test('is news to its receiver until it is empty, and never to its sender', () => {
    const { channel } = benchOf(QUEUE);
    channel.trySend(bytesOf(1));
    channel.notice();
    expect([channel.hasNews(vm('display')), channel.hasNews(vm('train'))]).toEqual([true, false]);
    channel.tryReceive();
    expect(channel.hasNews(vm('display'))).toBe(false);
  });
});
