/** A supervisor VM decides: it hears of errors of others, and its answer in time is what is done. */
import {
  boot,
  defineSystem,
  faults,
  type HealthAction,
  kib,
  ms,
  policyMatrix,
  probePolicy,
  type TestMachine,
  us,
} from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../fixtures/misbehave/messages';
import { Asked, Decision, HEALTH_ANSWERS, HEALTH_ERRORS, Result } from '../../fixtures/supervisor/messages';

type Names = 'guard' | 'patient' | 'other';

const ask = (more: object = {}): HealthAction<Names> => ({
  ask: 'guard',
  within: ms(2),
  otherwise: 'stop',
  ...more,
});

const systemOf = (
  xlen: '' | '.rv64',
  health: { readonly [error: string]: HealthAction<Names> },
  guard: { readonly autostart?: boolean; readonly onFault?: { readonly restart: 'cold' } } = {},
) =>
  defineSystem({
    vms: {
      guard: {
        image: `../../fixtures/supervisor/supervisor${xlen}.elf`,
        ram: kib(64),
        schedule: { priority: 9 },
        ...guard,
      },
      patient: {
        image: `../../fixtures/misbehave/misbehave${xlen}.elf`,
        ram: kib(64),
        schedule: { priority: 5 },
        health,
      },
      other: { image: '../../fixtures/counter/counter.elf', ram: kib(64) },
    },
    channels: {
      orders: { kind: 'queue', message: Order, from: 'test', to: 'patient', capacity: 1 },
      answers: { kind: 'queue', message: Answer, from: 'patient', to: 'test', capacity: 1 },
      events: { kind: 'queue', message: Asked, from: 'guard', to: 'test', capacity: 8 },
      decisions: { kind: 'queue', message: Decision, from: 'test', to: 'guard', capacity: 8 },
      count: { kind: 'queue', message: Count, from: 'other', to: 'test', capacity: 100 },
      results: { kind: 'queue', message: Result, from: 'guard', to: 'test', capacity: 8 },
    },
  });
type System = ReturnType<typeof systemOf>;
type Machine = System extends { readonly channels: infer Channels }
  ? TestMachine<Names, Channels & System['channels']>
  : never;

const [GUARD, PATIENT, OTHER] = [0, 1, 2];
const [OK, DENIED, PARAMETER, STATE] = [0n, -4n, -3n, -10n];

async function err(machine: Machine, order: keyof typeof ORDERS, argument = 0n): Promise<void> {
  machine.channel('orders').send({ code: ORDERS[order], argument });
  await machine.runUntil(machine.channel('events').sent(), { atMost: ms(1) });
}

async function decide(machine: Machine, decision: Partial<{ event: number; vm: number; answer: number }>) {
  machine.channel('decisions').send({ event: 1, vm: PATIENT, answer: HEALTH_ANSWERS.stop, ...decision });
  await machine.runUntil(machine.channel('results').sent(), { atMost: ms(1) });
  return machine.channel('results').receive()!.error;
}

const decided = (machine: Machine) =>
  machine.trace.flatMap((event) =>
    event.kind === 'health-decided' ? [`${event.vm} ${event.action} ${event.by}`] : [],
  );

