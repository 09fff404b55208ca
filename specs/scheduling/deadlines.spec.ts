/** Jobs with deadlines: how long they take, and what a missed one leads to, as it is declared. */
import { ms, us } from 'testvisor';
import { begin, compute, end, forever, goTo, hog, periodic, release } from '../../fixtures/task/script';
import { systemOf, tasksOf } from './tasks';

describe('response times', () => {
  test('of jobs, from release to completion', async () => {
    const machine = await tasksOf({
      control: { schedule: { priority: 2, period: ms(10) }, does: periodic(compute(ms(2))) },
    });
    await machine.runFor(ms(105));
    const times = machine.vm('control').responseTimes({ from: ms(10) });
    expect(times.count).toBe(10);
    expect(times.min).toBeGreaterThan(ms(2));
    expect(times.max).toBeLessThan(ms(2) + us(10));
    expect(times.jitter).toBe(times.max - times.min);
    expect(times.percentile(100)).toBe(times.max);
    expect(times.percentile(50)).toBe(times.all.slice().sort((a, b) => a - b)[4]);
    expect(times.mean).toBeCloseTo(times.all.reduce((a, b) => a + b, 0) / 10);
    // The first job took the script, too.
    expect(machine.vm('control').responseTimes().max).toBeGreaterThan(times.max);
  });

  test('of spans, also with another VM in between', async () => {
    const machine = await tasksOf({
      urgent: { schedule: { priority: 2, period: ms(5) }, does: periodic(compute(ms(1))) },
      control: {
        schedule: { priority: 1, period: ms(10) },
        does: periodic(compute(ms(6))),
      },
    });
    await machine.runFor(ms(100));
    const { min, max } = machine.vm('control').responseTimes({ span: 'work', from: ms(10) });
    // It is interrupted once or twice.
    expect(min).toBeGreaterThan(ms(7));
    expect(max).toBeLessThan(ms(8.1));
    expect(machine.vm('control').responseTimes({ span: 'play' })).toMatchObject({ count: 0, min: NaN });
    expect(() => machine.vm('control').responseTimes().percentile(0)).toThrow(/no percentage/);
  });

  test('are the same in every run', async () => {
    const run = async () => {
      const machine = await tasksOf({
        urgent: { schedule: { priority: 2, period: ms(3) }, does: periodic(compute(us(700))) },
        control: { schedule: { priority: 1, period: ms(10) }, does: periodic(compute(ms(4))) },
      });
      await machine.runFor(ms(100));
      return machine.vm('control').responseTimes().all;
    };
    expect(await run()).toEqual(await run());
  });

  test('a span that a restart cuts short does not count', async () => {
    const machine = await tasksOf({
      control: { does: [begin(), compute(ms(5)), end(), begin(), compute(ms(50)), end()] },
    });
    await machine.runFor(ms(20));
    machine.vm('control').restart('cold');
    await machine.runFor(ms(50));
    expect(machine.vm('control').responseTimes({ span: 'work' }).count).toBe(1);
  });
});

describe('a missed deadline leads to what is declared', () => {
  /** From its fourth job on it takes longer than it may. */
  const slow = [release(), release(), release(), compute(ms(8)), release(), goTo(3)];
  const late = { schedule: { period: ms(10), deadline: ms(5) }, does: slow };

  test('nothing but a record', async () => {
    const machine = await tasksOf({ control: late });
    await machine.runFor(ms(55));
    expect(machine.vm('control').account.deadlineMisses).toBeGreaterThan(0);
    expect(machine.vm('control')).toBeRunning();
    expect(machine.vm('control').healthEvents).toHaveLength(0);
  });

  test('an event of the health monitor', async () => {
    const machine = await tasksOf({ control: { ...late, health: { 'deadline-missed': 'log' } } });
    await machine.runFor(ms(55));
    expect(machine.vm('control').healthEvents[0]).toMatchObject({ error: 'deadline-missed', action: 'log' });
    expect(machine.vm('control')).toBeRunning();
  });

  test('a restart', async () => {
    const machine = await tasksOf({
      control: { ...late, health: { 'deadline-missed': { restart: 'cold', max: 1, within: ms(1000) } } },
    });
    await machine.runFor(ms(55));
    expect(machine.vm('control')).toHaveRestarted({ times: 1 });
  });

  test('another schedule, in which there is more time', async () => {
    const busy = { majorFrame: ms(10), windows: [{ vm: 'control', offset: ms(0), duration: ms(5) }] };
    const machine = await tasksOf(
      {
        control: {
          schedule: { period: ms(10) },
          does: forever(compute(ms(6)), release()),
          health: { 'deadline-missed': { setSchedule: 'relieved' } },
        },
        comfort: { does: hog },
      },
      {
        schedules: {
          normal: {
            ...busy,
            windows: [...busy.windows, { vm: 'comfort', offset: ms(5), duration: ms(5) }],
          },
          relieved: { ...busy, windows: [{ vm: 'control', offset: ms(0), duration: ms(9) }] },
        },
      },
    );
    await machine.runFor(ms(100));
    expect(machine.schedule).toMatchObject({ current: 'relieved', switchedAt: ms(20) });
    expect(machine.vm('control').healthEvents[0]).toMatchObject({ action: 'set-schedule' });
    const misses = machine.trace.filter(({ kind }) => kind === 'deadline-missed').map(({ at }) => at);
    expect(misses.length).toBeGreaterThan(0);
    expect(Math.max(...misses)).toBeLessThanOrEqual(ms(40));
  });

  test('one that there is not is refused where it is declared', () => {
    const control = { ...late, health: { 'deadline-missed': { setSchedule: 'relaxed' } } } as const;
    expect(() => systemOf({ control })).toThrow(
      'vms.control.health.deadline-missed: there is no schedule "relaxed". Declare schedules.',
    );
    const schedules = {
      relieved: { majorFrame: ms(10), windows: [{ vm: 'control', offset: ms(0), duration: ms(5) }] },
    };
    expect(() => systemOf({ control }, { schedules })).toThrow('The schedules are relieved.');
  });
});
