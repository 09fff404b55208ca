/** Faults in time: harts that stand still or slow down, budgets that others eat, schedulers that are late. */
import { boot, defineSystem, faults, kib, message, ms, us, type FaultPlan } from 'testvisor';
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

/** Five timer interrupts, each a millisecond of the guest's after the one before. */
const timer = (profile: 'machine' | 'supervisor') =>
  defineSystem({
    vms: {
      guest: {
        image: `../../../fixtures/timer/${profile === 'machine' ? 'timer.machine' : 'timer'}.elf`,
        profile,
        ram: kib(64),
      },
    },
  });
const interruptsOf = async (
  profile: 'machine' | 'supervisor',
  ...plans: readonly FaultPlan<'guest', never, never>[]
) => {
  const machine = await boot(timer(profile));
  const injected = plans.map((plan) => machine.inject(plan));
  await machine.runFor(ms(30));
  const times = machine.trace.filter(({ kind }) => kind === 'console').map(({ at }) => at / 1e6);
  return { times, activations: injected.map(({ activation }) => activation) };
};

describe.each(['machine', 'supervisor'] as const)('in %s mode', (profile) => {
  test('a clock that is too fast makes timers early, and keeps what it has gained', async () => {
    const { times } = await interruptsOf(
      profile,
      faults.driftClock({ vm: 'guest', ppm: 250_000, during: ms(2) }),
    );
    [0.8, 1.6, 2.5, 3.5, 4.5].forEach((at, index) => expect(times[index]).toBeCloseTo(at, 1));
  });

  test('a clock that is too slow makes them late', async () => {
    const { times } = await interruptsOf(
      profile,
      faults.driftClock({ vm: 'guest', ppm: -500_000, at: ms(2.5) }),
    );
    [1, 2, 3.5, 5.5, 7.5].forEach((at, index) => expect(times[index]).toBeCloseTo(at, 1));
  });

  test('a clock that jumps makes one early, or late', async () => {
    const forward = await interruptsOf(profile, faults.jumpClock({ vm: 'guest', by: ms(0.4), at: ms(2.5) }));
    [1, 2, 2.6, 3.6, 4.6].forEach((at, index) => expect(forward.times[index]).toBeCloseTo(at, 1));
    const back = await interruptsOf(profile, faults.jumpClock({ vm: 'guest', by: ms(-2), at: ms(2.5) }));
    [1, 2, 5, 6, 7].forEach((at, index) => expect(back.times[index]).toBeCloseTo(at, 1));
    expect(back.activations).toEqual(['fired']);
  });

  test('clocks are the same straight, from a snapshot and in a fork', async () => {
    await expectDeterminism({
      system: timer(profile),
      plans: [
        faults.driftClock({ vm: 'guest', ppm: 123_457, at: ms(1.5), during: ms(0.7), every: ms(1.1) }),
        faults.driftClock({ vm: 'guest', ppm: -300_000, at: ms(2), during: ms(1) }),
        faults.jumpClock({ vm: 'guest', by: us(-150), at: ms(1.7), every: us(900), times: 3 }),
      ],
      middle: ms(1.9),
      lasts: ms(12),
    });
  });
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
    machine.inject(faults.driftClock({ vm: 'ping', ppm: 50, at })),
    machine.inject(faults.jumpClock({ vm: 'ping', by: us(1), at })),
  ];
  await machine.runUntil(message('ping'), { atMost: ms(1) });
  expect(injected.map(({ activation }) => activation)).toEqual(Array(5).fill('not-activated'));
});
