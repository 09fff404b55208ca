/** Where a spec stops to look is exact, and leaves no trace, whatever is under way at that moment. */
import { boot, defineSystem, kib, ms, us } from 'testvisor';
import { pingPong } from '../ping-pong';

test('a run ends at the very moment that it was to end at', async () => {
  const machine = await boot(pingPong);
  for (let at = 0; at < 300; at++) {
    await machine.runTo(us(0.5 + at * 0.37));
    expect(machine.now).toBe(Math.ceil((500 + at * 370) / 10) * 10);
  }
  const straight = await boot(pingPong);
  for (const each of [machine, straight]) await each.runTo(ms(1));
  expect(machine.digest).toBe(straight.digest);
});

test('work that is under way at the end of a run ends in the next one', async () => {
  const system = defineSystem({
    costs: { contextSwitch: 2000, hypercall: 3000 },
    vms: {
      ping: { image: '../../../fixtures/ping-pong/ping.elf', ram: kib(64) },
      pong: { image: '../../../fixtures/ping-pong/pong.elf', ram: kib(64) },
    },
    channels: pingPong.channels,
  });
  const [halting, straight] = [await boot(system), await boot(system)];
  for (let at = 1; at < 200; at++) {
    await halting.runTo(us(at * 10));
    expect(halting.now).toBe(at * 10_000);
  }
  await straight.runTo(us(1990));
  expect(halting.digest).toBe(straight.digest);
});

test('a run that ends with the last VM ends when that one did, and what the test does next comes after it', async () => {
  const machine = await boot(
    defineSystem({ vms: { hello: { image: '../../../fixtures/hello/hello.elf', ram: kib(64) } } }),
  );
  const halted = await machine.runUntil(machine.vm('hello').halted(), { atMost: ms(10) });
  expect(halted!.at).toBeGreaterThan(0);
  expect(machine.now).toBe(halted!.at);
  await machine.runFor(us(1));
  expect(machine.now).toBe(halted!.at + 1000);
  machine.vm('hello').restart();
  expect(machine.trace.map(({ at }) => at)).toEqual(machine.trace.map(({ at }) => at).sort((a, b) => a - b));
});
