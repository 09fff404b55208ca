/**
 * Hypercalls are carried out within the turn in which they are made where nothing comes in between. Nothing can tell: a
 * machine in which a fault waits, so that each hypercall has a step of its own, does the same at the same cycles.
 */
import { faults, kib, type MutexProtocol, ms, ns, seconds, type TestMachine, us } from 'testvisor';
import { compute, forever, lock, mark, periodic, sleepUntil, unlock } from '../../../fixtures/task/script';
import { type Task, tasksOf, type TasksOptions } from '../../scheduling/tasks';

type Machine = TestMachine<'a' | 'b'>;

const twoTasks =
  (a: Task, b: Task, options: TasksOptions = {}, mutex: MutexProtocol = 'none') =>
  (): Promise<Machine> =>
    tasksOf(
      { a, b },
      { ...options, channels: { 'lock-0': { kind: 'shared', from: 'a', to: 'b', size: kib(4), mutex } } },
    );

// Nothing is recorded of most calls: to find the port, and to lock what there is no news of.
const SECTIONS = [lock(0), unlock(0), lock(0), unlock(0), compute(us(2)), lock(0), unlock(0)];
const CALLS = forever(...SECTIONS, mark(1), compute(us(7)));
const LATER = [sleepUntil(us(250)), ...SECTIONS, mark(2), sleepUntil(us(900)), mark(3), ...SECTIONS, mark(4)];
const QUIET = [
  sleepUntil(us(20)),
  ...SECTIONS,
  sleepUntil(us(40)),
  ...SECTIONS,
  sleepUntil(us(60)),
  mark(1),
  mark(2),
];
const PERIODIC = periodic(...SECTIONS, compute(us(70)), mark(5));
const budget = { priority: 3, period: us(310), budget: us(120) } as const;

const SYSTEMS: Readonly<Record<string, () => Promise<Machine>>> = {
  'one that calls beside one that sleeps': twoTasks({ does: CALLS }, { does: LATER }),
  'one that sleeps and has nothing recorded meanwhile': twoTasks(
    { does: QUIET },
    { does: [sleepUntil(us(90)), mark(3)] },
  ),
  'turns among equals': twoTasks({ does: CALLS }, { does: CALLS }, { timeSlice: us(20) }),
  'short turns, at times with nobody else': twoTasks({ does: LATER }, { does: CALLS }, { timeSlice: us(11) }),
  'a budget': twoTasks({ does: PERIODIC, schedule: budget }, { does: CALLS, schedule: { priority: 2 } }),
  'a budget that is used up': twoTasks(
    { does: CALLS, schedule: budget },
    { does: CALLS, schedule: { priority: 2 } },
  ),
  'priorities that are inherited': twoTasks(
    { does: CALLS, schedule: { priority: 1 } },
    { does: [...LATER, ...CALLS.slice(0, -1)], schedule: { priority: 2 } },
    {},
    'priority-inheritance',
  ),
  ceilings: twoTasks(
    { does: LATER, schedule: { priority: 2 } },
    { does: forever(lock(0), compute(us(40)), ...SECTIONS.slice(1)), schedule: { priority: 1 } },
    {},
    'priority-ceiling',
  ),
  'two cores': twoTasks(
    { does: CALLS },
    { core: 1, does: PERIODIC, schedule: { period: us(310) } },
    { cores: 2 },
  ),
};

/** All that tells where a machine is. */
const placeOf = (machine: Machine) => {
  const { cores, paused, lastTurn, coreAccounts } = machine.hypervisor.save();
  const vms = machine.hypervisor.vms.map((vm) => [
    ...[vm.cyclesUsed, vm.budgetLeft],
    ...vm.vcpus.map(({ hart, turn }) => [hart.pc, hart.retired, turn]),
  ]);
  return { now: machine.now, digest: machine.digest, cores, paused, lastTurn, coreAccounts, vms };
};

test.each(Object.entries(SYSTEMS))('%s', async (_, start) => {
  const [machine, other] = [await start(), await start()];
  other.inject(faults.crash({ vm: 'a', at: seconds(100) }));
  for (const length of [us(100), ns(333_333), ns(1), us(7), ms(2)]) {
    await machine.runFor(length);
    await other.runFor(length);
    expect(placeOf(machine)).toEqual(placeOf(other));
  }
  expect(machine.trace.filter(({ kind }) => kind === 'mark').length).toBeGreaterThan(2);
});
