/** Remote procedure calls between two guests, and between a guest and the test. */
import { boot, bytes, defineSystem, event, faults, kib, mark, ms, reply, us } from 'testvisor';
import { OPERATIONS, Order, Request, Response, Result } from '../../fixtures/calls/messages';

const SUCCESS = 0;
const FAILED = -1;
const TIMEOUT = -12;
const FOREVER = 0xffff_ffff_ffff_ffffn;

const vm = (program: string, suffix = '') => ({
  image: `../../fixtures/calls/${program}${suffix}.elf`,
  profile: suffix.includes('machine') ? ('machine' as const) : ('supervisor' as const),
  ram: kib(256),
});

const orders = { kind: 'queue', message: Order, from: 'test', to: 'client', capacity: 8 } as const;
const results = { kind: 'queue', message: Result, from: 'client', to: 'test', capacity: 8 } as const;
const service = { kind: 'rpc', message: Request, reply: Response } as const;

const clientAndServer = (suffix = '') =>
  defineSystem({
    vms: {
      client: { ...vm('client', suffix), schedule: { priority: 2 } },
      server: { ...vm('server', suffix), schedule: { priority: 1 }, onFault: { restart: 'cold' } },
    },
    channels: { orders, results, service: { ...service, from: 'client', to: 'server' } },
  });
type Machine = Awaited<ReturnType<typeof bootBoth>>;
const bootBoth = (suffix?: string) => boot(clientAndServer(suffix));

/** Has the client make a call, and tells what came of it. */
async function call(machine: Machine, operation: number, value: number, timeout: bigint = FOREVER) {
  machine.channel('orders').send({ operation, value, timeout });
  await machine.runUntil(machine.channel('results').sent(), { atMost: ms(50) });
  return machine.channel('results').receive()!;
}

describe.each(['', '.rv64', '.machine', '.machine.rv64'])('client%s.elf and its server', (suffix) => {
  test('make a call and a reply', async () => {
    const machine = await bootBoth(suffix);
    expect(await call(machine, OPERATIONS.double, 21)).toMatchObject({
      error: SUCCESS,
      value: 42,
      served: 1,
    });
    expect(machine).toFollow([
      machine.channel('service').sent({ operation: OPERATIONS.double, value: 21 }),
      reply('service', { value: 42 }),
    ]);
  });
});

describe('A call', () => {
  test('whose time is up is withdrawn: its late reply is refused, and the next call is served', async () => {
    const machine = await bootBoth();
    const result = await call(machine, OPERATIONS.sleep, 1000, BigInt(us(200)));
    expect(result.error).toBe(TIMEOUT);
    expect(Number(result.took)).toBeGreaterThanOrEqual(us(200));
    expect(Number(result.took)).toBeLessThan(us(210));
    expect(await call(machine, OPERATIONS.double, 4)).toMatchObject({ error: SUCCESS, value: 8, served: 2 });
    expect(machine).toFollow([
      event('call 1 times out', (one) => one.kind === 'call-failed' && one.why === 'timeout'),
      mark('nobody waits', { vm: 'server', value: 1 }),
      reply('service', { value: 8 }),
    ]);
  });

  test('without time is not made', async () => {
    const machine = await bootBoth();
    expect(await call(machine, OPERATIONS.double, 1, 0n)).toMatchObject({ error: TIMEOUT });
    expect(machine.channel('service').messages).toEqual([]);
  });

  test('fails at once when its server dies with it; the restarted server serves the next', async () => {
    const machine = await bootBoth();
    expect(await call(machine, OPERATIONS.crash, 0)).toMatchObject({ error: FAILED });
    expect(await call(machine, OPERATIONS.double, 5)).toMatchObject({ error: SUCCESS, value: 10, served: 1 });
    expect(machine.vm('server')).toHaveRestarted({ times: 1 });
    expect(machine.vm('client')).toBeUndisturbed();
  });

  test('that waits while its server is dead is served by the next life', async () => {
    const machine = await bootBoth();
    machine.inject(faults.crash({ vm: 'server', at: us(1) }));
    expect(await call(machine, OPERATIONS.double, 5)).toMatchObject({ error: SUCCESS, value: 10, served: 1 });
  });

  test('ends with its client, whose server learns of it by its reply', async () => {
    const machine = await bootBoth();
    machine.channel('orders').send({ operation: OPERATIONS.sleep, value: 1000, timeout: FOREVER });
    await machine.runFor(us(500));
    machine.inject(faults.kill({ vm: 'client' }));
    await machine.runFor(ms(2));
    expect(machine.trace.filter(({ kind }) => kind === 'call-failed')).toMatchObject([
      { vm: 'client', why: 'client-stopped' },
    ]);
    expect(machine).toFollow([mark('nobody waits', { vm: 'server', value: 1 })]);
    expect(machine.vm('server')).toBeUndisturbed();
  });

  test('that a fault loses ends by its timeout', async () => {
    const machine = await bootBoth();
    machine.inject(faults.loseMessage({ channel: 'service' }));
    expect(await call(machine, OPERATIONS.double, 5, BigInt(ms(1)))).toMatchObject({ error: TIMEOUT });
    expect(await call(machine, OPERATIONS.double, 5)).toMatchObject({ value: 10, served: 1 });
  });

  test('takes its server along at the client’s priority, past what lies between them', async () => {
    const system = defineSystem({
      vms: {
        client: { ...vm('client'), schedule: { priority: 3 } },
        between: { image: '../../fixtures/counter/counter.elf', ram: kib(64), schedule: { priority: 2 } },
        server: { ...vm('server'), schedule: { priority: 1 } },
      },
      channels: {
        orders,
        results,
        service: { ...service, from: 'client', to: 'server' },
        count: { kind: 'queue', from: 'between', to: 'test', messageSize: bytes(64), capacity: 8 },
      },
    });
    const machine = await boot(system);
    machine.inject(faults.hang({ vm: 'between', at: us(500) }));
    await machine.runTo(ms(1));
    machine.channel('orders').send({ operation: OPERATIONS.double, value: 3, timeout: BigInt(ms(5)) });
    await machine.runUntil(machine.channel('results').sent({ value: 6 }), { atMost: ms(1) });
  });

  test('that is replied to wrongly returns once, and the wrong replies are refused', async () => {
    const machine = await bootBoth();
    expect(await call(machine, OPERATIONS.replyWrongly, 0)).toMatchObject({ error: SUCCESS, value: 1 });
    await machine.runFor(ms(1));
    expect(machine).toFollow([mark('bad replies refused', { vm: 'server', value: 2 })]);
  });
});

