/** Time partitions: windows of a major frame, and nobody outside of their own. */
import { event, faults, ms, us } from 'testvisor';
import {
  begin,
  compute,
  end,
  forever,
  hog,
  mark,
  periodic,
  release,
  type ScriptStep,
  scheduleStatus,
  send,
  setSchedule,
  trap,
} from '../../fixtures/task/script';
import { tasksOf, traceOf, turnsOf } from './tasks';

const FRAME = { majorFrame: ms(10) };
const FLIGHT = { vm: 'flight', offset: ms(0), duration: ms(4) } as const;
const CABIN = { vm: 'cabin', offset: ms(5), duration: ms(3) } as const;
const NORMAL = { ...FRAME, windows: [FLIGHT, CABIN] };

const flight = {
  schedule: { period: ms(10), deadline: ms(5) },
  does: periodic(compute(ms(1)), mark(1), compute(us(500))),
};
/** Drives the hypervisor as hard as it can. */
const flood = forever(...Array.from({ length: 20 }, () => mark(7)));

describe('a core that is divided into windows', () => {
  test('runs each VM in its own windows and nowhere else, whatever there is to do', async () => {
    const machine = await tasksOf(
      { flight: { does: hog }, cabin: { does: flood } },
      { schedules: { normal: NORMAL }, costs: { hypercall: 1000 } },
    );
    await machine.runFor(ms(100));
    for (const { vm, offset, duration } of [FLIGHT, CABIN]) {
      const turns = turnsOf(machine, vm).slice(1);
      expect(turns).toHaveLength(9);
      for (const { from, to } of turns) {
        expect(from % ms(10)).toBe(offset);
        expect(to - from).toBe(duration);
      }
    }
  });

  test('rests where nobody has a window, and where its VM has nothing to do', async () => {
    const machine = await tasksOf({ flight, cabin: { does: hog } }, { schedules: { normal: NORMAL } });
    await machine.runFor(ms(100));
    const used = machine.vm('cabin').account.cpuTime + machine.vm('flight').account.cpuTime;
    expect(used).toBeLessThan(ms(50));
    expect(machine.vm('cabin').account.cpuTime).toBe(ms(30));
  });

  test('lets a VM have several windows in a frame, and a VM with harts on two cores be there at once', async () => {
    const half = (core: number) => [
      { vm: 'flight' as const, offset: ms(0), duration: ms(1), core },
      { vm: 'flight' as const, offset: ms(5), duration: ms(1), core },
    ];
    const machine = await tasksOf(
      { flight: { does: hog, cores: [0, 1] }, cabin: { does: hog, core: 1 } },
      {
        cores: 2,
        schedules: {
          normal: {
            ...FRAME,
            windows: [...half(0), ...half(1), { vm: 'cabin', offset: ms(2), duration: ms(2) }],
          },
        },
      },
    );
    await machine.runFor(ms(50));
    expect(turnsOf(machine, 'flight').map(({ from }) => from)).toEqual(
      [0, 5, 10, 15, 20, 25, 30, 35, 40, 45].map((at) => ms(at)),
    );
    expect(turnsOf(machine, 'cabin', 1).map(({ from, to }) => to - from)).toEqual([2, 2, 2, 2, 2].map(ms));
  });

  test('leaves other cores to priorities', async () => {
    const machine = await tasksOf(
      { flight, cabin: { does: hog }, radio: { does: hog, core: 1 } },
      { cores: 2, schedules: { normal: NORMAL } },
    );
    await machine.runFor(ms(50));
    expect(machine.vm('radio').account.cpuTime).toBeGreaterThan(ms(49));
  });
});

