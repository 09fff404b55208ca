/** An updater VM receives an image in chunks over a channel, which need not be a good one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boot, faults, ms, us } from 'testvisor';
import { UPDATE_FAILURES, UPDATE_RESULTS } from '../../fixtures/update/messages';
import { updatable, updatableSystem } from '../../fixtures/update/system';
import { answersOf, type Updatable, versionsOf } from './clients';
import { deliver, nextReport, send } from './server';

const fixture = (name: string): Uint8Array =>
  readFileSync(join(__dirname, '..', '..', 'fixtures', 'update', name));
const NEW = fixture('service-v2.elf');
const SUCCESS = 0n;
const [INVALID_STATE, BAD_RANGE, FAILED] = [-10n, -11n, -1n];

async function booted(): Promise<Updatable> {
  const machine: Updatable = await boot(updatable);
  await machine.runFor(ms(1));
  return machine;
}

test('an image arrives in chunks, is taken, and the updater is told in the end that it has stayed', async () => {
  const machine = await booted();
  expect(await deliver(machine, NEW)).toMatchObject({ error: SUCCESS, stage: 2 });
  const end = await nextReport(machine, ms(30));
  expect(end).toMatchObject({ error: SUCCESS, stage: 0, result: UPDATE_RESULTS.confirmed, slot: 1 });
  expect(machine.trace).toContainEqual(expect.objectContaining({ kind: 'update-begun', by: 'updater' }));
});

test.each([
  ['loses', faults.loseMessage],
  ['doubles', faults.duplicateMessage],
  ['exchanges', faults.reorderMessages],
] as const)('a channel that %s chunks changes nothing of that', async (_, fault) => {
  const machine = await booted();
  for (const nth of [3, 9, 20]) machine.inject(fault({ channel: 'chunks', nth }));
  expect(await deliver(machine, NEW)).toMatchObject({ error: SUCCESS, stage: 2 });
  expect(await nextReport(machine, ms(30))).toMatchObject({ result: UPDATE_RESULTS.confirmed });
});

test('the updater is told why an image is refused, and why one is taken back', async () => {
  const machine = await booted();
  expect(await deliver(machine, new Uint8Array(3000))).toMatchObject({
    error: FAILED,
    result: UPDATE_RESULTS.failed,
    why: UPDATE_FAILURES.unreadable,
  });
  await deliver(machine, fixture('service-crashing.elf'));
  for (let number = 1; number <= 8; number++) {
    machine.channel('orders').send({ number });
    await machine.runFor(us(200));
  }
  expect(await nextReport(machine)).toMatchObject({
    error: SUCCESS,
    result: UPDATE_RESULTS['rolled-back'],
    why: UPDATE_FAILURES.crashed,
    slot: 0,
  });
  expect(versionsOf(machine)).toEqual([1, 2, 1]);
});

test('packets out of turn are refused, and change nothing', async () => {
  const machine = await booted();
  const refused = async (error: bigint): Promise<void> => {
    expect(await nextReport(machine)).toMatchObject({ error });
  };
  send(machine, 'chunk', 0, NEW.subarray(0, 100));
  await refused(INVALID_STATE);
  send(machine, 'end');
  await refused(INVALID_STATE);
  send(machine, 'abort');
  await refused(INVALID_STATE);
  send(machine, 'begin', 0, undefined, 0);
  await refused(BAD_RANGE);
  send(machine, 'begin', 0, undefined, 128 * 1024 + 1);
  await refused(BAD_RANGE);
  send(machine, 'begin', 0, undefined, NEW.length);
  await nextReport(machine);
  send(machine, 'begin', 0, undefined, NEW.length);
  await refused(INVALID_STATE);
  send(machine, 'chunk', 100, NEW.subarray(100, 200));
  await refused(BAD_RANGE);
  send(machine, 'chunk', 0, NEW.subarray(0, 100));
  expect(await nextReport(machine)).toMatchObject({ error: SUCCESS, received: 100 });
  // What overlaps counts for what is new in it.
  send(machine, 'chunk', 50, NEW.subarray(50, 150));
  expect(await nextReport(machine)).toMatchObject({ error: SUCCESS, received: 150 });
  send(machine, 'end');
  await refused(BAD_RANGE);
  send(machine, 'abort');
  expect(await nextReport(machine)).toMatchObject({ error: SUCCESS });
  expect(machine.vm('service').updateStatus).toMatchObject({ stage: 'none', why: 'aborted' });
  expect(await deliver(machine, NEW)).toMatchObject({ error: SUCCESS });
});

test('when the power goes in the middle of the chunks, the old image boots, and another try begins anew', async () => {
  const machine = await booted();
  send(machine, 'begin', 0, undefined, NEW.length);
  await nextReport(machine);
  send(machine, 'chunk', 0, NEW.subarray(0, 1024));
  await machine.runFor(us(15));
  const again: Updatable = await boot(updatable, { storage: machine.powerOff() });
  await again.runFor(ms(1));
  expect(again.vm('service').updateStatus).toMatchObject({ stage: 'none', result: 'none', slot: 0 });
  expect(await deliver(again, NEW)).toMatchObject({ error: SUCCESS });
  expect(await nextReport(again, ms(30))).toMatchObject({ result: UPDATE_RESULTS.confirmed });
});

test('an updater that crashes leaves the update where it is; its next life may give it up', async () => {
  const machine = await booted();
  send(machine, 'begin', 0, undefined, NEW.length);
  await nextReport(machine);
  machine.vm('updater').restart();
  await machine.runFor(ms(1));
  send(machine, 'begin', 0, undefined, NEW.length);
  expect(await nextReport(machine)).toMatchObject({ error: INVALID_STATE, stage: 1 });
  send(machine, 'abort');
  await nextReport(machine);
  expect(await deliver(machine, NEW)).toMatchObject({ error: SUCCESS });
});

test('without the right to it nobody updates anybody, and the matrix shows who has it', async () => {
  const machine: Updatable = await boot(updatableSystem({ update: { by: [] } }));
  await machine.runFor(ms(1));
  send(machine, 'begin', 0, undefined, NEW.length);
  expect(await nextReport(machine)).toMatchObject({ error: -4n });
  expect(machine.trace).toContainEqual(
    expect.objectContaining({
      kind: 'hypercall-denied',
      vm: 'updater',
      call: 'update.begin',
      error: 'denied',
    }),
  );
  expect(machine.vm('service').updateStatus.stage).toBe('none');
  expect(answersOf(machine)).toEqual([]);
});