describe.each(['', '.rv64'] as const)('a supervisor (supervisor%s.elf)', (xlen) => {
  test('is told what has happened, and the VM waits for its decision', async () => {
    const machine = await boot(systemOf(xlen, { 'illegal-instruction': ask() }));
    await err(machine, 'unhandledTrap');
    const { at, ...event } = machine.channel('events').receive()!;
    expect(event).toEqual({
      deadline: at + BigInt(ms(2)),
      number: 1,
      vm: PATIENT,
      error: HEALTH_ERRORS['illegal-instruction'],
      state: 0,
      faultKind: 1,
      faultCode: 2,
    });
    await machine.runFor(ms(1));
    expect(machine.vm('patient').state.is).toBe('crashed');
    expect(machine.vm('patient').healthEvents).toMatchObject([
      { error: 'illegal-instruction', action: 'ask' },
    ]);
  });

  test.each([
    ['restart-cold', 'cold'],
    ['restart-warm', 'warm'],
    // It never was in normal operation.
    ['restart-snapshot', 'snapshot'],
  ] as const)('decides for %s', async (answer, kind) => {
    const machine = await boot(systemOf(xlen, { 'illegal-instruction': ask() }));
    await err(machine, 'unhandledTrap');
    expect(await decide(machine, { answer: HEALTH_ANSWERS[answer] })).toBe(OK);
    await machine.runFor(ms(5));
    expect(decided(machine)).toEqual([`patient ${answer} answer`]);
    expect(machine.vm('patient')).toHaveRestarted({ times: 1, kind });
    expect(machine.vm('other')).toBeUndisturbed();
  });

  test('decides to stop a VM', async () => {
    const machine = await boot(systemOf(xlen, { 'illegal-instruction': ask() }));
    await err(machine, 'unhandledTrap');
    expect(await decide(machine, { answer: HEALTH_ANSWERS.stop })).toBe(OK);
    expect(machine.vm('patient')).toBeStoppedByHealthMonitor();
  });

  test('decides to ignore what the VM survives, which goes on in the meantime', async () => {
    const machine = await boot(systemOf(xlen, { 'illegal-request': ask({ otherwise: 'log' }) }));
    await err(machine, 'undeclaredChannel');
    expect(machine.channel('events').receive()).toMatchObject({ faultKind: 0, faultCode: 0 });
    expect(await decide(machine, { answer: HEALTH_ANSWERS.ignore })).toBe(OK);
    expect(decided(machine)[0]).toBe('patient ignore answer');
    expect(machine.vm('patient').generation).toBe(1);
  });

  test('has bad answers denied, and the event stays open', async () => {
    const machine = await boot(systemOf(xlen, { 'illegal-instruction': ask({ answers: ['stop'] }) }));
    await err(machine, 'unhandledTrap');
    for (const [decision, error] of [
      [{ answer: 6 }, PARAMETER],
      [{ answer: 0xffff_ffff }, PARAMETER],
      // Not among the answers that are declared.
      [{ answer: HEALTH_ANSWERS['restart-cold'] }, DENIED],
      [{ answer: HEALTH_ANSWERS['halt-machine'] }, DENIED],
      [{ answer: HEALTH_ANSWERS.ignore }, DENIED],
      // VMs that it is not asked about, and none.
      [{ vm: OTHER }, DENIED],
      [{ vm: GUARD }, DENIED],
      [{ vm: 3 }, PARAMETER],
    ] as const)
      expect([decision, await decide(machine, decision)]).toEqual([decision, error]);
    expect(machine.vm('guard').account.deniedHypercalls).toBe(8);
    expect(decided(machine)).toEqual([]);
    expect(await decide(machine, {})).toBe(OK);
    expect(decided(machine)).toEqual(['patient stop answer']);
  });

  test('cannot decide on an event that there is not', async () => {
    const machine = await boot(systemOf(xlen, { 'illegal-instruction': ask() }));
    await err(machine, 'unhandledTrap');
    expect(await decide(machine, { event: 2 })).toBe(STATE);
    // It has given up on it, and what is declared for that is done.
    await machine.runFor(ms(3));
    expect(decided(machine)).toEqual(['patient stop no-answer']);
  });
});

describe('when there is no answer in time', () => {
  test('what is declared is done, at the deadline', async () => {
    const machine = await boot(systemOf('', { 'hardware-fault': ask({ otherwise: { restart: 'warm' } }) }));
    machine.inject(faults.crash({ vm: 'patient', at: ms(1) }));
    await machine.runTo(ms(6));
    expect(machine.trace).toContainEqual(
      expect.objectContaining({ kind: 'health-decided', action: 'restart-warm', by: 'no-answer', at: ms(3) }),
    );
    expect(machine.vm('patient')).toHaveRestarted({ times: 1, kind: 'warm' });
    // A late answer is refused.
    expect(await decide(machine, {})).toBe(STATE);
    expect(machine.vm('patient').state.is).not.toBe('halted');
  });

  test('it is done at once when the supervisor is not there', async () => {
    const machine = await boot(systemOf('', { 'hardware-fault': ask() }, { autostart: false }));
    machine.inject(faults.crash({ vm: 'patient', at: ms(1) }));
    await machine.runTo(ms(1.1));
    expect(decided(machine)).toEqual(['patient stop nobody-there']);
    expect(machine.vm('patient')).toBeStoppedByHealthMonitor();
  });

  test('nothing is done any more about a VM that has begun another life', async () => {
    const machine = await boot(systemOf('', { 'hardware-fault': ask() }));
    machine.inject(faults.crash({ vm: 'patient', at: ms(1) }));
    await machine.runTo(ms(1.1));
    machine.vm('patient').restart('cold');
    expect(await decide(machine, {})).toBe(STATE);
    await machine.runFor(ms(5));
    expect(decided(machine)).toEqual([]);
    expect(machine.vm('patient').generation).toBe(2);
  });
});

