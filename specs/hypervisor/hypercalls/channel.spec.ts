import { ReceivedCall, SampleStatus, SharedRegion } from '../../../platform/hypercall-structs';
import { nanoseconds } from '../../../platform/units';
import type { WaitReason } from '../../../hypervisor/vm/state';
import {
  errorOf,
  type Decision,
  FakeCaller,
  INPUT,
  OUTPUT,
  READ_REGION,
  rowOf,
  STATUS,
  WRITTEN_REGION,
  type Xlen,
} from './fake-caller';

const FOREVER = -1;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function waitOf(decision: Decision): WaitReason {
  if (decision.is !== 'wait') throw new Error(`expected a wait, not ${errorOf(decision)}`);
  return decision.wait;
}

describe.each<Xlen>([32, 64])('on RV%i', (xlen) => {
  test('a queue takes messages until it is full, and then a poll times out', () => {
    const caller = new FakeCaller(xlen);
    const message = caller.give(bytes(1, 2, 3));
    const send = (): Decision => caller.call('channel', 'queueSend', caller.port('queue-out'), ...message, 0);
    expect([errorOf(send()), errorOf(send()), errorOf(send())]).toEqual(['success', 'success', 'timeout']);
    expect(caller.denied).toEqual([]);
    expect(caller.call('channel', 'queueCount', caller.port('queue-out'))).toMatchObject({ value: 2 });
    expect(caller.channel('queue', 'out').tryReceive()).toEqual(bytes(1, 2, 3));
  });

  test('a sender waits for room, up to its timeout', () => {
    const caller = new FakeCaller(xlen);
    const queue = caller.channel('queue', 'out');
    queue.trySend(bytes(8));
    queue.trySend(bytes(9));
    caller.bench.pass(1000);
    const wait = waitOf(
      caller.call('channel', 'queueSend', caller.port('queue-out'), ...caller.give(bytes(1)), 5_000_000_000n),
    );
    expect(wait).toEqual({ for: 'room', channel: queue.number, deadline: 100 + 500_000_000 });
    caller.bench.pass(1000);
    // Woken for nothing, it waits on, to the same deadline.
    expect(waitOf(caller.resume(wait))).toEqual(wait);
    queue.tryReceive();
    expect(errorOf(caller.resume(wait))).toBe('success');
    expect(queue.count).toBe(2);
  });

  test('a receiver waits for ever if it wants', () => {
    const caller = new FakeCaller(xlen);
    const receive = caller.call('channel', 'queueReceive', caller.port('queue-in'), OUTPUT, 16, FOREVER);
    expect(waitOf(receive)).toMatchObject({ for: 'message', deadline: Infinity });
    caller.channel('queue', 'in').trySend(bytes(4, 5));
    const copied = 2;
    expect(caller.resume(waitOf(receive))).toEqual({
      is: 'return',
      error: 'success',
      value: 2,
      copied,
      cost: copied * caller.costs.copyPerByte,
    });
    expect(caller.at(OUTPUT, 3)).toEqual(bytes(4, 5, 0));
  });

  test('a wait that times out has changed nothing', () => {
    const caller = new FakeCaller(xlen);
    const before = caller.everything;
    const wait = waitOf(caller.call('channel', 'queueReceive', caller.port('queue-in'), OUTPUT, 16, 1000));
    expect(errorOf(caller.resume(wait, true))).toBe('timeout');
    expect(caller.everything).toEqual(before);
    expect(caller.denied).toEqual([]);
  });

  test('a message that came by the time of the timeout counts', () => {
    const caller = new FakeCaller(xlen);
    const wait = waitOf(caller.call('channel', 'queueReceive', caller.port('queue-in'), OUTPUT, 16, 1000));
    caller.channel('queue', 'in').trySend(bytes(4));
    expect(errorOf(caller.resume(wait, true))).toBe('success');
  });
});