describe('covert timing: a VM’s trace is bit by bit the same, whatever a VM in another window does', () => {
  async function flightBeside(does: readonly ScriptStep[], slack: readonly 'cabin'[] = []) {
    const machine = await tasksOf(
      { flight, cabin: { does, onFault: { restart: 'warm' } } },
      {
        schedules: { normal: { ...NORMAL, slack } },
        costs: { hypercall: 1000, instructions: { branchTaken: 3, store: 7 } },
      },
    );
    await machine.runFor(ms(100));
    return machine;
  }
  const behaviours: readonly (readonly [string, readonly ScriptStep[]])[] = [
    ['computes without end', hog],
    ['floods the hypervisor', flood],
    ['crashes and is restarted, over and over', [compute(us(100)), trap()]],
    ['comes and goes', forever(compute(us(370)), release(), send(1))],
    ['stops', []],
  ];

  test.each(behaviours)('one that %s', async (_, does) => {
    const alone = await flightBeside([compute(us(1))]);
    const beside = await flightBeside(does);
    expect(traceOf(beside, 'flight')).toEqual(traceOf(alone, 'flight'));
    expect(traceOf(beside, 'flight').length).toBeGreaterThan(50);
    expect(beside.vm('flight')).toHaveMissedNoDeadline();
  });

  test.each(behaviours)('even one that %s in the time that windows leave', async (_, does) => {
    const alone = await flightBeside([], ['cabin']);
    const beside = await flightBeside(does, ['cabin']);
    expect(traceOf(beside, 'flight')).toEqual(traceOf(alone, 'flight'));
  });

  test('nor does a fault in it, nor its end', async () => {
    const [one, other] = [await flightBeside(hog), await flightBeside(hog)];
    other.inject(faults.hang({ vm: 'cabin', at: ms(157) }));
    await one.runFor(ms(100));
    await other.runFor(ms(100));
    other.vm('cabin').stop();
    await one.runFor(ms(100));
    await other.runFor(ms(100));
    expect(traceOf(other, 'flight')).toEqual(traceOf(one, 'flight'));
  });
});

describe('the end of a window', () => {
  test('cuts a hypercall in two: the rest of its cost is the caller’s in its next window', async () => {
    const machine = await tasksOf(
      { flight: { does: flood }, cabin: { does: hog } },
      // Longer than what any window leaves: every hypercall of a flood goes on in the next one, or in several.
      { schedules: { normal: NORMAL }, costs: { hypercall: 700_000 } },
    );
    await machine.runFor(ms(100));
    for (const { from, to } of turnsOf(machine, 'cabin'))
      expect([from % ms(10), to - from]).toEqual([ms(5), ms(3)]);
    // Taking the script has cost 22 of them before.
    await machine.runFor(ms(400));
    const marks = machine.trace.filter(({ kind }) => kind === 'mark').map(({ at }) => at);
    expect(marks.length).toBeGreaterThan(3);
    // 7 ms of work in windows of 4 ms in every 10.
    marks.slice(1).forEach((at, index) => expect(at - marks[index]!).toBeGreaterThan(ms(10)));
  });

  test('is seen by nobody who stops the run in the middle of one', async () => {
    const boot = () =>
      tasksOf(
        { flight, cabin: { does: flood } },
        { schedules: { normal: NORMAL }, costs: { hypercall: 333 } },
      );
    const [whole, parts] = [await boot(), await boot()];
    await whole.runFor(ms(30));
    for (let part = 0; part < 3000; part++) await parts.runFor(us(10));
    expect(parts.digest).toBe(whole.digest);
  });
});

describe('slack', () => {
  test('is used by those who are declared to use it, the one of highest priority first', async () => {
    const machine = await tasksOf(
      {
        flight,
        cabin: { does: hog },
        maintenance: { does: hog, schedule: { priority: 2 } },
        logger: { does: hog, schedule: { priority: 1 } },
      },
      { schedules: { normal: { ...NORMAL, slack: ['logger', 'maintenance'] } } },
    );
    await machine.runFor(ms(100));
    expect(machine.vm('cabin').account.cpuTime).toBe(ms(30));
    expect(machine.vm('logger').account.cpuTime).toBe(0);
    // All that flight and cabin leave.
    const { cpuTime } = machine.vm('flight').account;
    expect(machine.vm('maintenance').account.cpuTime).toBe(ms(100) - ms(30) - cpuTime);
  });
});

