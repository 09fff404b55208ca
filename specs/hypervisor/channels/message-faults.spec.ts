import fc from 'fast-check';
import type { MessageFault } from '../../../hypervisor/channels';
import { struct, u16 } from '../../../platform/message';
import { Bench, bytesOf, benchOf, QUEUE, SAMPLING, SHARED, SIGNAL, vm } from './bench';

const FAULT = 7;
const lose = (count = 1): MessageFault => ({ model: 'message-lose', channel: 'link', count });
const delay = (nanoseconds: number, count = 1): MessageFault => ({
  model: 'message-delay',
  channel: 'link',
  delay: nanoseconds,
  count,
});
const duplicate: MessageFault = { model: 'message-duplicate', channel: 'link', count: 1 };
const reorder: MessageFault = { model: 'message-reorder', channel: 'link', count: 1 };
const corrupt = (offset: number, ...mask: number[]): MessageFault => ({
  model: 'message-corrupt',
  channel: 'link',
  offset,
  mask: Uint8Array.from(mask),
  count: 1,
});

describe('on a queue, a fault that', () => {
  const queueWith = (fault: MessageFault, passing = 0) => {
    const made = benchOf({ ...QUEUE, capacity: 4 });
    expect(made.channel.faults.arm(FAULT, fault, passing)).toEqual({ is: 'armed' });
    return made;
  };

  test('loses messages loses as many as it says, and the sender does not notice', () => {
    const { bench, channel } = queueWith(lose(2));
    expect([1, 2, 3].map((value) => channel.trySend(bytesOf(value)))).toEqual(['sent', 'sent', 'sent']);
    expect(bench.messages).toEqual(['sent 3 [3]']);
    expect(bench.injections).toEqual(['lost message 1 on channel link', 'lost message 2 on channel link']);
    expect(channel.faults.status(FAULT)).toEqual({ is: 'fired', at: 0 });
  });

  test('waits for the n-th message lets the others pass', () => {
    const { bench, channel } = queueWith(lose(), 2);
    for (const value of [1, 2, 3, 4]) channel.trySend(bytesOf(value));
    expect(bench.messages).toEqual(['sent 1 [1]', 'sent 2 [2]', 'sent 4 [4]']);
  });

  test('delays a message lets it in exactly then, after those it was overtaken by', () => {
    const { bench, channel } = queueWith(delay(500));
    channel.trySend(bytesOf(1));
    channel.trySend(bytesOf(2));
    expect(channel.nextEventAt()).toBe(50);
    bench.pass(490);
    expect(bench.messages).toEqual(['sent 2 [2]']);
    bench.pass(10);
    expect(bench.messages).toEqual(['sent 2 [2]', `sent 1 [1] !${FAULT}`]);
    expect(bench.events.at(-1)).toMatchObject({ at: 500 });
    expect(channel.nextEventAt()).toBe(Infinity);
  });

  test('duplicates a message lets in the same one twice', () => {
    const { bench, channel } = queueWith(duplicate);
    channel.trySend(bytesOf(1));
    expect(bench.messages).toEqual(['sent 1 [1]', `sent 1 [1] !${FAULT}`]);
    expect(channel.count).toBe(2);
  });

  test('duplicates a message waits for one that there is room for twice', () => {
    const { bench, channel } = benchOf({ ...QUEUE, capacity: 1 });
    channel.faults.arm(FAULT, duplicate);
    channel.trySend(bytesOf(1));
    expect(bench.messages).toEqual(['sent 1 [1]']);
    expect(channel.faults.status(FAULT)).toEqual({ is: 'armed' });
  });

  test('reorders swaps a message with the next', () => {
    const { bench, channel } = queueWith(reorder);
    for (const value of [1, 2, 3]) channel.trySend(bytesOf(value));
    expect(bench.messages).toEqual([`sent 2 [2] !${FAULT}`, `sent 1 [1] !${FAULT}`, 'sent 3 [3]']);
  });

  test('reorders is not activated where only one message fits', () => {
    const { channel } = benchOf({ ...QUEUE, capacity: 1 });
    expect(channel.faults.arm(FAULT, reorder)).toMatchObject({ is: 'not-activated' });
  });

  test('corrupts changes the masked bits, and the sender’s bytes stay', () => {
    const { bench, channel } = queueWith(corrupt(1, 0xff, 0x01));
    const bytes = bytesOf(1, 2);
    channel.trySend(bytes);
    expect(bench.messages).toEqual([`sent 1 [1 253] !${FAULT}`]);
    expect(bytes).toEqual(bytesOf(1, 2));
  });

  test('corrupts beyond the end of a message has not fired', () => {
    const { bench, channel } = queueWith(corrupt(2, 0xff));
    channel.trySend(bytesOf(1, 2));
    expect(bench.messages).toEqual(['sent 1 [1 2]']);
    expect(channel.faults.status(FAULT)).toEqual({ is: 'armed' });
  });

  test('is one of several acts on what the earlier ones let through', () => {
    const { bench, channel } = queueWith(duplicate);
    channel.faults.arm(8, lose());
    channel.trySend(bytesOf(1));
    expect(bench.messages).toEqual([`sent 1 [1] !${FAULT}`]);
  });

  test('is unknown has no status', () => {
    expect(benchOf(QUEUE).channel.faults.status(FAULT)).toBeUndefined();
  });

  test('is any of these never makes the queue hold more than its capacity, and loses only what it says', () => {
    const fault = fc.oneof(
      fc.nat(3).map((count) => lose(count)),
      fc.tuple(fc.nat(300), fc.nat(3)).map(([time, count]) => delay(time, count)),
      fc.constantFrom(duplicate, reorder),
      fc.nat(255).map((mask) => corrupt(0, mask)),
    );
    const steps = fc.array(fc.oneof(fault, fc.constantFrom('send', 'receive', 'pass')), {
      maxLength: 80,
      size: 'max',
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (capacity, sequence) => {
        const { bench, channel } = benchOf({ ...QUEUE, capacity });
        let accepted = 0;
        let received = 0;
        sequence.forEach((step, number) => {
          if (step === 'pass') bench.pass(100);
          else if (step === 'receive') received += channel.tryReceive() === undefined ? 0 : 1;
          else if (step === 'send') accepted += channel.trySend(bytesOf(number)) === 'sent' ? 1 : 0;
          else channel.faults.arm(number, step);
          expect(channel.count + channel.faults.inFlight).toBeLessThanOrEqual(capacity);
        });
        const count = (word: string): number =>
          bench.injections.filter((text) => text.startsWith(word)).length;
        const remaining = channel.count + channel.faults.inFlight;
        expect(received + remaining).toBe(accepted - count('lost') + count('duplicated'));
      }),
    );
  });
});

