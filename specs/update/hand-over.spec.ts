/** A guest that says itself when it can be exchanged hands its state over. */
import { boot, event, faults, ms, us } from 'testvisor';
import { SWITCH_WITHIN, updatableSystem } from '../../fixtures/update/system';
import { expectContinuity, orderUntil, type Updatable, versionsOf } from './clients';

const EVERY = us(150);
const system = updatableSystem({
  image: 'offering-v1.elf',
  keeps: [],
  update: { quiescence: 'when-offered' },
});

test('the new version goes on from the state that the old one has offered', async () => {
  const machine: Updatable = await boot(system);
  await orderUntil(machine, ms(2), EVERY);
  machine.vm('service').startUpdate('offering-v2.elf');
  const orders = await orderUntil(machine, ms(6), EVERY);
  expectContinuity(machine, orders);
  expect(versionsOf(machine)).toEqual([1, 2]);
  expect(machine.trace.some(({ kind }) => kind === 'hypercall-denied')).toBe(false);
});

test('the copying counts in the time for which it stands still', async () => {
  const machine: Updatable = await boot(system);
  await machine.runFor(ms(1));
  machine.vm('service').startUpdate('offering-v2.elf');
  await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(3) });
  // Two switches of 50 cycles, and four bytes at a quarter of a cycle each.
  expect(machine.trace.find(({ kind }) => kind === 'update-switched')).toMatchObject({ outage: us(1) + 10 });
});

test('taken back, the old version goes on after its offer, with what it had', async () => {
  const machine: Updatable = await boot(system);
  await orderUntil(machine, ms(2), EVERY);
  machine.vm('service').startUpdate('offering-v2.elf');
  await orderUntil(machine, ms(6), EVERY);
  machine.vm('service').abortUpdate();
  await orderUntil(machine, ms(8), EVERY);
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'rolled-back', why: 'aborted' });
  const answers = machine.channel('answers').messages.map(({ value }) => value);
  const [before, after] = [
    answers.findLastIndex(({ version }, index) => version === 1 && answers[index + 1]?.version === 2),
    answers.findIndex(({ version }, index) => version === 1 && answers[index - 1]?.version === 2),
  ];
  expect(answers[after]!.total).toBe(answers[before]!.total + 1);
  expect(versionsOf(machine)).toEqual([1, 2, 1]);
});

test('a new version waits for an offer, whatever the old one waits for', async () => {
  const silent = updatableSystem({ update: { quiescence: 'when-offered' } });
  const machine: Updatable = await boot(silent);
  await machine.runFor(ms(1));
  machine.vm('service').startUpdate('offering-v2.elf');
  await machine.runUntil(
    event('its self-test', ({ kind }) => kind === 'self-test-passed'),
    { atMost: ms(1) },
  );
  await machine.runUntil(machine.vm('service').updateEnds(), { atMost: ms(10) });
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'failed', why: 'not-quiescent' });
  const at = (kind: string): number => machine.trace.find((each) => each.kind === kind)!.at;
  expect(at('update-failed') - at('self-test-passed')).toBe(SWITCH_WITHIN);
  const orders = await orderUntil(machine, ms(10), EVERY);
  expectContinuity(machine, orders);
});

test('who has offered goes on when nothing comes of it', async () => {
  const machine: Updatable = await boot(system);
  await orderUntil(machine, ms(1), EVERY);
  machine.vm('service').startUpdate('offering-v2.elf');
  await machine.runUntil(
    event('its self-test', ({ kind }) => kind === 'self-test-passed'),
    { atMost: ms(1) },
  );
  machine.inject(faults.crash({ vm: 'spare' }));
  const orders = await orderUntil(machine, ms(6), EVERY);
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'failed', why: 'self-test-ended' });
  expectContinuity(machine, orders);
  expect(versionsOf(machine)).toEqual([1]);
});
