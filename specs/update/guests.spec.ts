/** Guests of every width, profile and manner of working are exchanged, on one core and on two, whatever is beside them. */
import { boot, defineSystem, event, faults, kib, ms, type TestMachine, us } from 'testvisor';
import { OPERATIONS, Request, Response } from '../../fixtures/calls/messages';
import { Count } from '../../fixtures/counter/messages';
import { updatable } from '../../fixtures/update/system';
import { expectContinuity, orderUntil, type Updatable, versionsOf } from './clients';

const EVERY = us(130);
const PROBATION = ms(3);
const { definition, directory } = updatable;

/** The updatable system with other VMs in it, or others besides. */
const systemOf = (changes: { readonly [vm: string]: object }, more: object = {}): typeof updatable => {
  const vms: Record<string, object> = { ...definition.vms };
  for (const [name, change] of Object.entries(changes)) vms[name] = { ...vms[name], ...change };
  const service = vms['service'] as { readonly update: object };
  vms['service'] = { ...service, update: { ...service.update, probation: PROBATION } };
  return defineSystem({ ...definition, ...more, vms } as never, { relativeTo: directory! }) as never;
};

async function updatedWith(system: typeof updatable, image: string, until = ms(6)) {
  const machine: Updatable = await boot(system);
  await orderUntil(machine, ms(1), EVERY);
  machine.vm('service').startUpdate(image);
  return { machine, orders: await orderUntil(machine, until, EVERY) };
}

test.each([
  ['', 'supervisor'],
  ['.rv64', 'supervisor'],
  ['.machine', 'machine'],
  ['.machine.rv64', 'machine'],
])('service-v1%s.elf gives its place to the second version', async (suffix, profile) => {
  const vm = { image: `service-v1${suffix}.elf`, profile };
  const system = systemOf({ service: vm, spare: vm });
  const { machine, orders } = await updatedWith(system, `service-v2${suffix}.elf`);
  expect(machine.vm('service')).toHaveBeenUpdated({ outage: us(2) });
  expectContinuity(machine, orders);
  expect(versionsOf(machine)).toEqual([1, 2]);
});

test('on another core than the VM’s the self-test takes nobody’s time, and the guest’s own does not go back', async () => {
  const { machine, orders } = await updatedWith(
    systemOf({ spare: { core: 1 } }, { cores: 2 }),
    'service-v2.elf',
  );
  expect(machine.vm('service')).toHaveBeenUpdated();
  expectContinuity(machine, orders);
  const last = machine.trace.findLast(
    (each) => 'vm' in each && each.vm === 'spare' && each.kind !== 'vm-suspended',
  )!;
  const resumed = machine.trace.find(({ kind }) => kind === 'vm-resumed')!;
  expect(resumed.at).toBeGreaterThan(last.at);
});

describe('who has nothing to do with it', () => {
  const beside = {
    image: '../counter/counter.elf',
    ram: kib(64),
    schedule: { priority: 9, period: ms(1) },
  };
  const more = (extra: object) => ({
    ...extra,
    channels: {
      ...definition.channels,
      count: { kind: 'queue', message: Count, from: 'beside', to: 'test', capacity: 100 },
    },
  });
  const windows = [
    { vm: 'beside', offset: us(0), duration: us(200) },
    { vm: 'service', offset: us(200), duration: us(400) },
    { vm: 'spare', offset: us(600), duration: us(200) },
    { vm: 'updater', offset: us(800), duration: us(200) },
  ];
  test.each([
    ['by priority', {}],
    ['in time partitions', { schedules: { normal: { majorFrame: ms(1), windows } } }],
  ])('does not notice: %s', async (_, extra) => {
    const system = systemOf({ beside }, more(extra));
    const { machine } = await updatedWith(system, 'service-v2.elf', ms(9));
    const golden: Updatable = await boot(system);
    await orderUntil(golden, ms(9), EVERY);
    expect(machine.vm('service')).toHaveBeenUpdated();
    const others = (run: Updatable) => (run as unknown as TestMachine<'beside'>).vm('beside');
    expect(others(machine)).toBeUndisturbed({ comparedWith: golden });
  });
});

