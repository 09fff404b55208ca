/** Cores that go by deadlines, and servers that keep what each VM is promised. */
import { kib, ms, type Schedule, type SchedulingPolicy, us } from 'testvisor';
import {
  begin,
  compute,
  end,
  forever,
  hog,
  lock,
  mark,
  periodic,
  sleepUntil,
  trap,
  unlock,
} from '../../fixtures/task/script';
import { systemOf, tasksOf } from './tasks';

const EDF = { scheduling: 'earliest-deadline-first' } as const;

describe('earliest deadline first', () => {
  /** 97 % of a core: more than any assignment of fixed priorities can schedule. */
  const pair = {
    short: { schedule: { priority: 2, period: ms(5), budget: ms(2.03) }, does: periodic(compute(ms(2))) },
    long: { schedule: { priority: 1, period: ms(7), budget: ms(4.03) }, does: periodic(compute(ms(4))) },
  };

  test.each<[SchedulingPolicy, misses: boolean]>([
    ['fixed-priority', true],
    ['earliest-deadline-first', false],
  ])('two VMs that need 97 %% of a core: with %s a deadline is missed: %s', async (scheduling, misses) => {
    const machine = await tasksOf(pair, { scheduling });
    await machine.runFor(ms(350));
    expect(machine.vm('short')).toHaveMissedNoDeadline();
    expect(machine.vm('long').account.deadlineMisses > 0).toBe(misses);
  });

  test('cores may have different policies', async () => {
    const machine = await tasksOf(
      { ...pair, other: { core: 1, does: hog }, urgent: { core: 1, does: hog, schedule: { priority: 1 } } },
      { cores: 2, scheduling: ['earliest-deadline-first', 'fixed-priority'] },
    );
    await machine.runFor(ms(70));
    expect(machine.vm('long')).toHaveMissedNoDeadline();
    expect(machine.vm('other').account.cpuTime).toBe(0);
  });

  test('snapshots, forks and runs in parts give the same', async () => {
    const boot = () => tasksOf({ ...pair, rest: { does: hog } }, EDF);
    const [whole, parts] = [await boot(), await boot()];
    await whole.runFor(ms(60));
    for (let part = 0; part < 600; part++) await parts.runFor(us(50));
    const snapshot = parts.snapshot();
    const fork = parts.fork();
    await parts.runFor(ms(30));
    await fork.runFor(ms(30));
    expect([parts.digest, fork.digest]).toEqual([whole.digest, whole.digest]);
    parts.restore(snapshot);
    await parts.runFor(ms(30));
    expect(parts.digest).toBe(whole.digest);
  });
});

