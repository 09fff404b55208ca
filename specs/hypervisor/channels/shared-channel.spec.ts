import fc from 'fast-check';
import { struct, u16 } from '../../../platform/message';
import { Bench, benchOf, SHARED, vm, VMS } from './bench';

const [train, display, logger] = [vm('train'), vm('display'), vm('logger')];
const Speed = struct('Speed', { kmh: u16 });
const TYPED = { ...SHARED, message: Speed };

describe('a shared channel’s mutex', () => {
  test('has one holder, and hands itself to the waiter of highest priority, the first to come among equals', () => {
    const steps = fc.array(
      fc.record({ vm: fc.nat(VMS.length - 1), do: fc.constantFrom('lock', 'unlock', 'stop', 'give up') }),
      { maxLength: 60, size: 'max' },
    );
    const priorities = fc.array(fc.nat(2), { minLength: VMS.length, maxLength: VMS.length });
    fc.assert(
      fc.property(priorities, steps, (own, sequence) => {
        const { bench, channel } = benchOf(SHARED);
        bench.own = own;
        let holder: number | null = null;
        let mustCollect = false;
        let waiters: number[] = [];
        const handOver = (): void => {
          const highest = Math.max(...waiters.map((waiter) => own[waiter]!));
          holder = waiters.find((waiter) => own[waiter] === highest) ?? null;
          mustCollect = holder !== null;
          waiters = waiters.filter((waiter) => waiter !== holder);
        };
        for (const step of sequence) {
          if (step.do === 'lock') {
            const isMine = holder === null || (holder === step.vm && mustCollect);
            const expected = isMine ? 'locked' : holder === step.vm ? 'held-already' : 'must-wait';
            expect(channel.tryLock(step.vm)).toBe(expected);
            if (expected === 'locked') [holder, mustCollect] = [step.vm, false];
            if (expected === 'must-wait' && !waiters.includes(step.vm)) waiters.push(step.vm);
          } else if (step.do === 'unlock') {
            expect(channel.unlock(step.vm)).toBe(holder === step.vm ? 'unlocked' : 'not-held');
            if (holder === step.vm) handOver();
          } else {
            if (step.do === 'stop') channel.vmStopped(step.vm);
            else channel.stopWaiting(step.vm);
            waiters = waiters.filter((waiter) => waiter !== step.vm);
            if (step.do === 'stop' && holder === step.vm) handOver();
          }
          expect([channel.holder, channel.waiters]).toEqual([holder, waiters]);
        }
      }),
    );
  });

  test('wakes the VM that it is handed to', () => {
    const { bench, channel } = benchOf(SHARED);
    channel.tryLock(display);
    channel.tryLock(train);
    channel.unlock(display);
    expect(bench.wakes).toEqual(['train lock 0']);
  });

  test('makes its holder run at the highest priority among those who wait, through a chain of locks', () => {
    const bench = new Bench([
      { ...SHARED, name: 'a' },
      { ...SHARED, name: 'b' },
    ]);
    const [a, b] = bench.channels;
    if (a?.kind !== 'shared' || b?.kind !== 'shared') throw new Error('shared channels were declared');
    bench.own = [9, 0, 5, 1];
    a.tryLock(logger);
    b.tryLock(display);
    a.tryLock(display);
    expect(VMS.map((_, number) => bench.priority(number))).toEqual([9, 0, 5, 5]);
    b.tryLock(train);
    expect(VMS.map((_, number) => bench.priority(number))).toEqual([9, 0, 9, 9]);
    a.unlock(logger);
    expect(VMS.map((_, number) => bench.priority(number))).toEqual([9, 0, 9, 1]);
    b.unlock(display);
    expect(VMS.map((_, number) => bench.priority(number))).toEqual(bench.own);
  });

  test('gives the inherited priority of a deadlock a value too', () => {
    const bench = new Bench([
      { ...SHARED, name: 'a' },
      { ...SHARED, name: 'b' },
    ]);
    const [a, b] = bench.channels;
    if (a?.kind !== 'shared' || b?.kind !== 'shared') throw new Error('shared channels were declared');
    bench.own = [9, 0, 5, 1];
    a.tryLock(train);
    b.tryLock(display);
    a.tryLock(display);
    b.tryLock(train);
    expect([bench.priority(train), bench.priority(display)]).toEqual([9, 9]);
  });

  test('is released when its holder stops, which is recorded and publishes nothing', () => {
    const { bench, channel } = benchOf(TYPED);
    channel.tryLock(train);
    channel.tryLock(display);
    bench.regions[0]!.set([1, 2]);
    channel.vmStopped(train);
    expect(channel.holder).toBe(display);
    expect(bench.events).toEqual([{ at: 0, kind: 'lock-released', channel: 'link', vm: 'train' }]);
  });

  test('tells that the content may be torn when its writer stops with it, until the writer publishes anew', () => {
    const { bench, channel } = benchOf(TYPED);
    channel.tryLock(train);
    bench.regions[0]!.set([1]);
    channel.vmStopped(train);
    channel.tryLock(display);
    expect(channel.isTorn).toBe(true);
    // A reader cannot mend it.
    channel.unlock(display);
    const other = benchOf(TYPED);
    other.channel.restore(channel.save());
    channel.tryLock(train);
    expect([channel.isTorn, other.channel.isTorn]).toEqual([true, true]);
    channel.unlock(train);
    expect(channel.isTorn).toBe(false);
  });

  test('has whole content when a reader stops with it: it cannot have written', () => {
    const { channel } = benchOf(TYPED);
    channel.tryLock(display);
    channel.vmStopped(display);
    expect([channel.holder, channel.isTorn]).toEqual([null, false]);
  });

  test('forgets the waiting of a VM that stops', () => {
    const { channel } = benchOf(SHARED);
    channel.tryLock(train);
    channel.tryLock(display);
    channel.vmStopped(display);
    channel.unlock(train);
    expect(channel.holder).toBeNull();
  });
});

