/** What follows a crash: restarts that keep more or less, and who is told when a restart does not help. */
import { boot, defineSystem, faults, type FaultPolicy, kib, ms } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../fixtures/misbehave/messages';

const COUNTER = 1;

/** A counter, and a supervisor VM that has authority over it. */
const supervised = (onFault: FaultPolicy<'supervisor' | 'counter'>) =>
  defineSystem({
    vms: {
      supervisor: {
        image: '../../fixtures/misbehave/misbehave.elf',
        ram: kib(64),
        authorityOver: ['counter'],
      },
      counter: { image: '../../fixtures/counter/counter.elf', ram: kib(64), onFault },
    },
    channels: {
      orders: { kind: 'queue', message: Order, from: 'test', to: 'supervisor', capacity: 1 },
      answers: { kind: 'queue', message: Answer, from: 'supervisor', to: 'test', capacity: 1 },
      count: { kind: 'queue', message: Count, from: 'counter', to: 'test', capacity: 100 },
    },
  });

test('a restart from the snapshot returns to the moment of normal operation: nothing is started up again', async () => {
  const machine = await boot(supervised({ restart: 'snapshot' }));
  machine.inject(faults.crash({ vm: 'counter', at: ms(5.5) }));
  await machine.runFor(ms(10));

  expect(machine.vm('counter')).toHaveRestarted({ times: 1, kind: 'snapshot' });
  // Its start-up code prints a line; it ran once.
  expect(machine.vm('counter').console.lines).toHaveLength(1);
  const counts = machine.channel('count').messages.map(({ value }) => value.count);
  expect(counts.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 1]);
});

test('a fault that escalates to a supervisor VM stops the VM, and the supervisor may start it again', async () => {
  const machine = await boot(supervised({ escalateTo: 'supervisor' }));
  machine.inject(faults.crash({ vm: 'counter', at: ms(5) }));
  await machine.runFor(ms(6));
  expect(machine.vm('counter').state.is).toBe('crashed');
  expect(machine.trace).toContainEqual({
    at: ms(5),
    kind: 'escalated',
    vm: 'counter',
    to: 'supervisor',
  });

  machine.channel('orders').send({ code: ORDERS.authority, argument: BigInt(COUNTER) });
  await machine.runUntil(machine.channel('answers').sent({ code: ORDERS.authority }), { atMost: ms(5) });
  expect(machine.channel('answers').messages.at(-1)?.value.result).toBeGreaterThan(0n);
  expect(machine.vm('counter').generation).toBeGreaterThan(1);
});

test('when the restarts that a policy allows are used up, the fault goes where the policy says', async () => {
  const machine = await boot(
    supervised({ restart: 'warm', max: 2, within: ms(50), exhausted: { escalateTo: 'machine' } }),
  );
  for (const at of [5, 10, 15]) machine.inject(faults.crash({ vm: 'counter', at: ms(at) }));
  await machine.runUntil(machine.halts, { atMost: ms(50) });

  expect(machine.vm('counter')).toHaveRestarted({ times: 2, kind: 'warm' });
  expect(machine.now).toBe(ms(15));
});