describe('a queue', () => {
  test.each([0, 17])('refuses a message of %i bytes', (size) => {
    const caller = new FakeCaller(32);
    const decision = caller.call('channel', 'queueSend', caller.port('queue-out'), INPUT, size, 0);
    expect(errorOf(decision)).toBe('invalid-parameter');
  });

  test('refuses a buffer smaller than its messages, and keeps the message', () => {
    const caller = new FakeCaller(32);
    caller.channel('queue', 'in').trySend(bytes(1));
    const decision = caller.call('channel', 'queueReceive', caller.port('queue-in'), OUTPUT, 15, 0);
    expect(errorOf(decision)).toBe('invalid-parameter');
    expect(caller.channel('queue', 'in').count).toBe(1);
  });

  test('keeps what was sent when the sender’s memory changes', () => {
    const caller = new FakeCaller(32);
    caller.call('channel', 'queueSend', caller.port('queue-out'), ...caller.give(bytes(1)), 0);
    caller.give(bytes(2));
    expect(caller.channel('queue', 'out').tryReceive()).toEqual(bytes(1));
  });

  test('sends from a shared region and receives into one that the caller may write', () => {
    const caller = new FakeCaller(32);
    const sent = caller.call('channel', 'queueSend', caller.port('queue-out'), READ_REGION, 4, 0);
    caller.channel('queue', 'in').trySend(bytes(1));
    const received = caller.call('channel', 'queueReceive', caller.port('queue-in'), WRITTEN_REGION, 16, 0);
    expect([errorOf(sent), errorOf(received)]).toEqual(['success', 'success']);
  });

  test('costs the base, its row, and the copy', () => {
    const caller = new FakeCaller(32);
    const { cost } = caller.call(
      'channel',
      'queueSend',
      caller.port('queue-out'),
      ...caller.give(bytes(1, 2, 3)),
      0,
    );
    expect(cost).toBe(100 + rowOf('channel', 'queueSend').cost + 6);
  });
});

describe('a look-up', () => {
  test.each(['queue-in', 'shared-out'])('finds the port %s', (name) => {
    const caller = new FakeCaller(64);
    const decision = caller.call('channel', 'lookup', ...caller.give(name));
    expect(decision).toMatchObject({ error: 'success', value: caller.port(name) });
  });

  test.each(['foreign-queue', 'nothing', 'queue-in\0', '', 'q'.repeat(65)])('finds no port %j', (name) => {
    const caller = new FakeCaller(64);
    expect(errorOf(caller.call('channel', 'lookup', ...caller.give(name)))).toBe('invalid-parameter');
  });
});

describe('a sampling channel', () => {
  const statusOf = (caller: FakeCaller): unknown => SampleStatus.decode(caller.at(STATUS, SampleStatus.size));
  const read = (caller: FakeCaller, capacity = 16): Decision =>
    caller.call('channel', 'samplingRead', caller.port('sampling-in'), OUTPUT, capacity, STATUS);

  test('reads as nothing before it is written', () => {
    const caller = new FakeCaller(32);
    expect(read(caller)).toMatchObject({ error: 'success', value: 0 });
    expect(statusOf(caller)).toEqual({ age: 0n, valid: 0 });
  });

  test('reads the last value and its age', () => {
    const caller = new FakeCaller(64);
    caller.channel('sampling', 'in').write(bytes(7, 8));
    caller.bench.pass(30);
    expect(read(caller)).toMatchObject({ error: 'success', value: 2 });
    expect(caller.at(OUTPUT, 2)).toEqual(bytes(7, 8));
    expect(statusOf(caller)).toEqual({ age: 30n, valid: 1 });
  });

  test('refuses a buffer smaller than its messages', () => {
    expect(errorOf(read(new FakeCaller(32), 15))).toBe('invalid-parameter');
  });

  test.each([0, 17])('refuses a value of %i bytes', (size) => {
    const caller = new FakeCaller(32);
    const decision = caller.call('channel', 'samplingWrite', caller.port('sampling-out'), INPUT, size);
    expect(errorOf(decision)).toBe('invalid-parameter');
  });

  test('takes a value', () => {
    const caller = new FakeCaller(32);
    caller.call('channel', 'samplingWrite', caller.port('sampling-out'), ...caller.give(bytes(3)));
    expect(caller.channel('sampling', 'out').read(2)).toMatchObject({ bytes: bytes(3) });
  });
});