describe('The test as the client', () => {
  const testCalls = (capacity: number) =>
    boot(
      defineSystem({
        vms: { server: vm('server') },
        channels: { service: { ...service, from: 'test', to: 'server', capacity } },
      }),
    );

  test('calls, and has the reply when it has come', async () => {
    const machine = await testCalls(1);
    const called = machine.channel('service').call({ operation: OPERATIONS.double, value: 7 });
    expect([called.state, called.reply]).toEqual(['pending', undefined]);
    await machine.runUntil(machine.channel('service').replied({ value: 14 }), { atMost: ms(1) });
    expect([called.state, called.reply]).toEqual(['replied', { value: 14, served: 1 }]);
  });

  test('sees a deferred reply come after a later one', async () => {
    const machine = await testCalls(2);
    const channel = machine.channel('service');
    const deferred = channel.call({ operation: OPERATIONS.defer, value: 1 });
    const prompt = channel.call({ operation: OPERATIONS.double, value: 2 });
    await machine.runUntil(channel.replied({ value: 4 }), { atMost: ms(1) });
    expect([deferred.state, prompt.state]).toEqual(['pending', 'replied']);
    await machine.runUntil(channel.replied({ value: 1 }), { atMost: ms(1) });
    expect(deferred.reply).toEqual({ value: 1, served: 2 });
  });

  test('is refused over the capacity, may give up, and learns of its server’s death', async () => {
    const machine = await testCalls(1);
    const channel = machine.channel('service');
    const first = channel.call({ operation: OPERATIONS.double, value: 1 });
    expect(channel.call({ operation: OPERATIONS.double, value: 2 }).state).toBe('refused');
    first.giveUp();
    expect(first.state).toBe('given-up');
    const fatal = channel.call({ operation: OPERATIONS.crash, value: 0 });
    await machine.runUntil(machine.vm('server').crashed(), { atMost: ms(1) });
    expect(fatal.state).toBe('failed');
  });

  test('finds its calls in a snapshot again', async () => {
    const machine = await testCalls(1);
    const channel = machine.channel('service');
    const called = channel.call({ operation: OPERATIONS.double, value: 9 });
    const snapshot = machine.snapshot();
    await machine.runFor(ms(1));
    const first = machine.digest;
    machine.restore(snapshot);
    await machine.runFor(ms(1));
    expect(machine.digest).toBe(first);
    expect(called.reply).toEqual({ value: 18, served: 1 });
  });
});

describe('The test as the server', () => {
  const testServes = (rate?: { messages: number; per: ReturnType<typeof ms> }) => {
    return boot(
      defineSystem({
        vms: { client: vm('client') },
        channels: {
          orders,
          results,
          service: { ...service, from: 'client', to: 'test', ...(rate === undefined ? {} : { rate }) },
        },
      }),
    );
  };
  const order = { operation: OPERATIONS.double, value: 3, timeout: FOREVER };

  test('takes a call, and replies when it likes', async () => {
    const machine = await testServes();
    machine.channel('orders').send(order);
    await machine.runUntil(machine.channel('service').received(), { atMost: ms(1) });
    const taken = machine.channel('service').receive()!;
    await machine.runFor(ms(3));
    expect(machine.vm('client').state).toMatchObject({ is: 'waiting', wait: { for: 'reply' } });
    expect(taken.value).toEqual({ operation: OPERATIONS.double, value: 3 });
    expect(taken.reply({ value: 6, served: 1 })).toBe('replied');
    expect(taken.reply({ value: 6, served: 1 })).toBe('not-taken');
    await machine.runUntil(machine.channel('results').sent({ error: SUCCESS, value: 6 }), { atMost: ms(1) });
  });

  test('is spared what goes over the declared rate', async () => {
    const machine = await testServes({ messages: 1, per: ms(10) });
    const channel = machine.channel('service');
    machine.channel('orders').send(order);
    await machine.runUntil(channel.received(), { atMost: ms(1) });
    channel.receive()!.reply({ value: 6, served: 1 });
    machine.channel('orders').send(order);
    await machine.runUntil(machine.channel('results').sent({ error: FAILED }), { atMost: ms(1) });
    expect(machine.trace.filter(({ kind }) => kind === 'limit-exceeded')).toMatchObject([
      { vm: 'client', limit: 'messages-rate', of: 'service' },
    ]);
    expect(channel.receive()).toBeUndefined();
  });
});

test('What is asked of a channel of another kind is explained', async () => {
  const machine = await bootBoth();
  const queue = machine.channel('orders') as unknown as { call(value: unknown): unknown };
  expect(() => queue.call({})).toThrow('call is for channels of kind rpc; this one is a queue channel.');
  const calls = machine.channel('service') as unknown as { receive(): unknown };
  expect(() => calls.receive()).toThrow(
    'the channel goes from client to server; the test is not at that end.',
  );
});
