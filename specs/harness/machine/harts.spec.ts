/** A VM of several harts under test: each is looked at, hurt and named by its number. */
import { boot, defineSystem, faults, kib, ms, storyOf, us } from 'testvisor';
import { Order, ORDERS } from '../../../fixtures/harts/messages';
import { failureOf } from '../matchers/failure-of';

const system = defineSystem({
  cores: 3,
  vms: { guest: { image: '../../../fixtures/harts/harts.rv64.elf', ram: kib(256), cores: [0, 1, 2] } },
  channels: { orders: { kind: 'queue', message: Order, from: 'test', to: 'guest', capacity: 4 } },
});

/** Three harts that count together, for some while. */
async function counting() {
  const machine = await boot(system);
  machine.channel('orders').send({ code: ORDERS.count, harts: 3, times: 100_000 });
  await machine.runTo(us(200));
  return machine;
}

test('each hart has a place, registers and a state', async () => {
  const machine = await boot(system);
  const guest = machine.vm('guest');
  await machine.runTo(us(100));
  expect(guest.harts.map(({ state }) => state.is)).toEqual(['waiting', 'stopped', 'stopped']);
  machine.channel('orders').send({ code: ORDERS.count, harts: 3, times: 100_000 });
  await machine.runTo(us(300));
  expect(guest.harts.map(({ state }) => state.is)).toEqual(['running', 'running', 'running']);
  expect(guest.harts.map((hart) => hart.register('tp'))).toEqual([0n, 1n, 2n]);
  for (const { position } of guest.harts) expect(position).toMatch(/count\.c:\d+|harts\.h:\d+/);
  expect(new Set(guest.harts.map((hart) => hart.register('sp'))).size).toBe(3);
  expect(guest.instructions).toBe(guest.harts.reduce((sum, { instructions }) => sum + instructions, 0));
  expect(guest.hart(1).instructions).toBeGreaterThan(1000);
});

test.each([3, -1, 0.5])('there is no hart %d', async (number) => {
  const machine = await boot(system);
  const mend = /VM “guest” has no hart .*\n {2}mend: {2}Its harts are numbered from 0 to 2\./;
  expect(() => machine.vm('guest').hart(number)).toThrow(mend);
  expect(() => machine.inject(faults.hang({ vm: 'guest', hart: number }))).toThrow(mend);
});

test('a fault in a register is in that of the hart that it names', async () => {
  const machine = await counting();
  const before = machine.vm('guest').harts.map((hart) => hart.register('s11'));
  machine.inject(faults.bitFlip({ vm: 'guest', hart: 1, register: 's11', bit: 3 }));
  const after = machine.vm('guest').harts.map((hart) => hart.register('s11'));
  expect(after).toEqual([before[0], before[1]! ^ 8n, before[2]]);
  expect(machine.trace.at(-1)).toMatchObject({ kind: 'fault-injected', hart: 1 });
});

test('a fault by instruction count counts those of its hart', async () => {
  const machine = await counting();
  const { instructions } = machine.vm('guest').hart(2);
  machine.inject(faults.crash({ vm: 'guest', hart: 2, afterInstructions: 777 }));
  await machine.runUntil(machine.vm('guest').crashed(), { atMost: ms(1) });
  expect(machine.vm('guest').hart(2).instructions).toBe(instructions + 777);
});

test('a fault at a symbol waits for its hart to be there, and disturbs no other', async () => {
  const machine = await boot(system);
  const fault = machine.inject(
    faults.skipInstructions({ vm: 'guest', hart: 2, when: { reached: 'finish' } }),
  );
  const golden = machine.fork();
  for (const run of [machine, golden]) {
    run.channel('orders').send({ code: ORDERS.count, harts: 2, times: 50 });
    await run.runTo(ms(1));
  }
  expect(fault.status).toEqual({ is: 'armed' });
  expect(machine.digest).toBe(golden.digest);
  machine.channel('orders').send({ code: ORDERS.count, harts: 3, times: 50 });
  await machine.runTo(ms(2));
  expect(fault.status).toMatchObject({ is: 'fired' });
});

test('a hart that hangs alone leaves the others running', async () => {
  const machine = await counting();
  machine.inject(faults.hang({ vm: 'guest', hart: 1 }));
  const before = machine.vm('guest').harts.map(({ instructions }) => instructions);
  await machine.runFor(ms(1));
  const after = machine.vm('guest').harts.map(({ instructions }) => instructions);
  expect(after.map((count, hart) => count > before[hart]!)).toEqual([true, false, true]);
});

test('a register of a hart that is stopped is no place for a fault', async () => {
  const machine = await boot(system);
  await machine.runTo(us(100));
  const fault = machine.inject(faults.bitFlip({ vm: 'guest', hart: 1, register: 'sp', bit: 3 }));
  expect(fault.status).toEqual({
    is: 'not-activated',
    why: 'hart 1 of VM guest was stopped when the fault was due',
  });
});

test('failure text and story say which hart', async () => {
  const machine = await boot(system);
  machine.channel('orders').send({ code: ORDERS.crash, harts: 2, times: 100 });
  await machine.runTo(us(90));
  const text = failureOf(() => expect(machine.vm('guest')).toHaveCrashed());
  expect(text).toMatch(/ {4}hart 0: waiting for an interrupt, at .* in main\(\)/);
  expect(text).toMatch(/ {4}hart 1: running, at .*\.c:\d+ in /);
  expect(text).toMatch(/ {4}hart 2: stopped/);
  await machine.runTo(ms(1));
  expect(failureOf(() => expect(machine.vm('guest')).toBeRunning())).toMatch(
    /CRASHED: store access fault on hart 1 at .*orders\.c:\d+ in crash_last\(\)/,
  );
  const story = storyOf(machine, { title: 'harts' });
  expect(story).toMatch(/hart 1: started/);
  expect(story).toMatch(/crashes: store access fault on hart 1 at/);
});
