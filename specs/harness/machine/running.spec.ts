/** Virtual time passes only where a spec says so, and never without limit. */
import { anyOf, boot, event, message, ms, us, type EventPattern } from 'testvisor';
import { pingPong } from '../ping-pong';

test('runUntil stops right after the event and returns it', async () => {
  const machine = await boot(pingPong);
  const stopped = await machine.runUntil(machine.channel('pong').received({ round: 3 }), { atMost: ms(10) });
  expect(stopped).toMatchObject({ kind: 'message-received', channel: 'pong', vm: 'ping' });
  expect(machine.channel('pong').messages.at(-1)?.value.round).toBe(3);
});

test('runUntil waits for events from now on', async () => {
  const machine = await boot(pingPong);
  await machine.runUntil(machine.channel('ping').sent(), { atMost: ms(10) });
  const first = machine.now;
  await machine.runUntil(machine.channel('ping').sent(), { atMost: ms(10) });
  expect(machine.now).toBeGreaterThan(first);
});

test('a state that holds already ends it at once', async () => {
  const machine = await boot(pingPong);
  await machine.runUntil(machine.vm('ping').halted(), { atMost: ms(500) });
  const { now } = machine;
  expect(await machine.runUntil(machine.vm('ping').halted(), { atMost: ms(1) })).toBeUndefined();
  expect(machine.now).toBe(now);
  expect(machine.vm('ping')).toBeHalted({ code: 0 });
});

test('anyOf ends with whichever comes first', async () => {
  const machine = await boot(pingPong);
  const never = event('pigs fly', () => false);
  await machine.runUntil(anyOf(never, message('pong')), { atMost: ms(10) });
  expect(machine.ipc).toFollowExactly([message('ping'), message('pong')]);
});

const failure = async (condition: EventPattern, atMost = us(500)) => {
  const machine = await boot(pingPong, { seed: 7 });
  return machine.runUntil(condition, { atMost }).then(
    () => undefined,
    (error: Error) => error,
  );
};

test('a condition that does not come in time says what came instead, and how to see it again', async () => {
  const error = await failure(message('pong', { round: 5000 }));
  expect(error).toMatchObject({ name: 'RunError', reason: 'limit' });
  expect(error?.message).toContain('machine.runUntil(message pong { round: 5000 })');
  expect(error?.message).toContain('not within 500 us (from 0 ms to 500 us)');
  expect(error?.message).toMatch(/but 0\.\d+ ms {2}sent pong \{ round: \d+, sum: \d+n \}/);
  expect(error?.message).toMatch(/last events of each VM[\s\S]*ping: [\s\S]*pong: /);
  expect(error?.message).toMatch(
    /replay \(seed 7\): npx jest specs\/harness\/machine\/running\.spec\.ts -t '/,
  );
});

test('when nothing more can happen it does not wait for the limit', async () => {
  const error = await failure(message('pong', { round: 5000 }), ms(10_000));
  expect(error).toMatchObject({ reason: 'idle' });
  expect(error?.message).toContain('nothing more can happen');
  expect(error?.message).toContain('pong: waiting for a message on ping');
});

test.each([undefined, 0, 1.5, -1, Number.POSITIVE_INFINITY])('%p is no limit', async (atMost) => {
  const machine = await boot(pingPong);
  await expect(machine.runUntil(message('ping'), { atMost } as never)).rejects.toMatchObject({
    code: atMost === undefined ? 'bad-limit' : 'bad-amount',
  });
});

test('the same seed gives the same run', async () => {
  const [one, other] = [await boot(pingPong, { seed: 3 }), await boot(pingPong, { seed: 3 })];
  await one.runTo(ms(2));
  await other.runTo(ms(1));
  await other.runTo(ms(2));
  expect(other.digest).toBe(one.digest);
});
