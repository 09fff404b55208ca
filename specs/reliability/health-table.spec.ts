/** The health monitor's table: every error that there is, in both states, leads to what is declared. */
import { boot, defineSystem, event, faults, type FaultPolicy, type HealthTable, kib, ms } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, NUMERIC_ERRORS, Order, ORDERS } from '../../fixtures/misbehave/messages';

type Names = 'patient' | 'bystander';

const NOWHERE = 0x5000_0000n;

/** A VM that errs by order, beside one that does not. It never declares itself in normal operation. */
async function patient(
  own: { readonly health?: HealthTable<Names>; readonly onFault?: FaultPolicy<Names> },
  systems: HealthTable<Names> = {},
) {
  const machine = await boot(
    defineSystem({
      health: systems,
      vms: {
        patient: {
          image: '../../fixtures/misbehave/misbehave.elf',
          ram: kib(64),
          schedule: { priority: 5, period: ms(20), budget: ms(5) },
          ...own,
        },
        bystander: { image: '../../fixtures/counter/counter.elf', ram: kib(64), schedule: { priority: 9 } },
      },
      channels: {
        orders: { kind: 'queue', message: Order, from: 'test', to: 'patient', capacity: 1 },
        answers: { kind: 'queue', message: Answer, from: 'patient', to: 'test', capacity: 1 },
        count: { kind: 'queue', message: Count, from: 'bystander', to: 'test', capacity: 100 },
      },
    }),
  );
  await machine.runTo(ms(1));
  const healthEvents = () =>
    machine.healthEvents.map(({ error, state, action }) => `${error} ${state} ${action}`);
  const order = async (name: keyof typeof ORDERS, argument = 0n) => {
    machine.channel('orders').send({ code: ORDERS[name], argument });
    await machine.runFor(ms(5));
  };
  return { machine, order, healthEvents };
}

/** A VM that declares itself in normal operation after its start, and handles no traps. */
const counting = (health: HealthTable<'counter'>) =>
  defineSystem({
    vms: { counter: { image: '../../fixtures/counter/counter.elf', ram: kib(64), health } },
    channels: { count: { kind: 'queue', message: Count, from: 'counter', to: 'test', capacity: 100 } },
  });

const ERRORS = [
  ['an unhandled illegal instruction', 'illegal-instruction', 'unhandledTrap', 0n],
  ['a trap handler that traps', 'illegal-instruction', 'trapLoop', 0n],
  ['an application error', 'application-error', 'raise', 7n],
  ['an overflow that it has found', 'numeric-error', 'raise', BigInt(NUMERIC_ERRORS.overflow)],
  ['a watchdog that starves', 'watchdog', 'starveWatchdog', BigInt(ms(1))],
  ['an exit with a failure', 'failure-exit', 'exit', 3n],
  ['hypercalls that are refused', 'illegal-request', 'undeclaredChannel', 0n],
] as const;

test.each(ERRORS)('%s is the error %s', async (_, error, order, argument) => {
  const { machine, order: send, healthEvents } = await patient({ health: { [error]: { restart: 'warm' } } });
  await send(order, argument);
  expect(healthEvents()[0]).toBe(`${error} init restart-warm`);
  await machine.runFor(ms(1));
  expect(machine.vm('patient')).toHaveRestarted({ kind: 'warm' });
  expect(machine.vm('bystander')).toBeUndisturbed();
});

test('an access to nothing is a memory violation, and one right below RAM a stack overflow', async () => {
  for (const [address, error] of [
    [NOWHERE, 'memory-violation'],
    [0x7fff_fff0n, 'stack-overflow'],
    [0x7ffe_ff00n, 'memory-violation'],
  ] as const) {
    const machine = await boot(counting({ 'memory-violation': 'stop', 'stack-overflow': 'stop' }));
    machine.inject(faults.overwrite({ vm: 'counter', register: 'sp', value: address, at: ms(2.5) }));
    await machine.runFor(ms(5));
    expect(machine.healthEvents).toMatchObject([{ vm: 'counter', error, state: 'run', action: 'stop' }]);
    expect(machine.vm('counter')).toBeStoppedByHealthMonitor();
  }
});

