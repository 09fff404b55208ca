/** A test manages VMs while their machine runs: starts, stops, replaces, resizes and destroys one; the others go on. */
import { boot, defineSystem, kib, logLine, message, ms, type TestMachine } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';

const counter = '../../fixtures/counter/counter.elf';
const system = defineSystem({
  cores: 2,
  vms: {
    worker: {
      image: counter,
      ram: kib(64),
      limits: { ram: kib(256), budget: ms(1) },
      schedule: { priority: 5, period: ms(1), budget: ms(0.2) },
    },
    spare: { image: counter, ram: kib(64), autostart: false },
    witness: { image: counter, ram: kib(64), core: 1 },
  },
  channels: {
    count: { kind: 'queue', message: Count, from: 'worker', to: 'test', capacity: 1000 },
  },
});

const counts = (machine: {
  channel(name: 'count'): {
    readonly messages: readonly { readonly value: { readonly count: number; readonly lives: number } }[];
  };
}) => machine.channel('count').messages.map(({ value: { count, lives } }) => `${lives}:${count}`);

test('suspended, a VM has no core time until it is resumed; stopped, it starts from cold', async () => {
  const machine = await boot(system);
  const worker = machine.vm('worker');
  await machine.runTo(ms(3.5));
  worker.suspend();
  expect(worker.state.is).toBe('suspended');
  await machine.runTo(ms(6.5));
  expect(counts(machine)).toEqual(['1:1', '1:2', '1:3', '1:4']);
  worker.resume();
  await machine.runTo(ms(7.5));
  expect(counts(machine).slice(4)).toEqual(['1:5', '1:6']);

  worker.stop();
  expect(worker).toBeHalted({ code: 0 });
  worker.start();
  await machine.runTo(ms(9));
  expect(worker.generation).toBe(2);
  expect(counts(machine).slice(6)).toEqual(['1:1', '1:2']);
});

test('a warm restart keeps what start-up code does not clear, a cold one does not', async () => {
  const machine = await boot(system);
  const worker = machine.vm('worker');
  await machine.runTo(ms(1.5));
  worker.restart('warm');
  await machine.runUntil(worker.restarted(), { atMost: ms(5) });
  await machine.runFor(ms(1));
  worker.restart();
  await machine.runUntil(worker.restarted(), { atMost: ms(5) });
  await machine.runFor(ms(1));
  expect(counts(machine).filter((count) => count.endsWith(':1'))).toEqual(['1:1', '2:1', '1:1']);
  expect(worker).toHaveRestarted({ times: 2 });
});

test('one that does not start with the machine is started when the test wants it', async () => {
  const machine = await boot(system);
  const spare = machine.vm('spare');
  await machine.runTo(ms(2));
  expect(spare.state).toEqual({ is: 'created' });
  spare.start();
  await machine.runFor(ms(1));
  expect(spare.console.text).toContain('counter: life 1');
});

test('another image is deployed into a VM that nobody lives in', async () => {
  const machine = await boot(system);
  const spare = machine.vm('spare');
  spare.deploy('../../fixtures/hello/hello.elf');
  spare.start();
  await machine.runUntil(spare.halted(), { atMost: ms(5) });
  expect(spare.console.text).toContain('Hello from RV32');
  expect(spare.position).toContain('in tv_exit()');
});

test('a destroyed VM leaves nothing behind; it is created again as it was delivered', async () => {
  const machine = await boot(system);
  const worker = machine.vm('worker');
  await machine.runTo(ms(1.5));
  const place = 0x8000_1000;
  worker.write(place, Uint8Array.of(1, 2, 3, 4));
  worker.destroy();
  expect(worker.state).toEqual({ is: 'destroyed' });
  expect([...worker.read(place, 4)]).toEqual([0, 0, 0, 0]);
  await machine.runFor(ms(2));
  expect(counts(machine)).toHaveLength(2);
  worker.create();
  worker.start();
  await machine.runFor(ms(2));
  expect(counts(machine).slice(2, 4)).toEqual(['1:1', '1:2']);
  expect(worker.generation).toBe(2);
});

