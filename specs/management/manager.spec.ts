/** A guest with authority manages another VM by hypercalls; without it, all of them are refused and change nothing. */
import { boot, defineSystem, kib, ms } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../fixtures/manager/messages';

const systemOf = (xlen: '' | '.rv64', hasAuthority: boolean) =>
  defineSystem({
    vms: {
      manager: {
        image: `../../fixtures/manager/manager${xlen}.elf`,
        ram: kib(64),
        authorityOver: hasAuthority ? ['worker'] : [],
        schedule: { priority: 9 },
      },
      worker: {
        image: '../../fixtures/counter/counter.elf',
        ram: kib(64),
        limits: { ram: kib(128), budget: ms(0.5) },
        schedule: { priority: 5, period: ms(1), budget: ms(0.2) },
      },
    },
    channels: {
      orders: { kind: 'queue', message: Order, from: 'test', to: 'manager', capacity: 4 },
      answers: { kind: 'queue', message: Answer, from: 'manager', to: 'test', capacity: 4 },
      count: { kind: 'queue', message: Count, from: 'worker', to: 'test', capacity: 1000 },
    },
  });

async function managed(xlen: '' | '.rv64', hasAuthority = true) {
  const machine = await boot(systemOf(xlen, hasAuthority));
  await machine.runTo(ms(2.5));
  return {
    machine,
    order: async (name: keyof typeof ORDERS, argument = 0n) => {
      machine.channel('orders').send({ code: ORDERS[name], argument });
      await machine.runUntil(machine.channel('answers').received(), { atMost: ms(1) });
      return machine.channel('answers').receive()!;
    },
  };
}

const [OK, DENIED, STARTED, STOPPED, AVAILABLE, STATE, RANGE, PARAMETER] = [
  0n,
  -4n,
  -7n,
  -8n,
  -6n,
  -10n,
  -11n,
  -3n,
];
const RUNNING_OR_WAITING = [1, 2];
const [SUSPENDED, HALTED, RESTARTING, CREATED, DESTROYED] = [3, 4, 6, 0, 7];

describe.each(['', '.rv64'] as const)('a manager with authority (manager%s.elf)', (xlen) => {
  test('leads a VM through its whole life', async () => {
    const { machine, order } = await managed(xlen);
    expect(await order('suspend')).toMatchObject({ error: OK, state: SUSPENDED });
    expect(await order('suspend')).toMatchObject({ error: STATE });
    expect((await order('resume')).error).toBe(OK);
    expect(await order('stop')).toMatchObject({ error: OK, state: HALTED });
    expect(await order('stop')).toMatchObject({ error: STOPPED });
    expect(RUNNING_OR_WAITING).toContain((await order('start')).state);
    expect((await order('start')).error).toBe(STARTED);
    expect((await order('create')).error).toBe(AVAILABLE);
    expect(await order('restart')).toMatchObject({ error: OK, state: RESTARTING });
    expect((await order('restart', 3n)).error).toBe(PARAMETER);
    await machine.runFor(ms(2));
    expect(await order('destroy')).toMatchObject({ error: OK, state: DESTROYED });
    expect((await order('destroy')).error).toBe(STOPPED);
    expect((await order('restart')).error).toBe(STATE);
    expect(await order('create')).toMatchObject({ error: OK, state: CREATED });
    expect(RUNNING_OR_WAITING).toContain((await order('start')).state);
    expect(machine.vm('worker').generation).toBe(4);
    expect(machine.log({ vm: 'worker' }).map(({ text }) => text)).toContain('destroyed by the supervisor');
  });

  test('gives it memory and core time within its limits', async () => {
    const { machine, order } = await managed(xlen);
    expect((await order('setRam', BigInt(kib(128)))).error).toBe(OK);
    expect((await order('accountOf')).ram).toBe(BigInt(kib(64)));
    await order('restart');
    await machine.runFor(ms(2));
    expect((await order('accountOf')).ram).toBe(BigInt(kib(128)));
    expect((await order('setBudget', BigInt(ms(0.5)))).error).toBe(OK);
    expect(machine.vm('worker').account.budget).toBe(ms(0.5));
    for (const size of [0n, 1n, BigInt(kib(4)), BigInt(kib(132)), 0xffff_f000n, 0xffff_ffffn])
      expect((await order('setRam', size)).error).toBe(RANGE);
    for (const budget of [0n, BigInt(ms(0.5)) + 1n, 2n ** 63n, 2n ** 64n - 1n])
      expect((await order('setBudget', budget)).error).toBe(RANGE);
    expect(machine.vm('worker').account).toMatchObject({ ram: kib(128), budget: ms(0.5) });
  });

  test('reads accounts, its own and the worker’s', async () => {
    const { machine, order } = await managed(xlen);
    const own = await order('account');
    expect(own).toMatchObject({ error: OK, ram: BigInt(kib(64)), starts: 1n, messagesSent: 0n });
    const others = await order('accountOf');
    const { account } = machine.vm('worker');
    expect(others.messagesSent).toBe(BigInt(account.messagesSent));
    expect(others.cpuTime).toBe(BigInt(account.cpuTime));
  });
});

test('without authority every order is denied, and the worker is undisturbed', async () => {
  const { machine, order } = await managed('', false);
  for (const name of Object.keys(ORDERS) as (keyof typeof ORDERS)[]) {
    if (name === 'account') continue;
    expect([name, (await order(name, 1n)).error]).toEqual([name, DENIED]);
  }
  const golden = await boot(systemOf('', false));
  await golden.runTo(machine.now as never);
  expect(machine.vm('worker')).toBeUndisturbed({ comparedWith: golden });
  expect(machine.vm('manager').account.deniedHypercalls).toBeGreaterThanOrEqual(10);
});

test('a VM without a budget has none to set', async () => {
  const machine = await boot(
    defineSystem({
      vms: {
        manager: { image: '../../fixtures/manager/manager.elf', ram: kib(64), authorityOver: ['worker'] },
        worker: { image: '../../fixtures/counter/counter.elf', ram: kib(64) },
      },
      channels: {
        orders: { kind: 'queue', message: Order, from: 'test', to: 'manager', capacity: 4 },
        answers: { kind: 'queue', message: Answer, from: 'manager', to: 'test', capacity: 4 },
      },
    }),
  );
  machine.channel('orders').send({ code: ORDERS.setBudget, argument: 1000n });
  await machine.runUntil(machine.channel('answers').received({ error: STATE }), { atMost: ms(5) });
});