describe('a shared channel’s content', () => {
  const writeAndUnlock = (bench: Bench, ...content: number[]): void => {
    const channel = bench.channels[0]!;
    if (channel.kind !== 'shared') throw new Error('a shared channel was declared');
    channel.tryLock(train);
    bench.regions[0]!.set(content);
    channel.unlock(train);
  };

  test('is published when its writer unlocks, as many bytes as the message has', () => {
    const { bench } = benchOf(TYPED);
    writeAndUnlock(bench, 1, 2, 3, 4);
    expect(bench.messages).toEqual(['sent 1 [1 2]']);
    expect(bench.wakes).toEqual(['display message 0', 'logger message 0']);
  });

  test('is published whole when no message is declared', () => {
    const { bench } = benchOf({ ...SHARED, size: 4 });
    writeAndUnlock(bench, 1, 2, 3, 4);
    expect(bench.messages).toEqual(['sent 1 [1 2 3 4]']);
  });

  test('is not published when a reader unlocks', () => {
    const { bench, channel } = benchOf(TYPED);
    channel.tryLock(display);
    channel.unlock(display);
    expect(bench.messages).toEqual([]);
  });

  test('is received once by each reader that locks', () => {
    const { bench, channel } = benchOf(TYPED);
    writeAndUnlock(bench, 1, 2);
    for (const reader of [display, logger, display]) {
      channel.tryLock(reader);
      channel.unlock(reader);
    }
    expect(bench.messages).toEqual(['sent 1 [1 2]', 'received 1 [1 2]', 'received 1 [1 2]']);
  });

  test('is received also by a reader that was told of it', () => {
    const { bench, channel } = benchOf(TYPED);
    writeAndUnlock(bench, 1, 2);
    channel.notice(display);
    expect(channel.hasNews(display)).toBe(false);
    channel.tryLock(display);
    expect(bench.messages).toContain('received 1 [1 2]');
  });

  test('is received by a reader that waited for the lock when its hypercall goes on', () => {
    const { bench, channel } = benchOf(TYPED);
    channel.tryLock(train);
    expect(channel.tryLock(display)).toBe('must-wait');
    bench.regions[0]!.set([5, 6]);
    channel.unlock(train);
    expect(bench.messages).toEqual(['sent 1 [5 6]']);
    expect(channel.tryLock(display)).toBe('locked');
    expect(bench.messages).toEqual(['sent 1 [5 6]', 'received 1 [5 6]']);
  });
});
