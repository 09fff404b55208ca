/** Stopping to look at one VM leaves the others, on cores of their own, where they would have been. */
import { boot, defineSystem, kib, ms, us } from 'testvisor';

const system = defineSystem({
  cores: 2,
  vms: {
    speaker: { image: '../../../fixtures/hello/hello.elf', ram: kib(64) },
    worker: { image: '../../../fixtures/counter/counter.elf', ram: kib(64), core: 1 },
  },
});

test.each([us(1), us(3), us(7), us(20), us(100)])('for %d ns after a line', async (later) => {
  const looked = await boot(system);
  await looked.runUntil(looked.vm('speaker').prints(''), { atMost: ms(1) });
  const straight = await boot(system);
  // A moment that one VM's core may have passed when the other one's has not.
  const moment = us(Math.max(1, Math.floor(looked.now / 1000)) + later / 1000);
  for (const machine of [looked, straight]) await machine.runTo(moment);
  const places = [looked, straight].map((machine) => [
    machine.now,
    machine.vm('worker').instructions,
    machine.vm('worker').pc,
  ]);
  expect(places[0]).toEqual(places[1]);
  for (const machine of [looked, straight]) await machine.runTo(ms(3));
  expect(looked.digest).toBe(straight.digest);
});

test('after a stop in the middle of a turn it is the time of what was waited for', async () => {
  const machine = await boot(
    defineSystem({ vms: { speaker: { image: '../../../fixtures/hello/hello.elf', ram: kib(64) } } }),
  );
  const line = await machine.runUntil(machine.vm('speaker').prints(''), { atMost: ms(1) });
  expect(machine.now - line!.at).toBeLessThan(20);
  expect(machine.now).toBeGreaterThanOrEqual(line!.at);
});
