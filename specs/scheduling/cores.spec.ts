/**
 * Uni-core software on a machine of several cores: guests that know of one processor each, on one virtual core and on
 * four, in virtual time. (That the same source runs as RV32 and RV64 is told by specs/fixtures, for every fixture.)
 */
import { type EventPattern, event, kib, ms, type TestMachine } from 'testvisor';
import { compute, lock, mark, unlock } from '../../fixtures/task/script';
import { tasksOf } from './tasks';

const NAMES = ['north', 'east', 'south', 'west'] as const;
type Name = (typeof NAMES)[number];

const WORK = ms(20);

async function finishedAfter(cores: number, image: string, steps = [compute(WORK)]): Promise<number> {
  const tasks = Object.fromEntries(
    NAMES.map((name, number) => [name, { core: number % cores, does: [...steps, mark(1)] }]),
  ) as Record<Name, { core: number; does: typeof steps }>;
  const machine: TestMachine<Name> = await tasksOf(tasks, { cores, image });
  let done = 0;
  const last: EventPattern = event('the last mark', ({ kind }) => kind === 'mark' && ++done === NAMES.length);
  await machine.runUntil(last, { atMost: ms(500) });
  return machine.trace.at(-1)!.at;
}

describe.each(['task.elf', 'task.rv64.elf'])('%s', (image) => {
  test('four guests on four cores are done in a quarter of the time, on two in half of it', async () => {
    const [one, two, four] = [
      await finishedAfter(1, image),
      await finishedAfter(2, image),
      await finishedAfter(4, image),
    ];
    expect(one / four).toBeGreaterThan(3.95);
    expect(one / four).toBeLessThanOrEqual(4.05);
    expect(one / two).toBeGreaterThan(1.97);
    // Alone on its core a guest is as fast as if there were no others.
    expect(four).toBeLessThan(WORK * 1.01);
  });
});

test('what they share keeps them from gaining: a lock serialises', async () => {
  const machine = async (cores: number): Promise<number> => {
    const steps = [lock(0), compute(ms(10)), unlock(0), compute(ms(10)), mark(1)];
    const tasks = Object.fromEntries(
      NAMES.map((name, number) => [name, { core: number % cores, does: steps }]),
    ) as Record<Name, { core: number; does: typeof steps }>;
    const booted: TestMachine<Name> = await tasksOf(tasks, {
      cores,
      channels: {
        'lock-0': { kind: 'shared', from: 'north', to: ['east', 'south', 'west'], size: kib(4) },
      },
    });
    await booted.runFor(ms(200));
    return booted.trace.filter(({ kind }) => kind === 'mark').at(-1)!.at;
  };
  // Amdahl: 40 ms in turn and then 10 ms side by side, against 80 ms.
  expect((await machine(1)) / (await machine(4))).toBeCloseTo(80 / 50, 1);
});