describe('on a sampling channel, a fault that', () => {
  const display = vm('display');

  test('loses a value leaves the one before, growing old', () => {
    const { bench, channel } = benchOf(SAMPLING);
    channel.write(bytesOf(1));
    channel.faults.arm(FAULT, lose());
    bench.pass(100);
    channel.write(bytesOf(2));
    expect(channel.read(display)).toMatchObject({ bytes: bytesOf(1), age: 100 });
  });

  test('delays a value lets it arrive old, also over a newer one', () => {
    const { bench, channel } = benchOf(SAMPLING);
    channel.faults.arm(FAULT, delay(300));
    channel.write(bytesOf(1));
    expect(channel.read(display)).toBeUndefined();
    bench.pass(100);
    channel.write(bytesOf(2));
    bench.pass(200);
    expect(channel.read(display)).toMatchObject({ bytes: bytesOf(1), age: 300, sequence: 1 });
  });
});

describe('on a signal, a fault that', () => {
  test('loses a post leaves the count', () => {
    const { channel } = benchOf(SIGNAL);
    channel.faults.arm(FAULT, lose());
    expect([channel.tryPost(), channel.count]).toEqual(['posted', 0]);
  });

  test('delays a post keeps its place below the maximum', () => {
    const { bench, channel } = benchOf({ ...SIGNAL, maximum: 1 });
    channel.faults.arm(FAULT, delay(100));
    expect([channel.tryPost(), channel.count, channel.tryPost()]).toEqual(['posted', 0, 'at-maximum']);
    bench.pass(100);
    expect(channel.tryTake()).toBe(true);
  });

  test('duplicates a post counts it twice', () => {
    const { channel } = benchOf(SIGNAL);
    channel.faults.arm(FAULT, duplicate);
    channel.tryPost();
    expect(channel.count).toBe(2);
  });

  test.each([reorder, corrupt(0, 1)])(
    'has nothing to act on ($model) is not activated, and says why',
    (fault) => {
      expect(benchOf(SIGNAL).channel.faults.arm(FAULT, fault)).toEqual({
        is: 'not-activated',
        why: expect.stringContaining('signal'),
      });
    },
  );
});

