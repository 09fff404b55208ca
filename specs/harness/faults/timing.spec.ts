/** Faults in time: harts that stand still or slow down, budgets that others eat, schedulers that are late. */
import { boot, faults, message, ms, us, type FaultPlan } from 'testvisor';
import { trainControl } from '../../../fixtures/train-control/system';
import { pingPong } from '../ping-pong';
import { expectDeterminism } from './laws';

type Plan = FaultPlan<'ping' | 'pong', 'ping' | 'pong', never>;

async function after(duration: ReturnType<typeof ms>, ...plans: readonly Plan[]) {
  const machine = await boot(pingPong);
  const injected = plans.map((plan) => machine.inject(plan));
  await machine.runFor(duration);
  return { machine, fault: injected[0]!, rounds: machine.channel('ping').messages.length };
}

test('a hart that stalls keeps its core, and goes on afterwards', async () => {
  const machine = await boot(pingPong);
  const fault = machine.inject(faults.stall({ vm: 'pong', at: us(100), duration: us(200) }));
  await machine.runTo(us(150));
  const before = machine.vm('pong').instructions + machine.vm('ping').instructions;
  await machine.runTo(us(290));
  // The other one waits for it.
  expect(machine.vm('pong').instructions + machine.vm('ping').instructions).toBeLessThan(before + 200);
  expect(fault.activation).toBe('fired');
  const rounds = machine.channel('ping').messages.length;
  await machine.runTo(us(600));
  expect(machine.channel('ping').messages.length).toBeGreaterThan(rounds + 5);
});

test('a stall that comes again costs its share of the time', async () => {
  const { rounds: all } = await after(ms(2));
  const { rounds: half, machine } = await after(
    ms(2),
    faults.stall({ vm: 'pong', duration: us(50), after: us(0), every: us(100), times: 'always' }),
  );
  expect(half / all).toBeGreaterThan(0.4);
  expect(half / all).toBeLessThan(0.6);
  expect(machine.trace.filter(({ kind }) => kind === 'fault-injected')).toHaveLength(20);
});

test.each([0.25, 0.5, 0.75])('a throttled hart has %d of its speed', async (speed) => {
  const { rounds: all } = await after(ms(2));
  const { rounds, fault } = await after(
    ms(2),
    faults.throttle({ vm: 'ping', speed }),
    faults.throttle({ vm: 'pong', speed }),
  );
  expect(rounds / all).toBeGreaterThan(speed - 0.06);
  expect(rounds / all).toBeLessThan(speed + 0.06);
  expect(fault.status).toMatchObject({ is: 'fired' });
});

test('a throttle ends, and full speed returns', async () => {
  const machine = await boot(pingPong);
  machine.inject(faults.throttle({ vm: 'ping', speed: 0.1, during: ms(1) }));
  await machine.runTo(ms(1));
  const slow = machine.channel('ping').messages.length;
  await machine.runTo(ms(2));
  expect(machine.channel('ping').messages.length - slow).toBeGreaterThan(1.5 * slow);
});

test('stolen budget is missed until the next period', async () => {
  const machine = await boot(trainControl);
  const fault = machine.inject(faults.stealBudget({ vm: 'train', amount: ms(4), at: ms(32) }));
  await machine.runTo(ms(39.9));
  const { instructions } = machine.vm('train');
  expect(fault.activation).toBe('fired');
  await machine.runTo(ms(50));
  expect(machine.vm('train').instructions).toBeGreaterThan(instructions);
});

test('what jitter does to message times is random, and the same for the same seed', async () => {
  const run = async (seed: number) => {
    const machine = await boot(pingPong, { seed });
    machine.inject(faults.jitter({ vm: 'pong', upTo: us(20) }));
    await machine.runFor(ms(1));
    return machine.channel('pong').messages.map(({ at }) => at);
  };
  const [first, again, other] = [await run(1), await run(1), await run(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  const gaps = first.slice(1).map((at, index) => at - first[index]!);
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(10e3);
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(21e3);
});

test('each is the same straight, from a snapshot and in a fork', async () => {
  await expectDeterminism({
    system: pingPong,
    plans: [
      faults.stall({ vm: 'pong', duration: us(50), at: us(90), every: us(100) }),
      faults.throttle({ vm: 'ping', speed: 0.3, at: us(200), during: us(37), every: us(80) }),
      faults.jitter({ vm: 'pong', upTo: us(3), times: 50 }),
    ],
    middle: us(313),
    lasts: ms(1),
  });
});

test('what never comes is not activated', async () => {
  const machine = await boot(pingPong);
  const at = ms(100);
  const injected = [
    machine.inject(faults.stall({ vm: 'ping', duration: us(1), at })),
    machine.inject(faults.throttle({ vm: 'ping', speed: 0.5, at })),
    machine.inject(faults.jitter({ vm: 'ping', upTo: us(1), at })),
  ];
  await machine.runUntil(message('ping'), { atMost: ms(1) });
  expect(injected.map(({ activation }) => activation)).toEqual(Array(3).fill('not-activated'));
});