describe('constant-bandwidth servers', () => {
  const control = {
    schedule: { period: ms(10), budget: ms(3.05) },
    does: periodic(compute(ms(3))),
  };

  test('who uses more than its budget is postponed, and takes nothing that others were promised', async () => {
    const machine = await tasksOf(
      { greedy: { schedule: { period: ms(4), budget: ms(2) }, does: hog }, control },
      EDF,
    );
    await machine.runFor(ms(200));
    expect(machine.vm('control')).toHaveMissedNoDeadline();
    const deadlines = machine.trace.flatMap((event) =>
      event.kind === 'deadline-postponed' && event.vm === 'greedy' ? [event.deadline] : [],
    );
    expect(deadlines.length).toBeGreaterThan(50);
    deadlines.slice(1).forEach((at, index) => expect(at - deadlines[index]!).toBe(ms(4)));
    // It has its half, and what control leaves.
    expect(machine.vm('greedy').account.cpuTime).toBeGreaterThan(ms(200 - 62));
  });

  test('when all want more than there is, each has its share', async () => {
    const share = (budget: number) => ({
      schedule: { period: ms(10), budget: ms(budget) } as Schedule,
      does: hog,
    });
    const machine = await tasksOf(
      { half: share(5), third: share(3), fifth: share(2), none: { does: hog } },
      EDF,
    );
    await machine.runFor(ms(300));
    const used = (vm: 'half' | 'third' | 'fifth' | 'none') => machine.vm(vm).account.cpuTime / ms(300);
    expect(used('half')).toBeCloseTo(0.5, 2);
    expect(used('third')).toBeCloseTo(0.3, 2);
    expect(used('fifth')).toBeCloseTo(0.2, 2);
    expect(used('none')).toBe(0);
  });

  test('what is left goes to VMs without a budget, by priority', async () => {
    const machine = await tasksOf(
      {
        low: { does: hog, schedule: { priority: 1 } },
        high: { does: hog, schedule: { priority: 2 } },
        control,
      },
      EDF,
    );
    await machine.runFor(ms(100));
    expect(machine.vm('control')).toHaveMissedNoDeadline();
    expect(machine.vm('high').account.cpuTime).toBeGreaterThan(ms(68));
    expect(machine.vm('low').account.cpuTime).toBe(0);
  });

  test('who sleeps saves nothing up: it comes back with its share from then on', async () => {
    const machine = await tasksOf(
      {
        sleeper: {
          schedule: { period: ms(10), budget: ms(6) },
          does: [sleepUntil(ms(95)), compute(ms(200))],
        },
        control,
      },
      EDF,
    );
    await machine.runFor(ms(250));
    expect(machine.vm('control')).toHaveMissedNoDeadline();
  });

  test('who crashes and is restarted over and over has no more than its share', async () => {
    const machine = await tasksOf(
      {
        crashing: {
          schedule: { period: ms(10), budget: ms(6) },
          onFault: { restart: 'warm' },
          does: forever(compute(us(500)), trap()),
        },
        control,
      },
      { ...EDF, costs: { restart: 1, loadPerKib: 0 } },
    );
    await machine.runFor(ms(100));
    expect(machine.vm('control')).toHaveMissedNoDeadline();
  });

  test('who holds what an earlier deadline waits for inherits the deadline', async () => {
    const machine = await tasksOf(
      {
        holder: {
          schedule: { period: ms(100), budget: ms(20) },
          does: [lock(0), compute(ms(2)), unlock(0), mark(1)],
        },
        between: {
          schedule: { period: ms(50), budget: ms(20) },
          does: [sleepUntil(ms(1)), compute(ms(15))],
        },
        urgent: {
          schedule: { period: ms(10), budget: ms(2) },
          does: [sleepUntil(ms(1)), begin(), lock(0), compute(us(100)), unlock(0), end()],
        },
      },
      { ...EDF, channels: { 'lock-0': { kind: 'shared', from: 'holder', to: 'urgent', size: kib(4) } } },
    );
    await machine.runFor(ms(60));
    expect(machine.vm('urgent').responseTimes({ span: 'work' }).max).toBeLessThan(ms(1.2));
  });
});

describe('declarations that cannot be kept are refused', () => {
  const vm = (schedule: Schedule, others: object = {}) => ({ does: hog, schedule, ...others });

  test('more than a core has, by deadlines', () => {
    const tasks = {
      one: vm({ period: ms(10), deadline: ms(5), budget: ms(3) }),
      two: vm({ period: ms(10), budget: ms(5) }),
    };
    expect(() => systemOf(tasks)).not.toThrow();
    expect(() => systemOf(tasks, EDF)).toThrow(
      'vms: the budgets on core 0 add up to 110 % of it (one 60 %, two 50 %). Lower a budget, lengthen a period, or move a VM to another core.',
    );
  });

  test('a policy that there is not, and too few of them', () => {
    const one = { one: vm({}) };
    expect(() => systemOf(one, { scheduling: 'round-robin' as never })).toThrow('"round-robin" is not');
    expect(() => systemOf(one, { cores: 2, scheduling: ['fixed-priority'] })).toThrow(
      'scheduling: it lists 1 policies, and there are 2 cores. List one for each, or write one for all.',
    );
  });

  test('windows and deadlines on one core', () => {
    const windows = [{ vm: 'one', offset: ms(0), duration: ms(1) }];
    expect(() =>
      systemOf({ one: vm({}) }, { ...EDF, schedules: { only: { majorFrame: ms(10), windows } } }),
    ).toThrow('scheduling: core 0 is divided into windows, and cannot go by deadlines, too.');
  });

  test('a server on several cores', () => {
    const tasks = { one: vm({ period: ms(10), budget: ms(1) }, { cores: [0, 1] }) };
    expect(() => systemOf(tasks, { ...EDF, cores: 2 })).toThrow(
      'vms.one.cores: a budget on a core that goes by deadlines',
    );
  });

  test('a ceiling of priorities where deadlines decide', () => {
    const channels = {
      'lock-0': { kind: 'shared', from: 'one', to: 'two', size: kib(4), mutex: 'priority-ceiling' },
    } as const;
    expect(() => systemOf({ one: vm({}), two: vm({}) }, { ...EDF, channels })).toThrow(
      "channels.lock-0.mutex: VM one is on a core that goes by deadlines, where priorities have no ceiling. Write mutex: 'priority-inheritance': there deadlines are inherited.",
    );
  });
});
