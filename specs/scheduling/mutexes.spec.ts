/** Priority inversion: what a VM of high priority waits for when one of low priority holds what it wants. */
import { kib, type MutexProtocol, ms, us } from 'testvisor';
import { begin, compute, end, lock, mark, sleepUntil, unlock } from '../../fixtures/task/script';
import { tasksOf } from './tasks';

/** The critical section of the VM of low priority, and what the one in between computes. */
const SECTION = ms(2);
/** Hypercalls and switches on the way. */
const OVERHEAD = us(10);

async function inversion(mutex: MutexProtocol, between: number) {
  const machine = await tasksOf(
    {
      low: { schedule: { priority: 1 }, does: [lock(0), compute(SECTION), unlock(0), mark(1)] },
      high: {
        schedule: { priority: 3 },
        does: [sleepUntil(ms(1)), begin(), lock(0), compute(us(100)), unlock(0), end()],
      },
      medium: { schedule: { priority: 2 }, does: [sleepUntil(ms(1.5)), compute(between), mark(2)] },
    },
    { channels: { 'lock-0': { kind: 'shared', from: 'low', to: 'high', size: kib(4), mutex } } },
  );
  await machine.runFor(ms(200));
  return machine;
}

const waited = async (mutex: MutexProtocol, between: number): Promise<number> =>
  (await inversion(mutex, between)).vm('high').responseTimes({ span: 'work' }).max;

test('with no protocol it waits for everybody in between, however long they compute', async () => {
  expect(await waited('none', ms(20))).toBeGreaterThan(ms(20));
  expect(await waited('none', ms(80))).toBeGreaterThan(ms(80));
});

test.each<MutexProtocol>(['priority-inheritance', 'priority-ceiling'])(
  'with %s it waits for the critical section at most, whatever others compute',
  async (mutex) => {
    const [short, long] = [await waited(mutex, ms(20)), await waited(mutex, ms(80))];
    expect(short).toBeLessThan(SECTION + us(100) + OVERHEAD);
    expect(long).toBe(short);
  },
);

test('with a ceiling it does not even begin before the section is over: no switch to and fro', async () => {
  const switches = async (mutex: MutexProtocol): Promise<number> =>
    (await inversion(mutex, ms(20))).trace.filter(
      ({ at, kind }) => kind === 'scheduled' && at > ms(0.5) && at < ms(4),
    ).length;
  const machine = await inversion('priority-ceiling', ms(20));
  const began = machine.trace.find(({ kind }) => kind === 'span-begin')!;
  const released = machine.trace.find((event) => event.kind === 'message-sent')!;
  expect(began.at).toBeGreaterThan(released.at);
  expect(await switches('priority-ceiling')).toBeLessThan(await switches('priority-inheritance'));
});

test('two locks taken crosswise by two VMs: inheritance deadlocks, a ceiling cannot', async () => {
  const crosswise = async (mutex: MutexProtocol) => {
    const machine = await tasksOf(
      {
        low: {
          schedule: { priority: 1 },
          does: [lock(0), compute(ms(1)), lock(1), compute(us(100)), unlock(1), unlock(0), mark(1)],
        },
        high: {
          schedule: { priority: 2 },
          does: [sleepUntil(us(500)), lock(1), compute(us(100)), lock(0), unlock(0), unlock(1), mark(2)],
        },
      },
      {
        channels: {
          'lock-0': { kind: 'shared', from: 'low', to: 'high', size: kib(4), mutex },
          'lock-1': { kind: 'shared', from: 'high', to: 'low', size: kib(4), mutex },
        },
      },
    );
    await machine.runFor(ms(20));
    return machine.trace.filter(({ kind }) => kind === 'mark').length;
  };
  expect(await crosswise('priority-inheritance')).toBe(0);
  expect(await crosswise('priority-ceiling')).toBe(2);
});
