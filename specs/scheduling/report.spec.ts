/** Whether a declaration can be kept: computed, and held against what machines do. */
import { jest } from '@jest/globals';
import { kib, ms, type Schedule, scheduleReport, scheduleText, type TestMachine, us } from 'testvisor';
import { aircraft } from '../../fixtures/aircraft/system';
import { compute, hog, periodic } from '../../fixtures/task/script';
import { systemOf, type Task, tasksOf, type TasksOptions } from './tasks';

const FREE = { costs: { contextSwitch: 0 } };
const task = (priority: number, budget: number, period: number, others: Partial<Schedule> = {}): Task => ({
  schedule: { priority, budget: ms(budget), period: ms(period), ...others },
  does: periodic(compute(ms(budget - 0.05))),
});

const rowsOf = (tasks: Readonly<Record<string, Task>>, options: TasksOptions = {}, core = 0) =>
  Object.fromEntries(scheduleReport(systemOf(tasks, options)).cores[core]!.vms.map((row) => [row.vm, row]));

afterEach(() => jest.restoreAllMocks());

describe('fixed priorities', () => {
  /** Burns and Wellings, Real-Time Systems and Programming Languages, on response-time analysis. */
  const textbook = { a: task(3, 3, 7), b: task(2, 3, 12), c: task(1, 5, 20) };

  test('response times are those of the textbook', () => {
    const { a, b, c } = rowsOf(textbook, FREE);
    expect([a, b, c].map((row) => row!.responseTime)).toEqual([ms(3), ms(6), ms(20)]);
    expect([a, b, c].map((row) => row!.verdict)).toEqual(['in-time', 'in-time', 'in-time']);
    const [core] = scheduleReport(systemOf(textbook, FREE)).cores;
    expect(core!.utilisation).toBeCloseTo(3 / 7 + 3 / 12 + 5 / 20);
  });

  test('switches between VMs take time, too', () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(rowsOf(textbook)['c']).toMatchObject({ verdict: 'late', responseTime: undefined });
  });

  test('no machine takes longer than the report says', async () => {
    const tasks = { a: task(3, 1, 4), b: task(2, 2, 9), c: task(1, 3, 15) };
    const rows = rowsOf(tasks);
    const machine = (await tasksOf(tasks)) as TestMachine<string>;
    await machine.runFor(ms(540));
    for (const name of ['a', 'b', 'c']) {
      const { max } = machine.vm(name).responseTimes({ from: ms(20) });
      expect(rows[name]!.verdict).toBe('in-time');
      expect(max).toBeLessThanOrEqual(rows[name]!.responseTime!);
      expect(max).toBeGreaterThan(rows[name]!.responseTime! * 0.8);
    }
  });

  test.each([
    ['priority-ceiling', ms(4)],
    ['priority-inheritance', ms(6)],
  ] as const)('with %s a VM waits for critical sections as the protocol says', (mutex, blocking) => {
    const tasks = { high: task(3, 1, 20), low: task(1, 5, 40) };
    const between = (longestHold: ReturnType<typeof ms>) =>
      ({ kind: 'shared', from: 'low', to: 'high', size: kib(4), mutex, longestHold }) as const;
    const rows = rowsOf(tasks, { ...FREE, channels: { 'lock-0': between(ms(4)), 'lock-1': between(ms(2)) } });
    expect(rows['high']).toMatchObject({ blocking, responseTime: ms(1) + blocking });
    expect(rows['low']).toMatchObject({ blocking: 0, responseTime: ms(6) });
  });

  test.each([
    [
      'a VM before it without a budget',
      { hog: { does: hog, schedule: { priority: 9 } } },
      {},
      /hog goes before it/,
    ],
    [
      'a mutex whose holds are not bounded',
      { low: task(1, 1, 10) },
      { channels: { 'lock-0': { kind: 'shared', from: 'low', to: 'control', size: kib(4) } } },
      /declare its protocol and longestHold/,
    ],
  ] as const)('%s: nobody can tell', (_, others, options, why) => {
    const row = rowsOf({ control: task(5, 1, 10), ...others }, options)['control']!;
    expect(row.verdict).toBe('unknown');
    expect(row.why).toMatch(why);
  });
});