describe('on a shared channel, a fault that', () => {
  const train = vm('train');
  const display = vm('display');
  const TYPED = { ...SHARED, message: struct('Speed', { kmh: u16 }) };

  const shared = (fault: MessageFault) => {
    const { bench, channel } = benchOf(TYPED);
    const publish = (...content: number[]): void => {
      channel.tryLock(train);
      bench.regions[0]!.set(content);
      channel.unlock(train);
    };
    publish(1, 1);
    channel.faults.arm(FAULT, fault);
    return { bench, channel, publish, content: () => [...bench.regions[0]!.slice(0, 2)] };
  };

  test('loses a publication leaves the readers what was published before', () => {
    const { bench, publish, content } = shared(lose());
    publish(2, 2);
    expect(content()).toEqual([1, 1]);
    expect(bench.messages).toEqual(['sent 1 [1 1]']);
  });

  test('loses the first publication leaves nothing', () => {
    const { bench, channel } = benchOf(TYPED);
    channel.faults.arm(FAULT, lose());
    channel.tryLock(train);
    bench.regions[0]!.set([9, 9]);
    channel.unlock(train);
    expect([...bench.regions[0]!.slice(0, 2)]).toEqual([0, 0]);
  });

  test('delays a publication shows it later', () => {
    const { bench, publish, content } = shared(delay(100));
    publish(2, 2);
    expect(content()).toEqual([1, 1]);
    bench.pass(100);
    expect(content()).toEqual([2, 2]);
    expect(bench.messages.at(-1)).toBe(`sent 2 [2 2] !${FAULT}`);
  });

  test('delays a publication never shows it while somebody holds the lock', () => {
    const { bench, channel, publish, content } = shared(delay(100));
    publish(2, 2);
    channel.tryLock(display);
    bench.pass(1000);
    expect(content()).toEqual([1, 1]);
    channel.unlock(display);
    expect(content()).toEqual([2, 2]);
  });

  test('reorders shows the older publication last', () => {
    const { bench, publish, content } = shared(reorder);
    publish(2, 2);
    expect(content()).toEqual([1, 1]);
    publish(3, 3);
    expect(content()).toEqual([2, 2]);
    expect(bench.messages.slice(1)).toEqual([`sent 3 [3 3] !${FAULT}`, `sent 2 [2 2] !${FAULT}`]);
  });

  test('duplicates a publication shows in the record only', () => {
    const { bench, publish, content } = shared(duplicate);
    publish(2, 2);
    expect(content()).toEqual([2, 2]);
    expect(bench.messages.slice(1)).toEqual(['sent 2 [2 2]', `sent 2 [2 2] !${FAULT}`]);
  });

  test('corrupts a publication corrupts the region', () => {
    const { bench, publish, content } = shared(corrupt(1, 0x80));
    publish(2, 2);
    expect(content()).toEqual([2, 0x82]);
    expect(bench.messages.at(-1)).toBe(`sent 2 [2 130] !${FAULT}`);
  });
});

test('a fault on what the test sends names no VM', () => {
  const bench = new Bench([{ ...QUEUE, from: 'test' }]);
  const channel = bench.channels[0]!;
  channel.faults.arm(FAULT, lose());
  if (channel.kind === 'queue') channel.trySend(bytesOf(1));
  expect(bench.events).toEqual([
    { at: 0, kind: 'fault-injected', fault: FAULT, vm: null, description: 'lost message 1 on channel link' },
  ]);
});
