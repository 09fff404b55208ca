/** Interrupts that get lost, come late, come twice, or come from nowhere. */
import { boot, bytes, defineSystem, faults, kib, ms, us, type FaultPlan } from 'testvisor';
import { expectDeterminism } from './laws';

const vm = 'guest';
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

/** Reads a sector, waits for the interrupt, and so on. */
const disk = defineSystem({
  vms: {
    guest: {
      image: '../../../fixtures/virtio/virtio.elf',
      ram: kib(256),
      disks: [{ size: bytes(1024) }],
      entropy: true,
    },
  },
});

type Plan = FaultPlan<'guest', never, never>;
const run = async (system: typeof disk, duration: ReturnType<typeof ms>, ...plans: readonly Plan[]) => {
  const machine = await boot(system);
  const injected = plans.map((plan) => machine.inject(plan));
  await machine.runFor(duration);
  return { machine, guest: machine.vm('guest'), activations: injected.map(({ activation }) => activation) };
};
const interruptsIn = (text: string) => text.match(/interrupt/g)?.length ?? 0;

test.each(['machine', 'supervisor'] as const)(
  '%s mode: after a lost timer interrupt there is none any more',
  async (profile) => {
    const { guest, activations } = await run(
      timer(profile),
      ms(20),
      faults.loseInterrupt({ vm, line: 'timer', nth: 3, times: 1 }),
    );
    expect(interruptsIn(guest.console.text)).toBe(2);
    expect(activations).toEqual(['fired']);
  },
);

test.each(['machine', 'supervisor'] as const)(
  '%s mode: a delayed one comes so much later',
  async (profile) => {
    const at = async (...plans: readonly Plan[]) => {
      const { machine } = await run(timer(profile), ms(20), ...plans);
      return machine.trace.filter(({ kind }) => kind === 'console').map((event) => event.at);
    };
    const [right, late] = [
      await at(),
      await at(faults.delayInterrupt({ vm, line: 'timer', by: us(300), nth: 2, times: 1 })),
    ];
    expect(late[1]! - right[1]!).toBeGreaterThan(299e3);
    expect(late[1]! - right[1]!).toBeLessThan(301e3);
    expect(Math.abs(late[4]! - right[4]!)).toBeLessThan(1e3);
  },
);

test.each(['machine', 'supervisor'] as const)(
  '%s mode: one from nowhere is counted as one',
  async (profile) => {
    const spurious = await run(
      timer(profile),
      ms(20),
      faults.spuriousInterrupt({ vm, line: 'timer', at: ms(1.5) }),
    );
    // The handler sets the timer a period on, whatever the time is.
    expect(interruptsIn(spurious.guest.console.text)).toBe(5);
    const times = spurious.machine.trace.filter(({ kind }) => kind === 'console').map((event) => event.at);
    expect(times[1]).toBeLessThan(1.6e6);
    expect(spurious.activations).toEqual(['fired']);
  },
);

test('a timer interrupt that comes twice is counted twice', async () => {
  const { machine } = await run(
    timer('machine'),
    ms(20),
    faults.duplicateInterrupt({ vm, line: 'timer', nth: 2, times: 1 }),
  );
  const times = machine.trace.filter(({ kind }) => kind === 'console').map((event) => event.at);
  expect(times).toHaveLength(5);
  // Twice it has put the next one off by a period.
  expect(times[2]! - times[1]!).toBeGreaterThan(1.9e6);
});

test('a storm comes as often as it says', async () => {
  const { guest, machine } = await run(
    timer('machine'),
    ms(1),
    faults.interruptStorm({ vm, line: 'timer', period: us(50), at: us(200), times: 3 }),
  );
  expect(interruptsIn(guest.console.text)).toBe(3);
  expect(machine.trace.filter(({ kind }) => kind === 'fault-injected')).toHaveLength(1);
});

test('an interrupt of a disk gets lost, and its driver waits for ever', async () => {
  const whole = await run(disk, ms(5));
  expect(whole.guest).toBeHalted({ code: 0 });
  const { guest, activations } = await run(disk, ms(5), faults.loseInterrupt({ vm, line: 'virtio' }));
  expect(guest.state).toMatchObject({ is: 'waiting' });
  expect(activations).toEqual(['fired']);
});

test('a late interrupt of a disk makes it slow, one that comes twice does no harm', async () => {
  const late = await run(disk, ms(5), faults.delayInterrupt({ vm, line: 'virtio', by: us(700) }));
  expect(late.guest).toBeHalted({ code: 0 });
  const end = late.machine.trace.findLast(({ kind }) => kind === 'vm-halted');
  expect(end?.at).toBeGreaterThan(1.4e6);
  const twice = await run(disk, ms(5), faults.duplicateInterrupt({ vm, line: 'virtio' }));
  expect(twice.guest).toBeHalted({ code: 0 });
  expect(twice.activations).toEqual(['fired']);
});

test('what no device asks for is not activated', async () => {
  const { activations } = await run(
    timer('machine'),
    ms(3),
    faults.loseInterrupt({ vm, line: 'uart' }),
    faults.delayInterrupt({ vm, line: 'external', by: us(1) }),
    faults.duplicateInterrupt({ vm, line: 'software' }),
    faults.spuriousInterrupt({ vm, line: 'uart', at: ms(50) }),
    faults.interruptStorm({ vm, line: 12, period: us(1), at: ms(50) }),
  );
  expect(activations).toEqual(Array(5).fill('not-activated'));
});

test.each([
  [faults.loseInterrupt({ vm, line: 'uatr' as 'uart' }), /Did you mean “uart”/],
  [faults.loseInterrupt({ vm, line: 0 }), /not a whole number from 1/],
  [faults.spuriousInterrupt({ vm, line: 'uart', slot: 1 }), /not a whole number from 0 to 0/],
])('%#: a mistake is told', async (plan, text) => {
  const machine = await boot(timer('machine'));
  expect(() => machine.inject(plan)).toThrow(text);
});

test.each([
  ['timer', timer('machine'), 'timer', ms(1.2)],
  ['supervisor’s timer', timer('supervisor'), 'timer', ms(1.2)],
  ['disk', disk, 'virtio', us(25)],
] as const)('%s: the same straight, from a snapshot and in a fork', async (_what, system, line, middle) => {
  await expectDeterminism({
    system,
    plans: [
      faults.delayInterrupt({ vm, line, by: us(320) }),
      faults.duplicateInterrupt({ vm, line, times: 3 }),
      faults.interruptStorm({ vm, line, period: us(133), at: us(20), times: 20 }),
      faults.loseInterrupt({ vm, line, nth: 4, times: 1 }),
    ],
    middle,
    lasts: ms(8),
  });
});