test('what a spec crashes has failed with its hardware', async () => {
  const { machine, healthEvents } = await patient({ health: { 'hardware-fault': { restart: 'cold' } } });
  machine.inject(faults.crash({ vm: 'patient' }));
  await machine.runFor(ms(5));
  expect(healthEvents()).toEqual(['hardware-fault init restart-cold']);
  expect(machine.vm('patient')).toHaveRestarted({ times: 1, kind: 'cold' });
});

describe('a power fail', () => {
  test('starts it cold by default, whatever its policy is', async () => {
    const { machine, healthEvents } = await patient({ onFault: 'stop' });
    machine.inject(faults.powerFail({ vm: 'patient' }));
    await machine.runFor(ms(5));
    expect(healthEvents()).toEqual([]);
    expect(machine.vm('patient')).toHaveRestarted({ times: 1, kind: 'cold' });
    expect(machine.trace.some(({ kind }) => kind === 'vm-crashed')).toBe(false);
  });

  test('leads to what its table says, marked as injected', async () => {
    const { machine, healthEvents } = await patient({ health: { 'power-fail': 'stop' } });
    const { id } = machine.inject(faults.powerFail({ vm: 'patient' }));
    await machine.runFor(ms(5));
    expect(healthEvents()).toEqual(['power-fail init stop']);
    expect(machine.trace).toContainEqual(
      expect.objectContaining({ kind: 'vm-crashed', injected: id, fault: { kind: 'power-fail' } }),
    );
    expect(machine.vm('bystander')).toBeUndisturbed();
  });
});

test('a numeric error is survived where that is declared, other codes are none', async () => {
  const { machine, order, healthEvents } = await patient({
    health: { 'numeric-error': 'log' },
    onFault: 'stop',
  });
  await order('raise', BigInt(NUMERIC_ERRORS['division-by-zero']));
  expect(healthEvents()).toEqual(['numeric-error init log']);
  expect(machine.vm('patient').generation).toBe(1);
  await order('raise', 0xffff_0004n);
  await machine.runFor(ms(2));
  expect(machine.vm('patient')).toBeStoppedByHealthMonitor();
});

describe('a missed deadline', () => {
  test('leads to nothing by default', async () => {
    const { machine, healthEvents } = await patient({ onFault: { restart: 'cold' } });
    await machine.runTo(ms(50));
    expect(machine.trace).toContainEqual(expect.objectContaining({ kind: 'deadline-missed', vm: 'patient' }));
    expect(healthEvents()).toEqual([]);
    expect(machine.vm('patient').generation).toBe(1);
  });

  test('is logged, where that is declared, and the VM goes on', async () => {
    const { machine, healthEvents } = await patient({ health: { 'deadline-missed': 'log' } });
    await machine.runTo(ms(41));
    expect(healthEvents()).toEqual(['deadline-missed init log', 'deadline-missed init log']);
    expect(machine.vm('patient').generation).toBe(1);
    expect(machine.log({ vm: 'patient' }).map(({ severity, text }) => `${severity}: ${text}`)).toContain(
      'warning: health: deadline-missed in state init: log',
    );
  });

  test('restarts it, where that is declared, and stops it when that has not helped', async () => {
    const policy = { restart: 'warm', max: 1, within: ms(100) } as const;
    const { machine, healthEvents } = await patient({ health: { 'deadline-missed': policy } });
    await machine.runTo(ms(60));
    expect(healthEvents()).toHaveLength(2);
    expect(machine.vm('patient')).toHaveRestarted({ times: 1, kind: 'warm' });
    expect(machine.vm('patient')).toBeStoppedByHealthMonitor();
    // Its exit code names the error.
    expect(machine.vm('patient').state).toMatchObject({ is: 'halted', code: 32 });
    expect(machine.vm('patient')).not.toHaveCrashed();
  });
});

test('an application error that is passed over returns to the guest, which goes on', async () => {
  for (const [action, events] of [
    ['log', ['application-error init log']],
    ['ignore', []],
  ] as const) {
    const { machine, order, healthEvents } = await patient({ health: { 'application-error': action } });
    await order('raise', 5n);
    expect(machine.channel('answers').receive()).toMatchObject({ code: ORDERS.raise });
    expect(healthEvents()).toEqual(events);
    expect(machine.vm('patient').generation).toBe(1);
    expect(machine.vm('patient')).not.toHaveCrashed();
  }
});