describe('a periodic task', () => {
  const system = systemOf({
    service: { image: 'periodic-v1.elf', watchdog: undefined, schedule: { priority: 2, period: us(500) } },
  });

  test('is exchanged between two jobs, and misses no deadline', async () => {
    const { machine } = await updatedWith(system, 'periodic-v2.elf');
    expect(machine.vm('service')).toHaveBeenUpdated();
    expect(machine.vm('service')).toHaveMissedNoDeadline();
    expect(machine.vm('service')).toKeepPeriod({ period: us(500), jitter: us(0) });
    await machine.runFor(ms(1));
    expectContinuity(machine, machine.channel('orders').messages.length);
    expect(versionsOf(machine)).toEqual([1, 2]);
  });

  test('is taken back when it misses a deadline in probation, before anybody waits any longer', async () => {
    const { machine } = await updatedWith(system, 'periodic-late.elf');
    expect(machine.vm('service').updateStatus).toMatchObject({
      result: 'rolled-back',
      why: 'deadline-missed',
    });
    const at = (kind: string): number => machine.trace.find((each) => each.kind === kind)!.at;
    expect(at('update-rolled-back')).toBe(at('deadline-missed'));
    expect(versionsOf(machine)).toEqual([1, 2, 1]);
  });
});

describe('a server of calls', () => {
  const server = { image: '../calls/server.elf', keeps: [], watchdog: undefined };
  const system = systemOf(
    { service: server },
    {
      channels: {
        ...definition.channels,
        service: { kind: 'rpc', message: Request, reply: Response, from: 'test', to: 'service', capacity: 4 },
      },
    },
  );
  type Served = TestMachine<
    'service',
    { service: { kind: 'rpc'; message: typeof Request; reply: typeof Response; from: 'test'; to: 'service' } }
  >;
  const passed = event('its self-test', ({ kind }) => kind === 'self-test-passed');

  test.each([
    ['a reply', OPERATIONS.defer, 0],
    ['a sleep', OPERATIONS.sleep, 900],
  ])('is not exchanged while it owes %s', async (_, operation, value) => {
    const machine = (await boot(system)) as unknown as Served;
    await machine.runFor(us(100));
    const channel = machine.channel('service');
    machine.vm('service').startUpdate('service-v2.elf');
    channel.call({ operation, value });
    await machine.runUntil(passed, { atMost: ms(1) });
    await machine.runFor(us(200));
    expect(machine.vm('service').updateStatus.stage).toBe('switching');
    // It replies to both.
    channel.call({ operation: OPERATIONS.double, value: 4 });
    await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(1) });
    expect(machine.trace.filter(({ kind }) => kind === 'reply-sent')).toHaveLength(2);
    expect(machine.trace.some(({ kind }) => kind === 'call-failed')).toBe(false);
  });
});

test('a bit that flips in the new version while it tests itself never costs the clients anything', async () => {
  const system = systemOf({});
  const start: Updatable = await boot(system);
  await orderUntil(start, ms(1), EVERY);
  start.vm('service').startUpdate('service-v2.elf');
  const results = new Map<string, number>();
  for (let number = 0; number < 30; number++) {
    const machine = start.fork();
    const at = us(1_113 + (number % 9));
    const register = ['pc', 'sp', 'ra', 'a0', 'a5', 's0'][number % 6]!;
    machine.inject(faults.bitFlip({ vm: 'spare', register, bit: (number * 7) % 32, at }));
    const orders = await orderUntil(machine, ms(8), EVERY);
    // Whatever becomes of the update: either version has answered all of them, and what is wrong is not kept.
    expectContinuity(machine, orders);
    const { result, why } = machine.vm('service').updateStatus;
    results.set(why ?? result, (results.get(why ?? result) ?? 0) + 1);
    machine.dispose();
  }
  expect(results.get('confirmed')).toBeGreaterThan(5);
  expect(results.size).toBeGreaterThan(2);
});
