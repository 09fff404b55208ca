/** A spec runs a guest up to a place in its code, as one would with a debugger. */
import { anyOf, boot, defineSystem, faults, kib, ms, us } from 'testvisor';
import { pingPong } from '../ping-pong';

const ticking = defineSystem({
  vms: { timer: { image: '../../../fixtures/timer/timer.elf', ram: kib(64) } },
});

test('runUntil stops right before a function', async () => {
  const machine = await boot(pingPong);
  const pong = machine.vm('pong');
  await machine.runUntil(pong.reaches('main'), { atMost: ms(1) });
  expect(pong.position).toMatch(/pong\.c:5 in main\(\)/);
  expect(machine.channel('pong').messages).toHaveLength(0);
});

test('each call of a function counts once', async () => {
  const machine = await boot(ticking);
  const moments: number[] = [];
  for (let call = 0; call < 3; call++) {
    await machine.runUntil(machine.vm('timer').reaches('handle'), { atMost: ms(50) });
    moments.push(Math.round(machine.now / ms(1)));
  }
  expect(moments).toEqual([moments[0], moments[0]! + 1, moments[0]! + 2]);
});

test('an address will do, and whichever place comes first of several', async () => {
  const machine = await boot(pingPong);
  const ping = machine.vm('ping');
  await machine.runUntil(ping.reaches('main'), { atMost: ms(1) });
  const fork = await boot(pingPong);
  await fork.runUntil(anyOf(fork.vm('ping').reaches(Number(ping.pc)), fork.vm('ping').halted()), {
    atMost: ms(1),
  });
  expect([fork.now, fork.vm('ping').pc]).toEqual([machine.now, ping.pc]);
});

test('to have looked there changes nothing', async () => {
  const [looked, straight] = [await boot(ticking), await boot(ticking)];
  await looked.runUntil(looked.vm('timer').reaches('handle'), { atMost: ms(50) });
  const fork = looked.fork();
  for (const machine of [looked, straight, fork]) await machine.runTo(ms(100));
  expect([looked.digest, fork.digest]).toEqual([straight.digest, straight.digest]);
  expect(fork.vm('timer').instructions).toBe(straight.vm('timer').instructions);
});

test('a fault that waits at the same place still fires', async () => {
  const machine = await boot(ticking);
  const timer = machine.vm('timer');
  const fault = machine.inject(faults.crash({ vm: 'timer', when: { reached: 'handle', nth: 2 } }));
  await machine.runUntil(timer.reaches('handle'), { atMost: ms(50) });
  expect(fault.status).toEqual({ is: 'armed' });
  await machine.runUntil(timer.crashed(), { atMost: ms(50) });
  expect(fault.status).toMatchObject({ is: 'fired' });
});

test('a place that is not reached in time is named in the failure', async () => {
  const machine = await boot(pingPong);
  await expect(machine.runUntil(machine.vm('ping').reaches('tv_exit'), { atMost: us(1) })).rejects.toThrow(
    'machine.runUntil(ping reaches tv_exit)',
  );
});

test.each([
  ['a symbol that the image lacks', 'mian', 'unknown-symbol', /Did you mean “main”/],
  ['an odd address', 0x8000_0001, 'bad-value', /instructions are at even addresses/],
  ['no address', -1, 'bad-amount', /not a whole number/],
])('%s is refused', async (_what, place, code, text) => {
  const machine = await boot(pingPong);
  const act = (): unknown => machine.vm('ping').reaches(place);
  expect(act).toThrow(expect.objectContaining({ code }));
  expect(act).toThrow(text);
});
