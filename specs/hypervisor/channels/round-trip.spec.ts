/** A channel restored from its state, however it came to it, goes on as the one that was saved. */
import fc from 'fast-check';
import type { AnyChannel } from '../../../hypervisor/channels';
import { Bench, KINDS, vm, VMS } from './bench';

const link = { channel: 'link' };
const fault = fc.oneof(
  fc.record({ model: fc.constant('message-lose' as const), count: fc.nat(2) }),
  fc.record({ model: fc.constant('message-delay' as const), count: fc.nat(2), delay: fc.nat(500) }),
  fc.record({ model: fc.constant('message-duplicate' as const), count: fc.nat(2) }),
  fc.record({ model: fc.constant('message-reorder' as const), count: fc.constant(1) }),
  fc.record({
    model: fc.constant('message-corrupt' as const),
    count: fc.nat(2),
    offset: fc.nat(4),
    mask: fc.uint8Array({ maxLength: 4 }),
  }),
);
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ arm: fault, passing: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ pass: fc.nat(300) }) },
  { weight: 8, arbitrary: fc.record({ act: fc.nat(6), party: fc.nat(VMS.length - 1), value: fc.nat(255) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function act(bench: Bench, channel: AnyChannel, which: number, party: number, value: number): unknown {
  const bytes = Uint8Array.of(value, value ^ 0xff);
  if (which === 6) return channel.notice(party);
  switch (channel.kind) {
    case 'queue':
      return which < 3 ? channel.trySend(bytes) : channel.tryReceive();
    case 'sampling':
      return which < 3 ? channel.write(bytes) : channel.read(party);
    case 'signal':
      return which < 3 ? channel.tryPost() : channel.tryTake();
    case 'rpc':
      if (which === 0) return channel.vmStopped(party);
      if (which < 3) return channel.tryCall(bytes);
      if (which === 3) return channel.tryReceive();
      if (which === 4) return channel.tryReply(value % 6, bytes);
      return value % 2 === 0 ? channel.takeOutcome(value % 8) : channel.abandon(value % 8, 'timeout');
    case 'shared':
      if (which === 0) return channel.vmStopped(party);
      if (which === 1) bench.regions[0]!.set(bytes);
      return which < 4 ? channel.tryLock(party) : channel.unlock(channel.holder ?? party);
  }
}

function perform(bench: Bench, next: Step, number: number): unknown {
  const channel = bench.channels[0]!;
  const before = [bench.events.length, bench.wakes.length] as const;
  let answer: unknown;
  if ('arm' in next) answer = channel.faults.arm(number, { ...next.arm, ...link }, next.passing);
  else if ('pass' in next) bench.pass(next.pass);
  else answer = act(bench, channel, next.act, next.party, next.value);
  return {
    answer,
    events: bench.events.slice(before[0]),
    wakes: bench.wakes.slice(before[1]),
    news: VMS.map((name) => channel.hasNews(vm(name))),
    due: channel.nextEventAt(),
    faults: channel.faults.status(number),
    region: bench.regions[0]!.slice(),
  };
}

test.each(KINDS)('$kind', (definition) => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40, size: 'max' }),
      fc.array(step, { maxLength: 40, size: 'max' }),
      (first, then) => {
        const original = new Bench([definition]);
        first.forEach((next, number) => perform(original, next, number));
        // As it would come back from a file or a worker.
        const state = structuredClone({
          cycles: original.cycles(),
          states: original.channels.map((channel) => channel.save()) as never[],
          regions: original.regions,
        });
        const kept = structuredClone(state);
        const restored = new Bench([definition]);
        restored.restore(state);
        then.forEach((next, index) => {
          const number = first.length + index;
          expect(perform(restored, next, number)).toEqual(perform(original, next, number));
        });
        // A state can be restored often: nobody changed it.
        expect(state).toEqual(kept);
      },
    ),
  );
});
