/** A VM that fails as soon as it starts: it is restarted ever later, and at last not at all, while the others go on. */
import { boot, defineSystem, kib, ms, us } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order } from '../../fixtures/misbehave/messages';

/** Without its channels the guest ends with a failure at once. */
const failing = (backOff?: { readonly first: ReturnType<typeof ms>; readonly most: ReturnType<typeof ms> }) =>
  defineSystem({
    vms: {
      failing: {
        image: '../../fixtures/misbehave/misbehave.elf',
        ram: kib(64),
        schedule: { priority: 9 },
        onFault: { restart: 'cold', max: 8, within: ms(100), ...(backOff === undefined ? {} : { backOff }) },
      },
      counter: { image: '../../fixtures/counter/counter.elf', ram: kib(64), schedule: { priority: 1 } },
    },
    channels: {
      count: { kind: 'queue', message: Count, from: 'counter', to: 'test', capacity: 1000 },
      orders: { kind: 'queue', message: Order, from: 'test', to: 'counter', capacity: 1 },
      answers: { kind: 'queue', message: Answer, from: 'counter', to: 'test', capacity: 1 },
    },
  });

/** Virtual times of the starts, in microseconds after the end before. */
async function waits(system: ReturnType<typeof failing>) {
  const machine = await boot(system);
  await machine.runTo(ms(60));
  const found: number[] = [];
  let crashed = 0;
  for (const event of machine.trace) {
    if (!('vm' in event) || event.vm !== 'failing') continue;
    if (event.kind === 'vm-crashed') crashed = event.at;
    if (event.kind === 'vm-started' && event.reason === 'cold') found.push(event.at - crashed);
  }
  return { machine, waits: found };
}

test('without a back-off the restarts are used up at once', async () => {
  const { machine, waits: found } = await waits(failing());
  expect(found).toHaveLength(8);
  expect(Math.max(...found)).toBeLessThan(us(500));
  expect(machine.vm('failing')).toBeStoppedByHealthMonitor();
  expect(machine.vm('counter')).toBeUndisturbed();
});

test('with one each wait is twice the one before, up to the longest', async () => {
  const { machine, waits: found } = await waits(failing({ first: ms(1), most: ms(8) }));
  const { waits: plain } = await waits(failing());
  // What remains without the back-off is loading.
  const backOff = found.map((wait) => Math.round((wait - plain[0]!) / us(1)));
  expect(backOff).toEqual([1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000]);
  expect(machine.vm('failing')).toBeStoppedByHealthMonitor();
  expect(machine.vm('counter')).toBeUndisturbed();
  expect(machine.log({ vm: 'failing' }).map(({ text }) => text)).toContain('restarting (cold, in 1 ms)');
});

test('a VM that waits for its restart can be restarted at once by the test', async () => {
  const machine = await boot(failing({ first: ms(20), most: ms(20) }));
  await machine.runTo(ms(5));
  expect(machine.vm('failing').state.is).toBe('restarting');
  machine.vm('failing').restart('cold');
  await machine.runTo(ms(8));
  expect(machine.vm('failing').generation).toBe(2);
});
