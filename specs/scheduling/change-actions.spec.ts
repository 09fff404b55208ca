/** What a change of the machine's schedule does to VMs: nothing, or they begin anew (ARINC 653 part 2). */
import { ms, type ScheduleChangeAction, type TestMachine, us } from 'testvisor';
import { compute, forever, hog, type ScriptStep, trap } from '../../fixtures/task/script';
import { type Task, tasksOf } from './tasks';

const window = (vm: string, offset: number, duration = 4) => ({
  vm,
  offset: ms(offset),
  duration: ms(duration),
});

type Actions = Readonly<Record<string, ScheduleChangeAction>>;

const boot = (
  changeActions: Actions,
  tasks: Readonly<Record<string, Task>> = {},
  back: Actions = {},
): Promise<TestMachine<string>> =>
  tasksOf(
    { flight: { does: hog }, cabin: { does: hog }, ...tasks },
    {
      schedules: {
        cruise: {
          majorFrame: ms(10),
          windows: [window('flight', 0), window('cabin', 5)],
          changeActions: back,
        },
        // The cabin's window comes late.
        emergency: { majorFrame: ms(10), windows: [window('flight', 0), window('cabin', 6)], changeActions },
      },
    },
  );

const livesOf = (machine: TestMachine<string>, vm: string) =>
  machine.trace.flatMap((event) =>
    'vm' in event &&
    event.vm === vm &&
    ['schedule-action', 'vm-restarting', 'vm-started'].includes(event.kind) &&
    event.at > 0
      ? [[event.at, event.kind, 'reason' in event ? event.reason : undefined] as const]
      : [],
  );

test('ignored, warm-started or cold-started, each at the beginning of its own first window', async () => {
  const machine = await boot({ flight: 'warm-start', cabin: 'cold-start' });
  await machine.runFor(ms(12));
  machine.setSchedule('emergency');
  await machine.runFor(ms(38));
  const [flight, cabin] = [livesOf(machine, 'flight'), livesOf(machine, 'cabin')];
  expect(flight.slice(0, 2)).toEqual([
    [ms(20), 'schedule-action', undefined],
    [ms(20), 'vm-restarting', undefined],
  ]);
  expect(flight[2]!.slice(1)).toEqual(['vm-started', 'warm']);
  expect(cabin[0]).toEqual([ms(26), 'schedule-action', undefined]);
  expect(cabin[2]!.slice(1)).toEqual(['vm-started', 'cold']);
  // Once, not in every frame.
  expect([flight.length, cabin.length]).toEqual([3, 3]);
});

test('who is ignored goes on as if nothing had been', async () => {
  const machine = await boot({ flight: 'ignore' });
  machine.setSchedule('emergency');
  await machine.runFor(ms(30));
  expect(machine.schedule!.current).toBe('emergency');
  expect([livesOf(machine, 'flight'), livesOf(machine, 'cabin')]).toEqual([[], []]);
});

test('the schedule that is in force is no change, nor is that of the start', async () => {
  const machine = await boot({}, {}, { flight: 'cold-start' });
  machine.setSchedule('cruise');
  await machine.runFor(ms(30));
  expect(livesOf(machine, 'flight')).toEqual([]);
  machine.setSchedule('emergency');
  await machine.runFor(ms(20));
  machine.setSchedule('cruise');
  await machine.runFor(ms(20));
  expect(livesOf(machine, 'flight').map(([, kind]) => kind)).toEqual([
    'schedule-action',
    'vm-restarting',
    'vm-started',
  ]);
});

test('another change before the window has come takes its place', async () => {
  const machine = await boot({ cabin: 'cold-start' });
  machine.setSchedule('emergency');
  await machine.runFor(ms(12));
  machine.setSchedule('cruise');
  await machine.runFor(ms(30));
  // The frame of 10 ms is whole: the cabin's window at 16 ms has come before the change at 20 ms.
  expect(livesOf(machine, 'cabin').map(([at]) => at)[0]).toBe(ms(16));
});

test.each<[string, (machine: TestMachine<string>) => void, boolean]>([
  ['suspended', (machine) => machine.vm('cabin').suspend(), true],
  ['stopped', (machine) => machine.vm('cabin').stop(), true],
  ['destroyed', (machine) => machine.vm('cabin').destroy(), false],
])('a VM that is %s', async (_, before, isStarted) => {
  const machine = await boot({ cabin: 'cold-start' });
  await machine.runFor(ms(1));
  before(machine);
  machine.setSchedule('emergency');
  await machine.runFor(ms(29));
  expect(livesOf(machine, 'cabin').some(([, kind]) => kind === 'vm-started')).toBe(isStarted);
});

test('a VM that has never started is started, also where everybody else rests', async () => {
  const idle: readonly ScriptStep[] = [compute(us(10))];
  const machine = await boot(
    { cabin: 'cold-start' },
    { flight: { does: idle }, cabin: { does: idle, autostart: false } },
  );
  machine.setSchedule('emergency');
  await machine.runFor(ms(30));
  expect(machine.vm('cabin')).toHaveRestarted({ times: 1 });
  expect(livesOf(machine, 'cabin')[0]![0]).toBe(ms(16));
});

test('the health monitor’s change of schedule does it, too', async () => {
  const machine = await boot(
    { cabin: 'warm-start' },
    {
      flight: {
        does: hog,
        schedule: { period: ms(10), deadline: ms(2) },
        health: { 'deadline-missed': { setSchedule: 'emergency' } },
      },
    },
  );
  await machine.runFor(ms(30));
  expect(livesOf(machine, 'flight')).toEqual([]);
  expect(livesOf(machine, 'cabin')[0]).toEqual([ms(16), 'schedule-action', undefined]);
  expect(machine.vm('cabin')).toHaveRestarted({ times: 1 });
});

test('snapshots, forks and runs in parts give the same', async () => {
  const start = () =>
    boot(
      { flight: 'warm-start', cabin: 'cold-start' },
      { cabin: { does: forever(compute(us(900)), trap()), onFault: { restart: 'cold' } } },
    );
  const [whole, parts] = [await start(), await start()];
  for (const machine of [whole, parts]) machine.setSchedule('emergency');
  await whole.runFor(ms(30));
  // Between the change and the cabin's window.
  for (let part = 0; part < 13; part++) await parts.runFor(ms(1));
  const snapshot = parts.snapshot();
  const fork = parts.fork();
  for (const machine of [parts, fork]) await machine.runFor(ms(17));
  expect([parts.digest, fork.digest]).toEqual([whole.digest, whole.digest]);
  parts.restore(snapshot);
  await parts.runFor(ms(17));
  expect(parts.digest).toBe(whole.digest);
});
