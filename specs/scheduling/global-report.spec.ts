/** What the schedule report says of VMs that move between cores, held against what machines do. */
import { jest } from '@jest/globals';
import { kib, ms, type Schedule, scheduleReport, scheduleText, type TestMachine, us } from 'testvisor';
import { compute, hog, periodic } from '../../fixtures/task/script';
import { systemOf, type Task, tasksOf, type TasksOptions } from './tasks';

const FREE = { costs: { contextSwitch: 0, migration: 0 } };
const task = (priority: number, budget: number, period: number, others: Partial<Task> = {}): Task => ({
  affinity: 'any',
  schedule: { priority, budget: ms(budget), period: ms(period) },
  does: periodic(compute(ms(budget - 0.06))),
  ...others,
});
const rowsOf = (tasks: Readonly<Record<string, Task>>, options: TasksOptions = {}) => {
  const { cores } = scheduleReport(systemOf(tasks, { cores: 2, ...options }));
  return Object.fromEntries(cores.flatMap(({ vms }) => vms).map((row) => [row.vm, row]));
};

afterEach(() => jest.restoreAllMocks());

describe('fixed priorities', () => {
  test('as many VMs as there are cores wait for nobody, the next for the least that these leave together', () => {
    const { a, b, c } = rowsOf({ a: task(3, 4, 10), b: task(2, 4, 10), c: task(1, 4, 10) }, FREE);
    // c: 4 ms of its own, and half of what a and b can do in the meantime, each of them 4 ms.
    expect([a, b, c].map((row) => row!.responseTime)).toEqual([ms(4), ms(4), ms(8)]);
    expect([a, b, c].map((row) => row!.verdict)).toEqual(['in-time', 'in-time', 'in-time']);
  });

  test('a bound beyond the deadline says nothing, and warns of nothing', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { c } = rowsOf({ a: task(3, 6, 10), b: task(2, 6, 10), c: task(1, 5, 10) }, FREE);
    expect(c).toMatchObject({
      verdict: 'unknown',
      why: 'the bound is beyond its period, which does not say that it is late',
    });
    expect(warn).not.toHaveBeenCalled();
  });

  test.each([
    [
      'a VM before it without a budget',
      { hog: task(9, 1, 2, { schedule: { priority: 9 }, does: hog }) },
      {},
      /^hog goes before it/,
    ],
    [
      'a mutex',
      {},
      { channels: { 'lock-0': { kind: 'shared', from: 'low', to: 'control', size: kib(4) } } },
      /^how long lock-0 keeps it waiting/,
    ],
  ] as const)('%s: nobody can tell', (_, others, options, why) => {
    const row = rowsOf({ control: task(5, 1, 10), low: task(1, 1, 10), ...others }, options)['control']!;
    expect(row.verdict).toBe('unknown');
    expect(row.why).toMatch(why);
  });

  /** Whole, clustered and overlapping affinities, with costs that count. */
  test.each<[string, Readonly<Record<string, Task>>]>([
    [
      'anywhere',
      { a: task(5, 1, 4), b: task(4, 2, 6), c: task(3, 3, 12), d: task(2, 2, 10), e: task(1, 3, 30) },
    ],
    [
      'some bound to a core',
      {
        a: task(5, 1, 4, { affinity: [0] }),
        b: task(4, 2, 6),
        c: task(3, 2, 12, { affinity: [1] }),
        d: task(2, 2, 20),
      },
    ],
  ])('no machine takes longer than the report says: %s', async (_, tasks) => {
    const options = { cores: 2, costs: { contextSwitch: 200, migration: 800 } };
    const rows = rowsOf(tasks, options);
    const machine: TestMachine<string> = await tasksOf(tasks, options);
    await machine.runFor(ms(180));
    for (const vm of Object.keys(tasks)) {
      expect([vm, rows[vm]!.verdict]).toEqual([vm, 'in-time']);
      expect(machine.vm(vm).responseTimes({ from: ms(30) }).max).toBeLessThanOrEqual(rows[vm]!.responseTime!);
    }
  });
});

describe('deadlines', () => {
  const EDF = { scheduling: 'earliest-deadline-first' } as const;

  test('budgets that are few enough are guaranteed; Dhall’s are not, though they fit', () => {
    const few = rowsOf({ a: task(0, 4, 10), b: task(0, 4, 10), c: task(0, 4, 10) }, EDF);
    expect(few['a']).toMatchObject({ verdict: 'in-time', responseTime: ms(10) });
    // Dhall and Liu, 1978: two short jobs and a long one, which misses its deadline by a hair.
    const dhall = rowsOf({ a: task(0, 1, 5), b: task(0, 1, 5), c: task(0, 4.9, 5.1) }, EDF);
    expect(dhall['c']).toMatchObject({ verdict: 'unknown', responseTime: undefined });
  });

  test('and Dhall’s miss it', async () => {
    const tasks = { a: task(0, 1, 5), b: task(0, 1, 5), c: task(0, 4.9, 5.1) };
    const machine = await tasksOf(tasks, { ...EDF, cores: 2 });
    await machine.runFor(ms(20));
    expect(machine.vm('c').account.deadlineMisses).toBeGreaterThan(0);
  });
});