describe('a signal', () => {
  test('is refused at its maximum', () => {
    const caller = new FakeCaller(32);
    const post = (): string => errorOf(caller.call('channel', 'signalPost', caller.port('signal-out')));
    expect([post(), post(), post()]).toEqual(['success', 'success', 'failed']);
  });

  test('is waited for', () => {
    const caller = new FakeCaller(32);
    const wait = waitOf(caller.call('channel', 'signalWait', caller.port('signal-in'), FOREVER));
    expect(wait).toMatchObject({ for: 'signal' });
    caller.channel('signal', 'in').tryPost();
    expect(errorOf(caller.resume(wait))).toBe('success');
    expect(caller.channel('signal', 'in').count).toBe(0);
  });
});

describe('a shared region', () => {
  const OTHER = 2;
  const lock = (caller: FakeCaller, timeout: number): Decision =>
    caller.call('channel', 'lock', caller.port('shared-out'), timeout);

  test('is locked once, and unlocked by who holds it', () => {
    const caller = new FakeCaller(32);
    const unlock = (): string => errorOf(caller.call('channel', 'unlock', caller.port('shared-out')));
    expect(unlock()).toBe('invalid-state');
    expect([errorOf(lock(caller, 0)), errorOf(lock(caller, 0))]).toEqual(['success', 'invalid-state']);
    expect([unlock(), unlock()]).toEqual(['success', 'invalid-state']);
    // After its writer has stopped with it, it tells that the content may be torn.
    expect(lock(caller, 0)).toMatchObject({ error: 'success', value: 0 });
    caller.channel('shared', 'out').vmStopped(caller.caller.number);
    expect(lock(caller, 0)).toMatchObject({ error: 'success', value: 1 });
  });

  test('is handed to the VM that waits', () => {
    const caller = new FakeCaller(32);
    const region = caller.channel('shared', 'out');
    region.tryLock(OTHER);
    const wait = waitOf(lock(caller, FOREVER));
    expect(region.waiters).toEqual([caller.caller.number]);
    region.unlock(OTHER);
    expect(errorOf(caller.resume(wait))).toBe('success');
    expect(region.holder).toBe(caller.caller.number);
  });

  test.each(['a poll', 'a wait that timed out', 'a caller whose registers were changed'])(
    'is not waited for by %s',
    (who) => {
      const caller = new FakeCaller(32);
      const region = caller.channel('shared', 'out');
      region.tryLock(OTHER);
      if (who === 'a poll') expect(errorOf(lock(caller, 0))).toBe('timeout');
      else {
        const wait = waitOf(lock(caller, 1000));
        if (who !== 'a wait that timed out') caller.hart.registers[17] = 5n;
        const expected = who === 'a wait that timed out' ? 'timeout' : 'not-supported';
        expect(errorOf(caller.resume(wait, true))).toBe(expected);
      }
      expect(region.waiters).toEqual([]);
    },
  );

  test('is waited for as long as one hart of the VM does', () => {
    const caller = new FakeCaller(32);
    const region = caller.channel('shared', 'out');
    region.tryLock(OTHER);
    const wait = waitOf(lock(caller, 1000));
    caller.harts = [...caller.harts, { state: { is: 'waiting', wait }, isSuspended: false }];
    expect(errorOf(lock(caller, 0))).toBe('timeout');
    expect(errorOf(caller.resume(wait, true))).toBe('timeout');
    expect(region.waiters).toEqual([caller.caller.number]);
  });

  test('tells where it is', () => {
    const caller = new FakeCaller(64);
    caller.call('channel', 'region', caller.port('shared-in'), STATUS);
    const region = SharedRegion.decode(caller.at(STATUS, SharedRegion.size));
    expect(region).toEqual({ address: BigInt(READ_REGION), size: 64n });
  });
});