test('a refusal that a fault has injected is no illegal request of the VM', async () => {
  const { machine, order, healthEvents } = await patient({ health: { 'illegal-request': 'stop' } });
  const call = 'channel.queueSend';
  const fault = machine.inject(faults.hypercallError({ vm: 'patient', call, error: 'denied', times: 1 }));
  await order('selfModify');
  expect(fault.status.is).toBe('fired');
  expect(healthEvents()).toEqual([]);
  expect(machine.vm('patient')).not.toBeStoppedByHealthMonitor();
});

describe('the state', () => {
  const health: HealthTable<'counter'> = {
    'hardware-fault': { init: 'stop', run: { restart: 'snapshot' } },
  };

  test('is run once the VM has declared itself in normal operation', async () => {
    const machine = await boot(counting(health));
    machine.inject(faults.crash({ vm: 'counter', at: ms(5.5) }));
    await machine.runFor(ms(10));
    expect(machine.vm('counter')).toHaveRestarted({ times: 1, kind: 'snapshot' });
  });

  test('is init before', async () => {
    const machine = await boot(counting(health));
    machine.inject(faults.crash({ vm: 'counter' }));
    await machine.runFor(ms(10));
    expect(machine.vm('counter')).toBeStoppedByHealthMonitor();
  });

  test('that a row leaves out has the default', async () => {
    const machine = await boot(counting({ 'hardware-fault': { init: { restart: 'cold' } } }));
    machine.inject(faults.crash({ vm: 'counter', at: ms(5.5) }));
    await machine.runFor(ms(10));
    expect(machine.vm('counter')).toBeStoppedByHealthMonitor();
  });
});

describe('who says what is done', () => {
  const restartsBy = async (
    own: Parameters<typeof patient>[0],
    systems: HealthTable<Names>,
    order: 'unhandledTrap' | 'undeclaredChannel' = 'unhandledTrap',
  ): Promise<string> => {
    const { machine, order: send } = await patient(own, systems);
    await send(order);
    const restart = machine.trace.find((event) => event.kind === 'vm-restarting');
    return restart?.kind === 'vm-restarting' ? restart.restart : 'none';
  };

  test('the VM’s table goes first, then its onFault, then the system’s table', async () => {
    const systems: HealthTable<Names> = { 'illegal-instruction': { restart: 'snapshot' } };
    const own: HealthTable<Names> = { 'illegal-instruction': { restart: 'warm' } };
    expect(await restartsBy({ health: own, onFault: { restart: 'cold' } }, systems)).toBe('warm');
    expect(await restartsBy({ onFault: { restart: 'cold' } }, systems)).toBe('cold');
    expect(await restartsBy({}, systems)).toBe('snapshot');
    expect(await restartsBy({}, {})).toBe('none');
  });

  test('onFault is about crashes: of what a VM survives the system’s table speaks', async () => {
    const systems: HealthTable<Names> = { 'illegal-request': { restart: 'warm' } };
    expect(await restartsBy({ onFault: 'stop' }, systems, 'undeclaredChannel')).toBe('warm');
  });

  test('a module-level error may shut the module down', async () => {
    const { machine, order } = await patient({}, { 'illegal-instruction': { escalateTo: 'machine' } });
    await order('unhandledTrap');
    expect(machine.halted).toMatch(/patient/);
  });
});

test('a snapshot of the machine in the moment of an error goes on in the same way', async () => {
  const { machine } = await patient({ health: { 'illegal-request': { restart: 'warm' } } });
  machine.channel('orders').send({ code: ORDERS.undeclaredChannel, argument: 0n });
  await machine.runUntil(
    event('a refusal', ({ kind }) => kind === 'hypercall-denied'),
    { atMost: ms(5) },
  );
  const fork = machine.fork();
  await machine.runFor(ms(10));
  await fork.runFor(ms(10));
  expect(machine.vm('patient')).toHaveRestarted({ times: 1, kind: 'warm' });
  expect(fork.digest).toBe(machine.digest);
});
