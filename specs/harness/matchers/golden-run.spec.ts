/** A VM is undisturbed when it does what it does in a golden run: the same things, at the same times. */
import { boot, defineSystem, faults, kib, ms, us } from 'testvisor';
import { Count } from '../../../fixtures/counter/messages';
import { failureOf } from './failure-of';

const counterAt = (core: number) => ({ image: '../../../fixtures/counter/counter.elf', ram: kib(64), core });
const system = (sharesCore: boolean) =>
  defineSystem(
    {
      cores: 2,
      vms: { counter: counterAt(0), other: counterAt(sharesCore ? 0 : 1) },
      channels: {
        count: { kind: 'queue', message: Count, from: 'counter', to: 'test', capacity: 1000 },
      },
    },
    { relativeTo: __dirname },
  );

async function runs(sharesCore: boolean) {
  const [golden, faulty] = [await boot(system(sharesCore)), await boot(system(sharesCore))];
  faulty.inject(faults.crash({ vm: 'other', at: ms(2) }));
  for (const machine of [golden, faulty]) await machine.runTo(ms(20));
  return { golden, faulty };
}

test('on a core of its own nothing changes, to the cycle', async () => {
  const { golden, faulty } = await runs(false);
  expect(golden.channel('count').messages.length).toBeGreaterThan(3);
  expect(faulty.vm('counter')).toBeUndisturbed({ comparedWith: golden });
  expect(faulty.vm('other')).not.toBeUndisturbed({ comparedWith: golden.vm('other') });
});

test('a VM that shares its core has more of it when the other one is gone', async () => {
  const { golden, faulty } = await runs(true);
  expect(faulty.vm('counter')).toBeUndisturbed();
  const failure = failureOf(() => expect(faulty.vm('counter')).toBeUndisturbed({ comparedWith: golden }));
  expect(failure).toMatch(
    /✗ counter does what it does in the reference run +the same \d+ events, then another/,
  );
  expect(failure).toMatch(/✗ [\d.]+ ms .* {3}[\d.]+ ms /);
});

test('a tolerance may be allowed, and what only one run has reached is not judged', async () => {
  const { golden, faulty } = await runs(true);
  await golden.runFor(ms(5));
  expect(faulty.vm('counter')).toBeUndisturbed({ comparedWith: golden, within: ms(20) });
});

test('something that is no run is refused', async () => {
  const machine = await boot(system(false));
  await machine.runFor(us(1));
  expect(() => expect(machine.vm('counter')).toBeUndisturbed({ comparedWith: {} })).toThrow(
    /it takes a machine, or one of its VMs/,
  );
});
