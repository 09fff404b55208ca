import { benchOf, bytesOf, RPC, vm } from './bench';

const events = (bench: ReturnType<typeof benchOf>['bench']): readonly string[] =>
  bench.events.map((event) => {
    const { kind, vm: who, sequence, why } = event as unknown as Record<string, string>;
    return [kind, who, sequence, why].filter((part) => part !== undefined).join(' ');
  });

describe('a remote procedure call', () => {
  test('goes to the server and comes back, and every step is recorded', () => {
    const { bench, channel } = benchOf(RPC);
    const call = channel.tryCall(bytesOf(7));
    bench.pass(250);
    expect(channel.takeOutcome(1)).toEqual({ is: 'pending' });
    const taken = channel.tryReceive()!;
    expect(taken).toEqual({ arrival: 1, bytes: bytesOf(7), age: 250 });
    expect(channel.tryReply(taken.arrival, bytesOf(14))).toBe('replied');
    expect(channel.takeOutcome(call as number)).toEqual({ is: 'replied', bytes: bytesOf(14) });
    expect(events(bench)).toEqual([
      'message-sent train 1',
      'message-received display 1',
      'reply-sent display 1',
      'reply-received train 1',
    ]);
    expect(bench.wakes).toEqual(['display message 0', 'train room 0', 'train reply 0', 'train room 0']);
  });

  test('is answered in any order', () => {
    const { channel } = benchOf(RPC);
    const [first, second] = [channel.tryCall(bytesOf(1)), channel.tryCall(bytesOf(2))] as number[];
    const [one, two] = [channel.tryReceive()!, channel.tryReceive()!];
    channel.tryReply(two.arrival, bytesOf(20));
    expect(channel.takeOutcome(first!)).toEqual({ is: 'pending' });
    expect(channel.takeOutcome(second!)).toEqual({ is: 'replied', bytes: bytesOf(20) });
    channel.tryReply(one.arrival, bytesOf(10));
    expect(channel.takeOutcome(first!)).toEqual({ is: 'replied', bytes: bytesOf(10) });
  });

  test('counts as open until its client has the reply, also against the capacity', () => {
    const { channel } = benchOf({ ...RPC, capacity: 1 });
    channel.tryCall(bytesOf(1));
    expect(channel.tryCall(bytesOf(2))).toBe('full');
    channel.tryReply(channel.tryReceive()!.arrival, bytesOf(1));
    expect(channel.tryCall(bytesOf(2))).toBe('full');
    channel.takeOutcome(1);
    expect(channel.tryCall(bytesOf(2))).toBe(2);
  });

  test('that its client gives up is not served', () => {
    const { bench, channel } = benchOf(RPC);
    const call = channel.tryCall(bytesOf(1)) as number;
    channel.abandon(call, 'timeout');
    expect(channel.tryReceive()).toBeUndefined();
    expect(events(bench)).toEqual(['message-sent train 1', 'call-failed train 1 timeout']);
  });

  test('that its client gives up while it is served takes room until the server is done with it, and its reply is refused', () => {
    const { channel } = benchOf({ ...RPC, capacity: 1 });
    const call = channel.tryCall(bytesOf(1)) as number;
    const taken = channel.tryReceive()!;
    channel.abandon(call, 'timeout');
    expect(channel.tryCall(bytesOf(2))).toBe('full');
    expect(channel.tryReply(taken.arrival, bytesOf(1))).toBe('given-up');
    expect(channel.tryReply(taken.arrival, bytesOf(1))).toBe('not-taken');
    expect(channel.tryCall(bytesOf(2))).toBe(2);
  });

  test('fails when its server stops while it has the call; one that waits is for the next life', () => {
    const { bench, channel } = benchOf(RPC);
    const [first, second] = [channel.tryCall(bytesOf(1)), channel.tryCall(bytesOf(2))] as number[];
    const taken = channel.tryReceive()!;
    channel.vmStopped(vm('display'));
    expect(channel.takeOutcome(first!)).toEqual({ is: 'failed' });
    expect(channel.takeOutcome(second!)).toEqual({ is: 'pending' });
    expect(events(bench)).toContain('call-failed train 1 server-stopped');
    expect(channel.tryReply(taken.arrival, bytesOf(1))).toBe('not-taken');
    expect(channel.tryReceive()).toMatchObject({ bytes: bytesOf(2) });
  });

  test('ends with its client', () => {
    const { bench, channel } = benchOf(RPC);
    channel.tryCall(bytesOf(1));
    channel.tryCall(bytesOf(2));
    const taken = channel.tryReceive()!;
    channel.vmStopped(vm('train'));
    expect(channel.tryReceive()).toBeUndefined();
    expect(channel.tryReply(taken.arrival, bytesOf(1))).toBe('given-up');
    expect(events(bench).filter((event) => event.startsWith('call-failed'))).toEqual([
      'call-failed train 1 client-stopped',
      'call-failed train 2 client-stopped',
    ]);
  });

  test('lends the server its client’s priority until there is a reply', () => {
    const { bench, channel } = benchOf(RPC);
    bench.own = [9, 0, 2, 0];
    expect(bench.priority(vm('display'))).toBe(2);
    channel.tryCall(bytesOf(1));
    expect(bench.priority(vm('display'))).toBe(9);
    channel.tryReply(channel.tryReceive()!.arrival, bytesOf(1));
    expect(bench.priority(vm('display'))).toBe(2);
  });

  test('that is lost stays open until its client gives it up', () => {
    const { channel } = benchOf({ ...RPC, capacity: 1 });
    channel.faults.arm(1, { model: 'message-lose', channel: 'link', count: 1 });
    channel.tryCall(bytesOf(1));
    expect(channel.tryReceive()).toBeUndefined();
    expect(channel.tryCall(bytesOf(2))).toBe('full');
    channel.abandon(1, 'timeout');
    expect(channel.tryCall(bytesOf(2))).toBe(2);
  });

  test('that is duplicated is served twice and answered once', () => {
    const { channel } = benchOf(RPC);
    channel.faults.arm(1, { model: 'message-duplicate', channel: 'link', count: 1 });
    channel.tryCall(bytesOf(1));
    const [one, two] = [channel.tryReceive()!, channel.tryReceive()!];
    expect(one.arrival).not.toBe(two.arrival);
    expect(channel.tryReply(one.arrival, bytesOf(10))).toBe('replied');
    expect(channel.tryReply(two.arrival, bytesOf(20))).toBe('given-up');
    expect(channel.takeOutcome(1)).toEqual({ is: 'replied', bytes: bytesOf(10) });
  });

  test('that comes so late that nobody waits any longer is dropped', () => {
    const { bench, channel } = benchOf(RPC);
    channel.faults.arm(1, { model: 'message-delay', channel: 'link', count: 1, delay: 100 });
    channel.tryCall(bytesOf(1));
    channel.abandon(1, 'timeout');
    bench.pass(200);
    expect(channel.tryReceive()).toBeUndefined();
  });
});
