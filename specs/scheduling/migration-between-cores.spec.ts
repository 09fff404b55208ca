/** VMs that the scheduler moves between cores, as their affinity allows. */
import { kib, ms, type TestMachine, us } from 'testvisor';
import { compute, hog, lock, mark, periodic, sleepUntil, unlock } from '../../fixtures/task/script';
import { systemOf, type Task, tasksOf, turnsOf } from './tasks';

const any = (does: Task['does'], priority = 0): Task => ({ affinity: 'any', schedule: { priority }, does });
const shareOf = (machine: TestMachine<string>, vm: string) => machine.vm(vm).account.cpuTime / machine.now;
const boot = async (
  tasks: Readonly<Record<string, Task>>,
  options: object = {},
): Promise<TestMachine<string>> => tasksOf(tasks, { cores: 2, ...options });
const marksOf = (machine: TestMachine<string>, vm: string) =>
  machine.trace.flatMap((event) => (event.kind === 'mark' && event.vm === vm ? [event.at] : []));

describe('global fixed priorities', () => {
  test('three VMs of equal priority have two thirds of a core each', async () => {
    const machine = await boot({ one: any(hog), two: any(hog), three: any(hog) });
    await machine.runFor(ms(90));
    for (const vm of ['one', 'two', 'three']) {
      expect(shareOf(machine, vm)).toBeCloseTo(2 / 3, 1);
      expect(machine.vm(vm).account.hartMigrations).toBeGreaterThan(10);
    }
  });

  test('those that come first run, as many as there are cores', async () => {
    const machine = await boot({ low: any(hog, 1), high: any(hog, 3), middle: any(hog, 2) });
    await machine.runFor(ms(50));
    expect(shareOf(machine, 'high')).toBeGreaterThan(0.99);
    expect(shareOf(machine, 'middle')).toBeGreaterThan(0.99);
    expect(shareOf(machine, 'low')).toBe(0);
    expect(machine.cores.map(({ migrations }) => migrations).reduce((a, b) => a + b)).toBeLessThan(3);
  });

  test('who finds its own core taken goes on on another, and pays for it with time', async () => {
    const tasks = {
      wanderer: { affinity: [0, 1], does: [compute(ms(10)), mark(1)] },
      first: { core: 1, schedule: { priority: 5 }, does: [compute(ms(3))] },
      urgent: { core: 0, schedule: { priority: 5 }, does: [sleepUntil(ms(4)), compute(ms(20))] },
    };
    const [cheap, dear] = [
      await boot(tasks, { costs: { migration: 0 } }),
      await boot(tasks, { costs: { migration: 100_000 } }),
    ];
    for (const machine of [cheap, dear]) await machine.runFor(ms(30));
    const moves = dear.trace.filter(({ kind }) => kind === 'hart-migrated');
    expect(moves).toEqual([{ at: moves[0]!.at, kind: 'hart-migrated', vm: 'wanderer', from: 0, to: 1 }]);
    // It goes when the other comes, to the instruction: its job is late by the migration and nothing else.
    expect(moves[0]!.at).toBe(turnsOf(dear, 'urgent').at(-1)!.from - us(0.5));
    expect(marksOf(dear, 'wanderer')[0]! - marksOf(cheap, 'wanderer')[0]!).toBe(ms(1));
    expect(dear.cores[1]).toMatchObject({ core: 1, migrations: 1, switching: ms(1) + us(1) });
    expect(dear.vm('wanderer').account.cpuTime).toBe(cheap.vm('wanderer').account.cpuTime);
  });

  test('who may use one core only is not kept from it by who could have another', async () => {
    const machine = await boot({
      both: { affinity: [0, 1], schedule: { priority: 9 }, does: hog },
      bound: { core: 0, schedule: { priority: 1 }, does: [sleepUntil(ms(5)), ...hog.slice(0, 1), mark(1)] },
    });
    await machine.runFor(ms(20));
    expect(marksOf(machine, 'bound')[0]).toBeLessThan(ms(16));
    expect(machine.vm('both').account.hartMigrations).toBe(1);
    expect(shareOf(machine, 'both')).toBeGreaterThan(0.99);
  });

  test('a chain of VMs makes room, each by one core', async () => {
    const machine: TestMachine<string> = await tasksOf(
      {
        a: { affinity: [0, 1], schedule: { priority: 9 }, does: hog },
        b: { affinity: [1, 2], schedule: { priority: 8 }, does: hog },
        bound: { core: 0, schedule: { priority: 1 }, does: [sleepUntil(ms(5)), ...hog] },
      },
      { cores: 3 },
    );
    await machine.runFor(ms(20));
    expect(shareOf(machine, 'a')).toBeGreaterThan(0.99);
    expect(shareOf(machine, 'b')).toBeGreaterThan(0.99);
    expect(shareOf(machine, 'bound')).toBeGreaterThan(0.7);
  });

  test('no core rests while a VM waits that may use it, and none is used that it may not', async () => {
    const machine = await boot(
      { ...Object.fromEntries(['a', 'b', 'c', 'd'].map((vm) => [vm, { affinity: [1, 2], does: hog }])) },
      { cores: 4 },
    );
    await machine.runFor(ms(40));
    expect(machine.cores.map(({ idle }) => idle < ms(1))).toEqual([false, true, true, false]);
    expect(machine.cores[0]!.cpuTime).toEqual({ a: 0, b: 0, c: 0, d: 0 });
  });

  test('a holder of low priority inherits a core, too', async () => {
    const machine = await boot(
      {
        holder: any([lock(0), compute(ms(2)), unlock(0)], 1),
        one: any([sleepUntil(ms(1)), compute(ms(30))], 5),
        two: any([sleepUntil(ms(1)), compute(ms(30))], 5),
        urgent: any([sleepUntil(ms(1)), lock(0), unlock(0), mark(1)], 9),
      },
      { channels: { 'lock-0': { kind: 'shared', from: 'holder', to: 'urgent', size: kib(4) } } },
    );
    await machine.runFor(ms(40));
    expect(marksOf(machine, 'urgent')[0]).toBeLessThan(ms(2.5));
  });
});

