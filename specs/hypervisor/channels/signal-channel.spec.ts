import fc from 'fast-check';
import { benchOf, SIGNAL, vm } from './bench';

describe('a signal', () => {
  test('counts up to its maximum and down to zero, beginning with its initial count', () => {
    const operations = fc.array(fc.constantFrom('post', 'take'), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(5), operations, (maximum, begin, steps) => {
        const initial = Math.min(begin, maximum);
        const { channel } = benchOf({ ...SIGNAL, maximum, initial });
        let count = initial;
        for (const step of steps) {
          if (step === 'post') {
            expect(channel.tryPost()).toBe(count < maximum ? 'posted' : 'at-maximum');
            count = Math.min(maximum, count + 1);
          } else {
            expect(channel.tryTake()).toBe(count > 0);
            count = Math.max(0, count - 1);
          }
          expect(channel.count).toBe(count);
        }
      }),
    );
  });

  test('records posts and their taking, but not the taking of what nobody posted', () => {
    const { bench, channel } = benchOf({ ...SIGNAL, initial: 1 });
    channel.tryPost();
    channel.tryTake();
    channel.tryTake();
    expect(bench.messages).toEqual(['sent 1 []', 'received 1 []']);
    expect(bench.wakes).toEqual(['display signal 0']);
  });

  test('is news to its receiver while it is above zero', () => {
    const { channel } = benchOf(SIGNAL);
    channel.tryPost();
    expect([channel.hasNews(vm('display')), channel.hasNews(vm('train'))]).toEqual([true, false]);
    channel.tryTake();
    expect(channel.hasNews(vm('display'))).toBe(false);
  });
});
