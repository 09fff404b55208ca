/** A service is exchanged between two orders of its clients. */
import { boot, event, logLine, ms, us } from 'testvisor';
import { PROBATION, updatable } from '../../fixtures/update/system';
import { answersOf, expectContinuity, orderUntil, steps, type Updatable, versionsOf, waits } from './clients';

const EVERY = us(70);

/** A machine in which an update has been brought at 2 ms, at 40 ms. */
async function updated(image = 'service-v2.elf'): Promise<{ machine: Updatable; orders: number }> {
  const machine: Updatable = await boot(updatable);
  await orderUntil(machine, ms(2), EVERY);
  machine.vm('service').startUpdate(image);
  return { machine, orders: await orderUntil(machine, ms(12), EVERY) };
}

test('a new version takes over, and no client loses an order, or gets two answers to one', async () => {
  const { machine, orders } = await updated();
  expectContinuity(machine, orders);
  expect(orders).toBeGreaterThan(100);
  expect(versionsOf(machine)).toEqual([1, 2]);
});

test('it is received, verified, tested in the shadow, exchanged, watched, and kept', async () => {
  const { machine } = await updated();
  await machine.runUntil(machine.vm('service').updateEnds(), { atMost: PROBATION });
  expect(steps(machine)).toEqual([
    'update-begun',
    'update-verified',
    'self-test-passed',
    'boot-record-written',
    'update-switched',
    'boot-record-written',
    'update-confirmed',
  ]);
  expect(machine.vm('service').updateStatus).toEqual({
    stage: 'none',
    result: 'confirmed',
    why: undefined,
    rejection: undefined,
    slot: 1,
    sequence: 2,
  });
  expect(machine.vm('service').startReason).toBe('update');
  expect(machine.vm('spare').state).toEqual({ is: 'created' });
});

test('clients wait for one more than a microsecond longer than ever, and nobody else notices', async () => {
  const { machine } = await updated();
  const usual = await boot(updatable);
  await orderUntil(usual, ms(12), EVERY);
  const [longest, usually] = [Math.max(...waits(machine)), Math.max(...waits(usual))];
  const switched = machine.trace.find(({ kind }) => kind === 'update-switched')!;
  expect(switched).toMatchObject({ outage: us(1) + 10 });
  expect(longest).toBeLessThanOrEqual(usually + us(2));
  expect(machine.vm('updater')).toBeUndisturbed();
  expect(machine.vm('service')).not.toHaveRestarted();
});

test('orders that wait while the guests are exchanged are the new one’s', async () => {
  const machine: Updatable = await boot(updatable);
  await machine.runFor(ms(1));
  machine.vm('service').startUpdate('service-v2.elf');
  await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(5) });
  // The VM stands still now: nobody takes them.
  for (const number of [1, 2, 3]) machine.channel('orders').send({ number });
  expect(answersOf(machine)).toEqual([]);
  await machine.runFor(ms(1));
  expect(answersOf(machine)).toEqual([1, 2, 3].map((number) => ({ number, version: 2, total: number })));
});

test('it is not exchanged while it has something to do', async () => {
  const machine: Updatable = await boot(updatable);
  await machine.runFor(ms(1));
  machine.vm('service').startUpdate('service-v2.elf');
  const passed = event('its self-test', ({ kind }) => kind === 'self-test-passed');
  await machine.runUntil(passed, { atMost: ms(1) });
  // More than it gets done before the next ones come.
  let number = 0;
  while (machine.now < ms(3)) {
    while (machine.channel('orders').send({ number: number + 1 }) === 'sent') number++;
    await machine.runFor(us(10));
    while (machine.channel('answers').receive() !== undefined);
  }
  expect(machine.vm('service').updateStatus.stage).toBe('switching');
  await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(1) });
  await machine.runFor(ms(1));
  expectContinuity(machine, number);
});

test('one update after another, into the slot that is not booted', async () => {
  const { machine, orders } = await updated();
  await machine.runFor(PROBATION);
  machine.vm('service').startUpdate('service-v1.elf');
  await machine.runUntil(machine.vm('service').updateEnds(), { atMost: ms(40) });
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'confirmed', slot: 0, sequence: 4 });
  await orderUntil(machine, machine.now + ms(1), EVERY);
  expect(versionsOf(machine)).toEqual([1, 2, 1]);
  expect(machine.channel('answers').messages.length).toBeGreaterThan(orders);
});

test('a restart after that boots the new image', async () => {
  const { machine } = await updated();
  await machine.runFor(PROBATION);
  machine.vm('service').restart();
  await machine.runFor(ms(1));
  const number = machine.channel('orders').messages.length + 1;
  machine.channel('orders').send({ number });
  await machine.runFor(ms(1));
  expect(answersOf(machine).at(-1)).toEqual({ number, version: 2, total: 1 });
});

test('the log tells it to whoever runs the machine', async () => {
  const { machine } = await updated();
  await machine.runFor(PROBATION);
  expect(
    machine
      .log({ vm: 'service', since: ms(1) })
      .map(logLine)
      .map((line) => line.replace(/^.*service: /, '').replace(/: \d+ bytes/, ': … bytes')),
  ).toEqual([
    'update begun by test: … bytes',
    'update verified: slot 1 of service',
    'update has passed its self-test in spare',
    'suspended',
    'switched to slot 1 of service, still for 1.01 us',
    'begins with another image (generation 2)',
    'resumed',
    'mode normal',
    'update confirmed: slot 1 of service',
  ]);
});

test('it is the same in every run', async () => {
  const [one, other] = [await updated(), await updated()];
  expect(one.machine.digest).toBe(other.machine.digest);
});
