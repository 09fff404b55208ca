/** When faults fire, and how often: what `effects.spec.ts` does not tell of the basic ones. */
import { boot, defineSystem, faults, kib, message, ms, ns, u32, u64, struct, us } from 'testvisor';
import { trainControl } from '../../../fixtures/train-control/system';
import { Speed } from '../../../fixtures/train-control/messages';
import { pingPong } from '../ping-pong';

test('at a message whose value is as a condition says', async () => {
  const machine = await boot(pingPong);
  machine.inject(
    faults.kill({ vm: 'pong', onMessage: { channel: 'ping', matching: { round: { over: 4 } }, nth: 3 } }),
  );
  await machine.runFor(ms(1));
  expect(machine.channel('ping').messages.at(-1)).toMatchObject({ value: { round: 7 } });
});

test('only messages whose value is as a condition says', async () => {
  const machine = await boot(pingPong);
  const fault = machine.inject(
    faults.corruptMessage({
      channel: 'ping',
      mask: 0x80,
      matching: { round: { bits: 2, under: 7 } },
    }),
  );
  const never = machine.inject(faults.loseMessage({ channel: 'ping', matching: { round: { under: 0 } } }));
  await machine.runFor(ms(1));
  expect(fault.activation).toBe('fired');
  expect(never.activation).toBe('not-activated');
  const injected = machine.channel('ping').messages.filter((each) => each.injected !== undefined);
  expect(injected.map(({ value }) => value)).toMatchObject([{ round: 0x82 }]);
});

test('a number in a condition means a 64-bit field, too, and bytes go by index', async () => {
  const Wide = struct('Wide', { a: u64, b: u32 });
  const system = defineSystem({
    vms: { guest: { image: '../../../fixtures/hello/hello.elf', ram: kib(64) } },
    channels: {
      wide: { kind: 'queue', message: Wide, from: 'test', to: 'guest', capacity: 8 },
      bytes: { kind: 'queue', messageSize: 4 as never, from: 'test', to: 'guest', capacity: 8 },
    },
  });
  const machine = await boot(system);
  machine.inject(faults.loseMessage({ channel: 'wide', matching: { a: 7, b: { not: 1 } }, times: 'always' }));
  machine.inject(faults.truncateMessage({ channel: 'bytes', length: 1, matching: { 1: 5 } }));
  for (const b of [1, 2]) machine.channel('wide').send({ a: 7n, b });
  for (const second of [4, 5]) machine.channel('bytes').send(Uint8Array.of(9, second));
  expect(machine.channel('wide').messages.map(({ value }) => value)).toEqual([{ a: 7n, b: 1 }]);
  expect(machine.channel('bytes').messages.map(({ bytes }) => [...bytes])).toEqual([[9, 4], [9]]);
});

test('right after an event of the trace', async () => {
  const machine = await boot(trainControl);
  const fault = machine.inject(
    faults.crash({ vm: 'ui', onEvent: { event: { kind: 'vm-started', vm: 'sensor', generation: 2 } } }),
  );
  machine.inject(faults.crash({ vm: 'sensor', at: ms(20) }));
  await machine.runUntil(machine.vm('ui').crashed(), { atMost: ms(100) });
  expect(machine.vm('sensor')).toHaveRestarted({ times: 1 });
  expect(fault.activation).toBe('fired');
});

test('an event that does not come leaves it unactivated', async () => {
  const machine = await boot(pingPong);
  const fault = machine.inject(faults.crash({ vm: 'ping', onEvent: { event: { kind: 'deadline-missed' } } }));
  await machine.runFor(ms(1));
  expect(fault.activation).toBe('not-activated');
});

test('several times: at every coming of the trigger, or at every period', async () => {
  const machine = await boot(pingPong);
  machine.inject(faults.skipInstructions({ vm: 'ping', count: 1, when: { reached: 'main' }, times: 2 }));
  machine.inject(
    faults.pause({ vm: 'ping', duration: us(1), onMessage: { channel: 'pong', nth: 2 }, times: 3 }),
  );
  machine.inject(faults.stall({ vm: 'ping', duration: us(1), at: us(500), every: us(10), times: 4 }));
  await machine.runFor(ms(1));
  const count = (id: number) =>
    machine.trace.filter((event) => event.kind === 'fault-injected' && event.fault === id).length;
  expect([1, 2, 3].map(count)).toEqual([1, 3, 4]);
});

test('messages are lost for a while, whatever their number', async () => {
  const machine = await boot(trainControl);
  machine.inject(faults.loseMessage({ channel: 'speed', at: ms(40), during: ms(20), times: 'always' }));
  await machine.runTo(ms(100));
  const times = machine.channel('speed').messages.map(({ at }) => at);
  expect(times.filter((at) => at >= 40e6 && at < 60e6)).toEqual([]);
  expect(times.some((at) => at < 40e6) && times.some((at) => at >= 60e6)).toBe(true);
});

test('a truncated message is what there is', async () => {
  const machine = await boot(pingPong);
  machine.inject(faults.truncateMessage({ channel: 'ping', length: 1, nth: 2 }));
  await machine.runUntil(message('ping', expect.any(Uint8Array)), { atMost: ms(1) });
  expect(machine.channel('ping').messages.at(-1)?.bytes).toHaveLength(1);
});

test('wherever the test stops to look: at a symbol it fires all the same', async () => {
  const run = async (step: number) => {
    const machine = await boot(pingPong);
    const fault = machine.inject(faults.crash({ vm: 'ping', when: { reached: 'main' } }));
    for (let now = 0; now < 1000; now += step) await machine.runFor(ns(step));
    await machine.runTo(us(2));
    return [fault.status, machine.vm('ping').instructions];
  };
  const straight = await run(1000);
  expect(straight).toEqual([{ is: 'fired', at: expect.any(Number) }, expect.any(Number)]);
  for (const step of [10, 20, 50]) expect(await run(step)).toEqual(straight);
});

test('several faults are one plan, each with its own number', async () => {
  const machine = await boot(trainControl);
  const { size } = Speed;
  const plan = [
    faults.truncateMessage({ channel: 'speed', length: size - 1, at: ms(30) }),
    faults.crash({ vm: 'sensor', at: ms(50) }),
    faults.hang({ vm: 'ui', at: ms(50) }),
  ];
  const injected = plan.map((fault) => machine.inject(fault));
  await machine.runTo(ms(100));
  expect(injected.map(({ id, activation }) => [id, activation])).toEqual([
    [1, 'fired'],
    [2, 'fired'],
    [3, 'fired'],
  ]);
});