test('a supervisor that crashes with an event in hand is told again in its next life', async () => {
  const machine = await boot(
    systemOf('', { 'hardware-fault': ask({ within: ms(5) }) }, { onFault: { restart: 'cold' } }),
  );
  machine.inject(faults.crash({ vm: 'patient', at: ms(1) }));
  machine.inject(faults.crash({ vm: 'guard', at: ms(1.5) }));
  await machine.runTo(ms(4));
  expect(machine.channel('events').messages.map(({ value }) => value.number)).toEqual([1, 1]);
  expect(await decide(machine, { answer: HEALTH_ANSWERS['restart-cold'] })).toBe(OK);
  expect(decided(machine)).toEqual(['patient restart-cold answer']);
});

test('restarts that a supervisor decides on count for those that a policy allows', async () => {
  const otherwise = { restart: 'cold', max: 1, within: ms(100) } as const;
  const machine = await boot(systemOf('', { 'hardware-fault': ask({ otherwise }) }));
  machine.inject(faults.crash({ vm: 'patient', at: ms(1) }));
  await machine.runTo(ms(1.5));
  await decide(machine, { answer: HEALTH_ANSWERS['restart-cold'] });
  machine.inject(faults.crash({ vm: 'patient', at: ms(5) }));
  await machine.runTo(ms(8));
  expect(machine.vm('patient')).toBeStoppedByHealthMonitor();
});

test('halting the machine is an answer only where it is declared', async () => {
  const machine = await boot(systemOf('', { 'hardware-fault': ask({ answers: ['halt-machine', 'stop'] }) }));
  machine.inject(faults.crash({ vm: 'patient', at: ms(1) }));
  machine.channel('decisions').send({ event: 1, vm: PATIENT, answer: HEALTH_ANSWERS['halt-machine'] });
  await machine.runUntil(machine.halts, { atMost: ms(5) });
  expect(machine.now).toBeLessThan(ms(1.1));
});

test('who is asked about nobody waits for nothing', async () => {
  const machine = await boot(systemOf('', {}));
  await machine.runTo(ms(1));
  expect(machine.vm('guard')).toHaveCrashed({ kind: 'failure-exit', code: 1 });
  expect(machine.trace).toContainEqual(
    expect.objectContaining({ kind: 'hypercall-denied', call: 'health.nextEvent', error: 'denied' }),
  );
});

test('one supervisor decides on several VMs, by the system’s table, and not on itself', async () => {
  const machine = await boot(
    defineSystem({
      health: { 'hardware-fault': { ask: 'guard', within: us(500), otherwise: { restart: 'cold' } } },
      vms: {
        guard: { image: '../../fixtures/supervisor/supervisor.elf', ram: kib(64), schedule: { priority: 9 } },
        left: { image: '../../fixtures/counter/counter.elf', ram: kib(64) },
        right: { image: '../../fixtures/counter/counter.elf', ram: kib(64) },
      },
    }),
  );
  for (const vm of ['left', 'right', 'guard'] as const) machine.inject(faults.crash({ vm, at: ms(1.5) }));
  await machine.runTo(ms(5));
  // It decides on the first two as soon as it runs again; on itself what is declared otherwise was done.
  expect(machine.healthEvents.map(({ vm, action }) => `${vm} ${action}`)).toEqual([
    'left ask',
    'right ask',
    'guard restart-cold',
  ]);
  for (const vm of ['left', 'right'] as const)
    expect(machine.vm(vm)).toHaveRestarted({ times: 1, kind: 'warm', within: ms(1) });
  expect(machine.vm('guard')).toHaveRestarted({ times: 1, kind: 'cold' });
});

test('the right to decide is in the policy, and nobody else has it', async () => {
  const system = systemOf('', { 'hardware-fault': ask(), 'illegal-request': { restart: 'cold' } });
  expect(policyMatrix(system).rules).toContainEqual({
    subject: 'guard',
    rights: ['decide'],
    object: { is: 'vm', name: 'patient' },
  });
  const { results, violations, refusals } = await probePolicy(system);
  expect({ violations, refusals }).toEqual({ violations: [], refusals: [] });
  const decisions = results.filter(({ what }) => what.startsWith('health.decide'));
  expect(new Set(decisions.map(({ vm }) => vm))).toEqual(new Set(['guard', 'patient', 'other']));
});

test('a machine that is forked while an event is open goes on in the same way', async () => {
  const machine = await boot(systemOf('', { 'hardware-fault': ask() }));
  machine.inject(faults.crash({ vm: 'patient', at: ms(1) }));
  await machine.runTo(ms(2));
  const fork = machine.fork();
  await machine.runTo(ms(6));
  await fork.runTo(ms(6));
  expect(decided(machine)).toEqual(['patient stop no-answer']);
  expect(fork.digest).toBe(machine.digest);
});