describe('declarations that cannot be kept are refused', () => {
  const vm = (schedule: Schedule, others: Partial<Task> = {}): Task => ({ does: hog, schedule, ...others });
  const share = (percent: number, affinity: Task['affinity']) =>
    vm({ period: ms(10), budget: us(percent * 100) }, affinity === undefined ? {} : { affinity });

  test('more than the cores of a VM have, however it is dealt out', () => {
    const tasks = { a: share(80, [0, 1]), b: share(80, [0, 1]), c: share(80, [1, 2]), d: share(50, [2]) };
    expect(() => systemOf(tasks, { cores: 3 })).not.toThrow();
    expect(() => systemOf({ ...tasks, e: share(20, [0]) }, { cores: 3 })).toThrow(
      'vms: the budgets on cores 0, 1, 2 add up to 310 % of a core, and there are 3 (a 80 %, b 80 %, c 80 %, d 50 %, e 20 %). Lower a budget, lengthen a period, or let a VM have another core, too.',
    );
    // The third core has room, but nobody of those may use it.
    expect(() =>
      systemOf(
        { a: share(80, [0, 1]), b: share(80, [0, 1]), e: share(50, [0]), d: share(10, [1, 2]) },
        { cores: 3 },
      ),
    ).toThrow(
      'the budgets on cores 0, 1 add up to 210 % of a core, and there are 2 (a 80 %, b 80 %, e 50 %).',
    );
  });

  test.each<[string, Task['affinity'] | object, TasksOptions, string]>([
    [
      'none',
      [],
      {},
      "vms.one.affinity: needs the cores that may run it, not none. Write for example affinity: [0, 1], or 'any'.",
    ],
    ['no list', 3 as never, {}, 'vms.one.affinity: needs the cores that may run it, not 3. Write'],
    [
      'a core that there is not',
      [0, 2],
      {},
      'vms.one.affinity[1]: there is no core 2; the system has cores 0 to 1. Choose another, or declare cores: 3.',
    ],
    ['a core twice', [1, 1], {}, 'vms.one.affinity: core 1 is in it more than once. Name each core once.'],
    [
      'two policies',
      'any',
      { scheduling: ['fixed-priority', 'earliest-deadline-first'] },
      'vms.one.affinity: core 0 goes by fixed-priority, and core 1 by earliest-deadline-first. Name cores of one policy.',
    ],
    [
      'windows',
      'any',
      {
        schedules: {
          only: { majorFrame: ms(10), windows: [{ vm: 'other', offset: ms(0), duration: ms(5) }] },
        },
      },
      'vms.one.affinity: core 1 is divided into windows, each of which belongs to a core: nobody moves to it or from it. Leave that core out, or say core instead.',
    ],
  ])('%s', (_, affinity, options, text) => {
    const tasks = {
      one: vm({}, { affinity: affinity as Task['affinity'] & {} }),
      other: vm({}, { core: 1 }),
    };
    expect(() => systemOf(tasks, { cores: 2, ...options })).toThrow(text);
  });

  test('where it runs, given twice', () => {
    expect(() => systemOf({ one: vm({}, { affinity: 'any', core: 1 }) }, { cores: 2 })).toThrow(
      'vms.one.affinity: where its harts run is given twice, by core, too. Leave core out for harts that move between cores, or affinity for such that stay.',
    );
  });

  test('a server of several harts that move', () => {
    const tasks = { one: vm({ period: ms(10), budget: ms(1) }, { affinity: 'any', harts: 2 }) };
    expect(() => systemOf(tasks, { cores: 2, scheduling: 'earliest-deadline-first' })).toThrow(
      'give it one hart, or leave the budget out.',
    );
  });
});

test('it reads like this', () => {
  const tasks = { a: task(2, 1, 4), b: task(1, 2, 9), c: task(3, 2, 9, { affinity: [2] }) };
  expect(
    scheduleText(
      scheduleReport(
        systemOf(
          { ...tasks, a: { ...tasks.a, affinity: [0, 1] }, b: { ...tasks.b, affinity: [0, 1] } },
          { cores: 3 },
        ),
      ),
    ),
  ).toMatchInlineSnapshot(`
   "cores 0, 1, global fixed priority: 23.6 % in budgets
     VM  budget  period  deadline  blocking  done after  at any phase  verdict
     a   1 ms    4 ms    4 ms      -         1.005 ms    -             in time
     b   2 ms    9 ms    9 ms      -         2.005 ms    -             in time

   core 2, fixed priority: 22.2 % in budgets
     VM  budget  period  deadline  blocking  done after  at any phase  verdict
     c   2 ms    9 ms    9 ms      0 ms      2.0005 ms   -             in time"
  `);
});