test('a wait survives being saved in the middle: registers and wait are all it needs', () => {
  const before = new FakeCaller(64);
  const wait = waitOf(before.call('channel', 'queueReceive', before.port('queue-in'), OUTPUT, 16, 1000));
  const after = new FakeCaller(64);
  after.hart.registers.splice(0, 32, ...before.hart.registers);
  after.channel('queue', 'in').trySend(bytes(6));
  expect(after.resume(structuredClone(wait))).toMatchObject({ error: 'success', value: 1 });
});

describe.each<Xlen>([32, 64])('a remote procedure call on RV%i', (xlen) => {
  const callWith = (caller: FakeCaller, size: number, capacity: number, timeout: number | bigint): Decision =>
    caller.call('channel', 'rpcCall', caller.port('rpc-out'), OUTPUT, size, capacity, timeout);

  test('waits for room, then for its reply, all within one timeout', () => {
    const caller = new FakeCaller(xlen);
    const rpc = caller.channel('rpc', 'out');
    const before = [rpc.tryCall(bytes(8)), rpc.tryCall(bytes(9))] as number[];
    const room = waitOf(callWith(caller, 3, 16, 5_000_000_000n));
    expect(room).toEqual({ for: 'room', channel: rpc.number, deadline: 500_000_000 });
    caller.bench.pass(1000);
    rpc.abandon(before[0]!, 'timeout');
    const reply = waitOf(caller.resume(room));
    expect(reply).toEqual({ for: 'reply', channel: rpc.number, call: 3, deadline: 500_000_000 });
    rpc.tryReceive();
    rpc.tryReply(rpc.tryReceive()!.arrival, bytes(1, 2));
    // Three bytes of the call and two of the reply, at two cycles each.
    expect(caller.resume(reply)).toMatchObject({ error: 'success', value: 2, cost: 10 });
    expect(caller.at(OUTPUT, 2)).toEqual(bytes(1, 2));
  });

  test('is withdrawn when its time is up, also when room comes at that very moment', () => {
    const caller = new FakeCaller(xlen);
    const rpc = caller.channel('rpc', 'out');
    const reply = waitOf(callWith(caller, 1, 16, 1000));
    expect(errorOf(caller.resume(reply, true))).toBe('timeout');
    expect(rpc.tryReceive()).toBeUndefined();
    const before = [rpc.tryCall(bytes(8)), rpc.tryCall(bytes(9))] as number[];
    const room = waitOf(callWith(caller, 1, 16, 1000));
    rpc.abandon(before[0]!, 'timeout');
    expect(errorOf(caller.resume(room, true))).toBe('timeout');
    expect(rpc.sent).toBe(3);
  });

  test('is given up when a fault makes another hypercall of it', () => {
    const caller = new FakeCaller(xlen);
    const rpc = caller.channel('rpc', 'out');
    const reply = waitOf(callWith(caller, 1, 16, FOREVER));
    caller.load(rowOf('base', 'getSpecVersion'), []);
    expect(errorOf(caller.resume(reply))).toBe('success');
    expect(rpc.tryReceive()).toBeUndefined();
    expect(caller.bench.events.at(-1)).toMatchObject({ kind: 'call-failed', why: 'abandoned' });
  });

  test('that fails with its server is no denial', () => {
    const caller = new FakeCaller(xlen);
    const rpc = caller.channel('rpc', 'out');
    const reply = waitOf(callWith(caller, 1, 16, FOREVER));
    rpc.tryReceive();
    rpc.vmStopped(rpc.server);
    expect(errorOf(caller.resume(reply))).toBe('failed');
    expect(caller.denied).toEqual([]);
  });

  test.each([
    ['too long a call', 17, 16],
    ['too little room for the reply', 4, 15],
  ])('is refused for %s', (_, size, capacity) => {
    const caller = new FakeCaller(xlen);
    expect(errorOf(callWith(caller, size, capacity, FOREVER))).toBe('invalid-parameter');
    expect(caller.denied).toEqual(['train channel.rpcCall invalid-parameter']);
  });

  test('may carry nothing, and be answered with nothing', () => {
    const caller = new FakeCaller(xlen);
    const rpc = caller.channel('rpc', 'out');
    const reply = waitOf(callWith(caller, 0, 16, FOREVER));
    rpc.tryReply(rpc.tryReceive()!.arrival, bytes());
    expect(caller.resume(reply)).toMatchObject({ error: 'success', value: 0 });
  });

  test('is taken with its age and number, and replied to once', () => {
    const caller = new FakeCaller(xlen);
    const rpc = caller.channel('rpc', 'in');
    rpc.tryCall(bytes(5, 6));
    caller.bench.pass(700);
    const receive = caller.call('channel', 'rpcReceive', caller.port('rpc-in'), OUTPUT, 16, STATUS, 0);
    expect(receive).toMatchObject({ error: 'success', value: 2 });
    expect(caller.at(OUTPUT, 2)).toEqual(bytes(5, 6));
    expect(ReceivedCall.decode(caller.at(STATUS, ReceivedCall.size))).toEqual({ age: 700n, number: 1 });
    const replyTo = (call: number, size = 2): string => {
      const [address] = caller.give(bytes(1, 2));
      return errorOf(caller.call('channel', 'rpcReply', caller.port('rpc-in'), call, address, size));
    };
    expect(replyTo(1, 17)).toBe('invalid-parameter');
    expect([replyTo(2), replyTo(1), replyTo(1)]).toEqual(['invalid-state', 'success', 'invalid-state']);
    expect(rpc.takeOutcome(1)).toEqual({ is: 'replied', bytes: bytes(1, 2) });
  });

  test('is waited for by a server, which idles through none', () => {
    const caller = new FakeCaller(xlen);
    const receive = caller.call('channel', 'rpcReceive', caller.port('rpc-in'), OUTPUT, 16, STATUS, FOREVER);
    expect(waitOf(receive)).toMatchObject({ for: 'message', deadline: Infinity });
    caller.channel('rpc', 'in').tryCall(bytes(5));
    expect(caller.resume(waitOf(receive))).toMatchObject({ error: 'success', value: 1 });
    caller.channel('rpc', 'in').tryCall(bytes(5));
    expect(errorOf(caller.call('partition', 'idle'))).toBe('success');
  });
});

