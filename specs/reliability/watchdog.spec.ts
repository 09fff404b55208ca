/** A declared watchdog: armed from the start on, and no guest can disarm it or give itself more time. */
import { boot, defineSystem, faults, kib, ms, us } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../fixtures/misbehave/messages';

/** Feeds its watchdog every millisecond, and asks for 5 ms each time. */
const counter = (watchdog: ReturnType<typeof ms> | undefined) =>
  defineSystem({
    vms: {
      counter: {
        image: '../../fixtures/counter/counter.elf',
        ram: kib(64),
        onFault: { restart: 'cold' },
        ...(watchdog === undefined ? {} : { watchdog }),
      },
    },
    channels: { count: { kind: 'queue', message: Count, from: 'counter', to: 'test', capacity: 100 } },
  });

/** Never feeds it of its own accord. */
const careless = (watchdog: ReturnType<typeof ms>) =>
  defineSystem({
    vms: {
      careless: { image: '../../fixtures/misbehave/misbehave.elf', ram: kib(64), watchdog },
    },
    channels: {
      orders: { kind: 'queue', message: Order, from: 'test', to: 'careless', capacity: 1 },
      answers: { kind: 'queue', message: Answer, from: 'careless', to: 'test', capacity: 1 },
    },
  });

test('a guest that feeds it in time is undisturbed', async () => {
  const machine = await boot(counter(ms(2)));
  await machine.runTo(ms(20));
  expect(machine.vm('counter')).toBeUndisturbed();
});

test('a guest that hangs is found as soon as declared, though it asked for longer', async () => {
  for (const [watchdog, foundAt] of [
    [ms(2), ms(7)],
    [undefined, ms(10)],
    // More than it asked for makes no difference.
    [ms(9), ms(10)],
  ] as const) {
    const machine = await boot(counter(watchdog));
    machine.inject(faults.hang({ vm: 'counter', at: ms(5.5) }));
    await machine.runTo(ms(20));
    const crash = machine.trace.find(({ kind }) => kind === 'vm-crashed');
    expect(crash).toMatchObject({ fault: { kind: 'watchdog' } });
    expect(Math.abs(crash!.at - foundAt)).toBeLessThan(us(100));
  }
});

test('a guest that never feeds it is found, in each of its lives', async () => {
  const machine = await boot(careless(ms(3)));
  await machine.runTo(ms(4));
  expect(machine.vm('careless')).toHaveCrashed({ kind: 'watchdog' });
  expect(machine.trace.find(({ kind }) => kind === 'vm-crashed')!.at).toBe(ms(3));
  machine.vm('careless').start();
  const { now } = machine;
  await machine.runFor(ms(4));
  expect(machine.trace.findLast(({ kind }) => kind === 'vm-crashed')!.at).toBe(now + ms(3));
});

test('a guest cannot give itself more time by its registers', async () => {
  const machine = await boot(careless(ms(3)));
  machine.channel('orders').send({ code: ORDERS.write, argument: 0x0400_1000n });
  await machine.runUntil(machine.channel('answers').sent(), { atMost: ms(2) });
  // The register tells what was declared, in microseconds, not 0x5a5a5a5a.
  machine.channel('orders').send({ code: ORDERS.read, argument: 0x0400_1000n });
  machine.channel('answers').receive();
  await machine.runUntil(machine.channel('answers').sent(), { atMost: ms(2) });
  expect(machine.channel('answers').receive()!.value).toBe(3000n);
  await machine.runFor(ms(4));
  expect(machine.vm('careless')).toHaveCrashed({ kind: 'watchdog' });
});

test('a guest cannot disarm it by the hypercall, which disarms any other watchdog', async () => {
  const machine = await boot(careless(ms(3)));
  machine.channel('orders').send({ code: ORDERS.starveWatchdog, argument: 0n });
  await machine.runTo(ms(5));
  expect(machine.vm('careless')).toHaveCrashed({ kind: 'watchdog' });
});

test('a watchdog of no time at all is refused', () => {
  expect(() => careless(0 as never)).toThrow(
    'vms.careless.watchdog: 0 nanoseconds is below the least, 1. Write for example ms(10) or us(500).',
  );
});
