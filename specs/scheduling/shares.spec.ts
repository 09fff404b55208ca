/** Guaranteed shares: what a VM is promised it gets, under full load of all others, whatever they do. */
import { ms, type TestMachine } from 'testvisor';
import { compute, forever, hog, mark, send, trap } from '../../fixtures/task/script';
import { type Task, tasksOf, type TasksOptions } from './tasks';

/** A fifth of a core. */
const PROMISED = 0.2;
const PERIOD = ms(10);
const LENGTH = ms(300);

/** All others at once, with four fifths between them. */
const others: Readonly<Record<'computes' | 'floods' | 'crashes' | 'talks', Task>> = {
  computes: { does: hog },
  floods: { does: forever(...Array.from({ length: 20 }, () => mark(7))) },
  crashes: { does: [compute(ms(0.3)), trap()], onFault: { restart: 'warm' } },
  talks: { does: forever(compute(ms(0.01)), send(1)) },
};
type Name = keyof typeof others | 'video';

const NAMES = Object.keys(others) as (keyof typeof others)[];

async function underLoad(
  schedule: (name: Name, place: number) => Task['schedule'],
  options: TasksOptions = {},
): Promise<TestMachine<Name>> {
  const tasks = Object.fromEntries(
    [...NAMES, 'video' as const].map((name, place) => {
      const promised = schedule(name, place);
      const task = name === 'video' ? { does: hog } : others[name];
      return [name, { ...task, ...(promised === undefined ? {} : { schedule: promised }) }];
    }),
  ) as Record<Name, Task>;
  const machine = await tasksOf(tasks, { ...options, costs: { hypercall: 1000 } });
  return machine;
}

/** The smallest share that the VM had in any ten periods. */
async function leastShare(machine: TestMachine<Name>): Promise<number> {
  let least = Infinity;
  await machine.runFor(PERIOD);
  for (let at = 0; at < LENGTH; at += 10 * PERIOD) {
    const before = machine.vm('video').account.cpuTime;
    await machine.runFor(ms(100));
    least = Math.min(least, (machine.vm('video').account.cpuTime - before) / (10 * PERIOD));
  }
  return least;
}

const promised = (share: number) => ({ period: PERIOD, budget: Math.round(PERIOD * share) as never });

test('without a promise the VM of lowest priority gets nothing', async () => {
  const machine = await underLoad((name) => ({ priority: name === 'video' ? 0 : 1 }));
  expect(await leastShare(machine)).toBe(0);
});

test('with budgets for all, the VM of lowest priority gets its share', async () => {
  const machine = await underLoad((name) => ({
    priority: name === 'video' ? 0 : 1,
    ...promised(name === 'video' ? PROMISED : 0.195),
  }));
  expect(await leastShare(machine)).toBeGreaterThanOrEqual(PROMISED * 0.99);
});

test('with a server on a core that goes by deadlines', async () => {
  const machine = await underLoad((name) => promised(name === 'video' ? PROMISED : 0.195), {
    scheduling: 'earliest-deadline-first',
  });
  expect(await leastShare(machine)).toBeGreaterThanOrEqual(PROMISED * 0.99);
});

test('with a window, to the cycle', async () => {
  const windows = [...NAMES, 'video' as const].map((vm, place) => ({
    vm,
    offset: ms(2 * place),
    duration: ms(2),
  }));
  const machine = await underLoad(() => undefined, { schedules: { all: { majorFrame: PERIOD, windows } } });
  expect(await leastShare(machine)).toBe(PROMISED);
});