describe('several schedules', () => {
  const schedules = {
    normal: NORMAL,
    emergency: { majorFrame: ms(5), windows: [{ ...FLIGHT, duration: ms(4.5) }] },
  };
  const tasks = {
    flight: { does: hog },
    cabin: { does: hog },
  };

  test('the test switches at the end of the major frame, and reads where the machine is', async () => {
    const machine = await tasksOf(tasks, { schedules });
    await machine.runFor(ms(22));
    expect(machine.schedule).toEqual({
      current: 'normal',
      next: 'normal',
      switchedAt: 0,
      frameEndsAt: ms(30),
    });
    machine.setSchedule('emergency');
    expect(machine.schedule).toMatchObject({ current: 'normal', next: 'emergency' });
    await machine.runUntil(
      event('the switch', ({ kind }) => kind === 'schedule-switched'),
      { atMost: ms(10) },
    );
    expect(machine.now).toBe(ms(30));
    const before = machine.vm('cabin').account.cpuTime;
    await machine.runFor(ms(22));
    expect(machine.vm('cabin').account.cpuTime).toBe(before);
    expect(machine.schedule).toEqual({
      current: 'emergency',
      next: 'emergency',
      switchedAt: ms(30),
      frameEndsAt: ms(55),
    });
    machine.setSchedule('normal');
    await machine.runFor(ms(20));
    expect(machine.vm('cabin').account.cpuTime).toBeGreaterThan(before);
    expect(machine.log().map(({ text }) => text)).toContain('the schedule is emergency');
  });

  test('a VM that may switches by hypercall; others are refused, and so is what there is not', async () => {
    const asks = (number: number) => [mark(1), setSchedule(number), scheduleStatus(), compute(ms(50))];
    const machine = await tasksOf(
      {
        flight: { does: asks(1), switchesSchedules: true },
        cabin: { does: asks(1) },
      },
      { schedules },
    );
    await machine.runFor(ms(40));
    const marks = (vm: string) =>
      machine.trace.flatMap((event) =>
        event.kind === 'mark' && event.vm === vm ? [[event.name, event.value | 0]] : [],
      );
    expect(marks('flight')).toEqual([
      ['step', 1],
      ['set', 0],
      ['current', 0],
      ['next', 1],
      ['switched-at', 0],
    ]);
    expect(machine.schedule).toMatchObject({ current: 'emergency', switchedAt: ms(10) });
    expect(marks('cabin').slice(0, 2)).toEqual([
      ['step', 1],
      ['set', -4],
    ]);
    const wrong = await tasksOf(
      { flight: { does: asks(2), switchesSchedules: true }, cabin: { does: hog } },
      { schedules },
    );
    await wrong.runFor(ms(20));
    expect(wrong.log().map(({ text }) => text)).toContain('hypercall schedule.set denied: invalid-parameter');
    expect(wrong.schedule).toMatchObject({ current: 'normal', next: 'normal' });
  });

  test('a name that there is not is explained', async () => {
    const machine = await tasksOf(tasks, { schedules });
    expect(() => machine.setSchedule('emergancy')).toThrow(/Did you mean .?emergency/);
    const without = await tasksOf(tasks);
    expect(() => without.setSchedule('normal')).toThrow(/no schedule/);
    expect(without.schedule).toBeUndefined();
  });

  test('snapshots and forks are in the same window', async () => {
    const machine = await tasksOf(
      { flight: { does: periodic(begin(), end()) }, cabin: { does: flood } },
      { schedules, costs: { hypercall: 1000 } },
    );
    machine.setSchedule('emergency');
    await machine.runFor(ms(6.5));
    const snapshot = machine.snapshot();
    const fork = machine.fork();
    await machine.runFor(ms(50));
    await fork.runFor(ms(50));
    const digest = machine.digest;
    expect(fork.digest).toBe(digest);
    machine.restore(snapshot);
    await machine.runFor(ms(50));
    expect(machine.digest).toBe(digest);
  });
});
