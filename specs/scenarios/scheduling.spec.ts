/** Who gets a core, and for how long: a hog that computes without end beside a guest that counts every millisecond. */
import { boot, defineSystem, faults, kib, ms, type Schedule, type TestMachine, us } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../fixtures/misbehave/messages';

interface Shares {
  readonly hog: Schedule;
  readonly counter: Schedule;
  readonly cores?: number;
  readonly hogCore?: number;
}

async function besideHog({ hog, counter, cores = 1, hogCore = 0 }: Shares) {
  const machine = await boot(
    defineSystem({
      cores,
      vms: {
        hog: {
          image: '../../fixtures/misbehave/misbehave.elf',
          ram: kib(64),
          schedule: hog,
          core: hogCore,
        },
        counter: { image: '../../fixtures/counter/counter.elf', ram: kib(64), schedule: counter },
      },
      channels: {
        orders: { kind: 'queue', message: Order, from: 'test', to: 'hog', capacity: 1 },
        answers: { kind: 'queue', message: Answer, from: 'hog', to: 'test', capacity: 1 },
        count: { kind: 'queue', message: Count, from: 'counter', to: 'test', capacity: 1000 },
      },
    }),
  );
  machine.channel('orders').send({ code: ORDERS.endlessLoop, argument: 0n });
  await machine.runFor(ms(100));
  return machine;
}

/** When the hog got its core, and when it lost it. */
function turnsOf(machine: TestMachine<'hog' | 'counter'>, core = 0) {
  const turns: { from: number; to: number }[] = [];
  let from: number | undefined;
  for (const event of machine.trace) {
    if (event.kind !== 'scheduled' || event.core !== core) continue;
    if (from !== undefined) turns.push({ from, to: event.at });
    from = event.vm === 'hog' ? event.at : undefined;
  }
  return turns;
}

test('a hog of lower priority takes nothing from the guest above it', async () => {
  const machine = await besideHog({ hog: { priority: 1 }, counter: { priority: 2 } });
  expect(machine.vm('counter')).toHaveMissedNoDeadline();
  expect(machine.vm('counter')).toBeUndisturbed();
});

test('a hog of higher priority takes the whole core', async () => {
  const machine = await besideHog({ hog: { priority: 2 }, counter: { priority: 1 } });
  expect(machine.channel('count').messages).toHaveLength(0);
});

test('a budget bounds it: so much in every period, and not a cycle more', async () => {
  const machine = await besideHog({
    hog: { priority: 2, period: ms(10), budget: ms(2) },
    counter: { priority: 1 },
  });
  const exhausted = machine.trace.filter((event) => event.kind === 'budget-exhausted');
  expect(exhausted.length).toBeGreaterThanOrEqual(9);
  for (const { from, to } of turnsOf(machine).slice(1)) expect(to - from).toBeLessThanOrEqual(ms(2) + us(1));
  expect(machine.channel('count').messages.length).toBeGreaterThan(75);
});

test('the guest that has its budget taken misses deadlines, and every miss is recorded', async () => {
  const machine = await besideHog({
    hog: { priority: 2, period: ms(10), budget: ms(2) },
    counter: { priority: 1 },
  });
  const missed = machine.trace.filter((event) => event.kind === 'deadline-missed');
  expect(missed.length).toBeGreaterThanOrEqual(8);
  expect(missed.every((event) => event.kind === 'deadline-missed' && event.at === event.deadline)).toBe(true);
  expect(() => expect(machine.vm('counter')).toHaveMissedNoDeadline()).toThrow(/missed/);
});

test('equals take turns of one time slice', async () => {
  const machine = await besideHog({ hog: {}, counter: {} });
  machine.inject(faults.hang({ vm: 'counter' }));
  const before = machine.trace.length;
  // Until its watchdog would notice.
  await machine.runFor(ms(4));
  const slices = machine.trace
    .slice(before)
    .filter((event) => event.kind === 'scheduled')
    .map(({ at }) => at);
  expect(slices.length).toBeGreaterThanOrEqual(3);
  slices.slice(1).forEach((at, index) => expect(at - slices[index]!).toBe(ms(1) + us(0.5)));
});

test('on another core it disturbs nobody, whatever its priority', async () => {
  const machine = await besideHog({ hog: { priority: 2 }, counter: { priority: 1 }, cores: 2, hogCore: 1 });
  expect(machine.vm('counter')).toBeUndisturbed();
  expect(machine).toKeepPeriod({ vm: 'counter', period: ms(1), jitter: 0 });
  expect(machine.vm('hog')).toBeRunning();
});