test('RAM is given from the next start on: the guest is told so, and has it', async () => {
  const machine = await boot(system);
  const worker = machine.vm('worker');
  const beyond = 0x8000_0000 + kib(128);
  await machine.runTo(ms(1.5));
  worker.configure({ ram: kib(256) });
  expect(worker.account).toMatchObject({ ram: kib(64), ramLimit: kib(256) });
  expect(() => worker.read(beyond, 4)).toThrow(/neither in the VM's RAM/);
  worker.restart();
  await machine.runUntil(worker.restarted(), { atMost: ms(5) });
  expect(worker.account.ram).toBe(kib(256));
  worker.write(beyond, Uint8Array.of(9));
  await machine.runFor(ms(3));
  expect(worker).toBeWaiting();

  worker.configure({ ram: kib(64) });
  worker.restart();
  await machine.runUntil(worker.restarted(), { atMost: ms(5) });
  worker.configure({ ram: kib(256) });
  worker.restart('warm');
  await machine.runUntil(worker.restarted(), { atMost: ms(5) });
  expect([...worker.read(beyond, 1)]).toEqual([0]);
});

test('a budget changes at once, and is the VM’s limit from then on', async () => {
  const burning = defineSystem({
    vms: {
      hog: {
        image: { raw: Uint8Array.of(0x6f, 0, 0, 0), xlen: 32, at: 0x8000_0000 },
        ram: kib(64),
        limits: { budget: ms(0.8) },
        schedule: { priority: 5, period: ms(1), budget: ms(0.2) },
      },
    },
  });
  const machine = await boot(burning);
  const hog = machine.vm('hog');
  const used = async (): Promise<number> => {
    const before = hog.account.cpuTime;
    await machine.runFor(ms(10));
    return Math.round((hog.account.cpuTime - before) / ms(0.1));
  };
  expect(await used()).toBe(20);
  hog.configure({ budget: ms(0.8) });
  expect(await used()).toBe(80);
  hog.configure({ budget: ms(0.1) });
  expect(await used()).toBeLessThanOrEqual(10);
  expect(hog.account.budgetsExhausted).toBeGreaterThanOrEqual(29);
});

test('the others notice nothing of all that', async () => {
  const [golden, managed] = [await boot(system), await boot(system)];
  const worker = managed.vm('worker');
  await managed.runTo(ms(2));
  worker.configure({ ram: kib(128) });
  worker.restart();
  await managed.runTo(ms(4));
  worker.destroy();
  await managed.runTo(ms(6));
  worker.create();
  worker.start();
  for (const machine of [golden, managed]) await machine.runTo(ms(20));
  expect(managed.vm('witness')).toBeUndisturbed({ comparedWith: golden });
});

test('a fork, and a snapshot of the machine, know what was changed', async () => {
  const managed = async (machine: TestMachine<'worker' | 'spare' | 'witness'>) => {
    machine.vm('worker').configure({ ram: kib(256), budget: ms(0.4) });
    machine.vm('worker').restart();
    machine.vm('spare').deploy('../../fixtures/hello/hello.elf');
    machine.vm('spare').start();
    await machine.runFor(ms(5));
  };
  const machine = await boot(system);
  await managed(machine);
  const fork = machine.fork();
  const snapshot = machine.snapshot();
  await machine.runFor(ms(5));
  await fork.runFor(ms(5));
  expect(fork.digest).toBe(machine.digest);
  expect(fork.vm('worker').account).toEqual(machine.vm('worker').account);
  const { digest } = machine;
  machine.vm('worker').configure({ ram: kib(64) });
  machine.vm('worker').restart();
  await machine.runFor(ms(5));
  machine.restore(snapshot);
  expect(machine.vm('worker').account.ram).toBe(kib(256));
  await machine.runFor(ms(5));
  expect(machine.digest).toBe(digest);
});

test('accounts add up', async () => {
  const machine = await boot(system);
  await machine.runTo(ms(10));
  const { account } = machine.vm('worker');
  expect(account).toMatchObject({
    messagesSent: 10,
    bytesSent: 10 * Count.size,
    starts: 1,
    crashes: 0,
    ram: kib(64),
  });
  expect(account.cpuTime).toBe(machine.vm('worker').cycles * 10);
  machine.vm('worker').restart();
  await machine.runFor(ms(5));
  expect(machine.vm('worker').account.starts).toBe(2);
  expect(machine.vm('worker').account.messagesSent).toBeGreaterThan(10);
});

test('the event log tells what happened to whom, by severity', async () => {
  const machine = await boot(system);
  await machine.runTo(ms(1));
  machine.vm('worker').configure({ budget: ms(0.3) });
  machine.vm('spare').start();
  machine.vm('spare').stop();
  expect(machine.log({ since: ms(0.5), vm: 'spare' }).map(({ text }) => text)).toEqual([
    'started',
    'halted with code 0 by the test',
  ]);
  expect(machine.log({ severity: 'error' })).toEqual([]);
  expect(machine.log({ severity: 'warning', vm: 'worker' }).map(logLine)).toEqual([
    expect.stringMatching(/^ +0\.0\d+ ms {2}warning +worker: hypercall clock\.setPeriod denied: denied$/),
  ]);
  expect(machine.log({ vm: 'worker' }).at(-1)).toMatchObject({
    severity: 'informational',
    text: 'given a budget of 300 us',
  });
  expect(machine.ipc).toFollow([message('count')]);
});

describe('mistakes', () => {
  test.each([
    ['start', 'running', 'wrong-state'],
    ['resume', 'running', 'wrong-state'],
    ['create', 'running', 'wrong-state'],
  ] as const)('%s() of a VM that is %s', async (action, _state, code) => {
    const machine = await boot(system);
    expect(() => machine.vm('worker')[action]()).toThrow(expect.objectContaining({ code }));
    expect(() => machine.vm('worker')[action]()).toThrow(
      /the VM is running[\s\S]*what can be done to this one now is/,
    );
  });

  test.each(['stop', 'suspend', 'resume', 'destroy', 'restart', 'start'] as const)(
    '%s() of a VM that was destroyed',
    async (action) => {
      const machine = await boot(system);
      machine.vm('worker').destroy();
      expect(() => machine.vm('worker')[action]()).toThrow(/the VM is destroyed/);
    },
  );

  test.each([
    ['more RAM than the limit', { ram: kib(512) }, /not within the VM’s limit of 262144/],
    ['RAM that is no whole pages', { ram: 1000 }, /not whole pages/],
    ['RAM without room for the image', { ram: kib(4) }, /its image does not fit/],
    ['more budget than the limit', { budget: ms(2) }, /not within the VM’s limit of 1000000/],
    ['no number', { budget: 1.5 }, /not a whole number/],
  ])('%s', async (_what, settings, text) => {
    const machine = await boot(system);
    const { digest } = machine;
    expect(() => machine.vm('worker').configure(settings)).toThrow(text);
    expect(machine.digest).toBe(digest);
  });

  test('a budget for a VM without one', async () => {
    const machine = await boot(system);
    expect(() => machine.vm('witness').configure({ budget: ms(1) })).toThrow(
      /no budget that could be changed/,
    );
  });

  test('budgets that add up to more than the core', async () => {
    const half = { period: ms(1), budget: ms(0.5) };
    const machine = await boot(
      defineSystem({
        vms: {
          one: { image: counter, ram: kib(64), schedule: half, limits: { budget: ms(0.9) } },
          other: { image: counter, ram: kib(64), schedule: half },
        },
      }),
    );
    expect(() => machine.vm('one').configure({ budget: ms(0.6) })).toThrow(/add up to 110 %/);
  });

  test('an image into a VM in which a guest lives, and one for other registers', async () => {
    const machine = await boot(system);
    expect(() => machine.vm('worker').deploy(counter)).toThrow(/the VM is running/);
    expect(() => machine.vm('spare').deploy('../../fixtures/hello/hello.rv64.elf')).toThrow(/is for RV64/);
    expect(() => machine.vm('spare').deploy('nowhere.elf')).toThrow(/there is no file/);
  });
});