describe('what goes over a channel’s rate', () => {
  test.each([
    ['queueSend', 'queue-out', [0]],
    ['samplingWrite', 'sampling-out', []],
  ] as const)('is refused to %s, and recorded with its reason', (call, channel, rest) => {
    const caller = new FakeCaller(32, { messages: 1, bytes: undefined, per: nanoseconds(1000) });
    const send = (): string =>
      errorOf(caller.call('channel', call, caller.port(channel), ...caller.give(bytes(1)), ...rest));
    expect([send(), send()]).toEqual(['success', 'failed']);
    expect(caller.denied).toEqual([`train channel.${call} failed`]);
    expect(caller.bench.events).toContainEqual(
      expect.objectContaining({ kind: 'limit-exceeded', limit: 'messages-rate', of: channel }),
    );
    caller.bench.pass(1000);
    expect(send()).toBe('success');
  });

  test('is refused to signalPost and to unlock, which unlocks all the same', () => {
    const caller = new FakeCaller(32, { messages: 1, bytes: undefined, per: nanoseconds(1000) });
    const post = (): string => errorOf(caller.call('channel', 'signalPost', caller.port('signal-out')));
    expect([post(), post()]).toEqual(['success', 'failed']);
    const publish = (): string => {
      caller.call('channel', 'lock', caller.port('shared-out'), 0);
      return errorOf(caller.call('channel', 'unlock', caller.port('shared-out')));
    };
    expect([publish(), publish()]).toEqual(['success', 'failed']);
    expect(caller.channel('shared', 'out').holder).toBeNull();
  });
});