describe('global earliest deadline first', () => {
  const EDF = { scheduling: 'earliest-deadline-first' } as const;
  const server = (budget: number, period: number, does?: Task['does']): Task => ({
    affinity: 'any',
    schedule: { period: ms(period), budget: ms(budget) },
    does: does ?? periodic(compute(ms(budget - 0.1))),
  });

  test('three VMs that fit no two cores each on its own do together', async () => {
    // 60 % each: two of them on one core are too many.
    const tasks = { a: server(6, 10), b: server(6, 10), c: server(6, 10.5) };
    const machine = await boot(tasks, EDF);
    await machine.runFor(ms(105));
    const misses = ['a', 'b', 'c'].map((vm) => machine.vm(vm).account.deadlineMisses);
    expect(misses.filter((count) => count > 0).length).toBeLessThanOrEqual(1);
    expect(() =>
      systemOf({ a: { ...tasks.a, affinity: [0] }, b: { ...tasks.b, affinity: [0] } }, { ...EDF, cores: 2 }),
    ).toThrow('the budgets on core 0 add up to 120 % of it');
  });

  test('who uses more than its budget is postponed, and takes nothing that others were promised', async () => {
    const machine = await boot(
      { greedy: server(2, 5, hog), vain: server(2, 5, hog), control: server(3, 10) },
      EDF,
    );
    await machine.runFor(ms(100));
    expect(machine.vm('control')).toHaveMissedNoDeadline();
    expect(machine.trace.some(({ kind }) => kind === 'deadline-postponed')).toBe(true);
    expect(
      shareOf(machine, 'greedy') + shareOf(machine, 'vain') + shareOf(machine, 'control'),
    ).toBeGreaterThan(1.98);
  });
});

describe('exact', () => {
  const tasks = {
    one: any(periodic(compute(us(300))), 3),
    two: { ...any(periodic(compute(us(700))), 2), schedule: { priority: 2, period: ms(2), budget: ms(1) } },
    three: any(hog),
    four: any(hog),
    bound: { core: 1, schedule: { priority: 2, period: ms(3) }, does: periodic(compute(us(900))) },
  };

  test('snapshots, forks and runs in parts give the same', async () => {
    const [whole, parts] = [await boot(tasks), await boot(tasks)];
    await whole.runFor(ms(40));
    for (let part = 0; part < 400; part++) await parts.runFor(us(50));
    const snapshot = parts.snapshot();
    const fork = parts.fork();
    await parts.runFor(ms(20));
    await fork.runFor(ms(20));
    expect([parts.digest, fork.digest]).toEqual([whole.digest, whole.digest]);
    parts.restore(snapshot);
    await parts.runFor(ms(20));
    expect(parts.digest).toBe(whole.digest);
    expect(parts.cores).toEqual(whole.cores);
  });

  test('every core’s time is accounted for, and nobody is in two places', async () => {
    const machine = await boot(tasks);
    await machine.runFor(ms(40));
    for (const { cpuTime, switching, idle } of machine.cores) {
      const used = Object.values(cpuTime).reduce((a, b) => a + b);
      expect(Math.abs(used + switching + idle - ms(40))).toBeLessThan(us(20));
    }
    for (const vm of Object.keys(tasks)) {
      const turns = [0, 1].flatMap((core) => turnsOf(machine, vm, core)).sort((a, b) => a.from - b.from);
      turns.slice(1).forEach((turn, index) => expect(turn.from).toBeGreaterThanOrEqual(turns[index]!.to));
      const total = machine.cores.reduce((sum, { cpuTime }) => sum + cpuTime[vm]!, 0);
      expect(total).toBe(machine.vm(vm).account.cpuTime);
    }
  });
});

test('uni-core guests that may run anywhere gain as they should', async () => {
  const finished = async (cores: number): Promise<number> => {
    const names = ['north', 'east', 'south', 'west'];
    const machine = await boot(
      Object.fromEntries(names.map((name) => [name, any([compute(ms(20)), mark(1)])])),
      { cores },
    );
    await machine.runFor(ms(100));
    return Math.max(...names.flatMap((name) => marksOf(machine, name)));
  };
  const [one, two, three, four] = [
    await finished(1),
    await finished(2),
    await finished(3),
    await finished(4),
  ];
  expect(one / four).toBeGreaterThan(3.95);
  expect(one / two).toBeGreaterThan(1.95);
  // Where cores are not as many as VMs, moving is what lets all of them work to the end.
  expect(one / three).toBeGreaterThan(2.8);
});