describe('windows', () => {
  const schedules = (duration: number) => ({
    only: {
      majorFrame: ms(10),
      windows: [
        { vm: 'control', offset: ms(2), duration: us(duration) },
        { vm: 'other', offset: ms(6), duration: ms(1) },
      ],
    },
  });
  const tasks = { control: task(1, 2, 20, { deadline: ms(12) }), other: { does: hog } };

  test('a job is done when its windows have supplied it', () => {
    // 2 ms and a switch in one window; in two of 1.5 ms it takes another frame.
    expect(rowsOf(tasks, { schedules: schedules(3000) })['control']).toMatchObject({
      responseTime: ms(4) + us(0.5),
      atAnyPhase: ms(9) + us(0.5),
      verdict: 'in-time',
    });
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(rowsOf(tasks, { schedules: schedules(1500) })['control']).toMatchObject({
      responseTime: ms(12) + us(501),
      verdict: 'late',
    });
  });

  test('no machine takes longer than the report says', async () => {
    const machine = await tasksOf(tasks, { schedules: schedules(3000) });
    await machine.runFor(ms(200));
    const { max } = machine.vm('control').responseTimes({ from: ms(20) });
    const { responseTime } = rowsOf(tasks, { schedules: schedules(3000) })['control']!;
    expect(max).toBeLessThanOrEqual(responseTime!);
    expect(max).toBeGreaterThan(responseTime! * 0.9);
  });
});

test('on a core that goes by deadlines the servers guarantee it', () => {
  const rows = rowsOf(
    { a: task(0, 2, 5), b: task(0, 4, 7), rest: { does: hog } },
    { scheduling: 'earliest-deadline-first' },
  );
  expect(rows['b']).toMatchObject({ verdict: 'in-time', responseTime: ms(7) });
  expect(rows['rest']!.why).toBe('it has what others leave');
});

test('it reads like this', () => {
  expect(scheduleText(scheduleReport(aircraft))).toMatchInlineSnapshot(`
   "core 0, schedule cruise: 100 % in windows
     VM             budget  period  deadline  blocking  done after  at any phase  verdict
     flight         -       10 ms   9 ms      -         -           -             unknown: it declares no period with a budget
     entertainment  -       -       -         -         -           -             unknown: it declares no period with a budget

   core 0, schedule engine-out: 90 % in windows
     VM             budget  period  deadline  blocking  done after  at any phase  verdict
     flight         -       10 ms   9 ms      -         -           -             unknown: it declares no period with a budget
     entertainment  -       -       -         -         -           -             unknown: it declares no period with a budget"
  `);
  expect(scheduleText(scheduleReport(systemOf({ a: task(2, 1, 4), b: task(1, 2, 9) }))))
    .toMatchInlineSnapshot(`
   "core 0, fixed priority: 47.2 % in budgets
     VM  budget  period  deadline  blocking  done after  at any phase  verdict
     a   1 ms    4 ms    4 ms      0 ms      1.0005 ms   -             in time
     b   2 ms    9 ms    9 ms      0 ms      3.0015 ms   -             in time"
  `);
});

test('defineSystem warns of what cannot work', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  systemOf({ a: task(2, 2, 5), b: task(1, 4, 7) });
  expect(warn.mock.calls).toEqual([
    [
      'VM b on core 0 cannot meet its deadline: its job is not done before the next is released, and its deadline is 7000000 ns after its release.',
      'ScheduleWarning',
    ],
  ]);
  warn.mockClear();
  systemOf({ a: task(2, 2, 5), b: task(1, 2, 7) });
  expect(warn).not.toHaveBeenCalled();
});
