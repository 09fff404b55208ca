/** What others do to a VM and its shadow while an update is under way. */
import { boot, faults, ms, us } from 'testvisor';
import { updatableSystem } from '../../fixtures/update/system';
import { answersOf, expectContinuity, orderUntil, type Updatable, versionsOf } from './clients';

const EVERY = us(100);
const system = updatableSystem({ update: { probation: ms(2) } });

/** A machine with a new version in probation. */
async function onTrial(image = 'service-v2.elf'): Promise<Updatable> {
  const machine: Updatable = await boot(system);
  await orderUntil(machine, ms(1), EVERY);
  machine.vm('service').startUpdate(image);
  await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(1) });
  await machine.runFor(us(50));
  return machine;
}

const ended = async (machine: Updatable): Promise<object> => {
  await machine.runFor(ms(4));
  return machine.vm('service').updateStatus;
};

test('in probation it can be given up: the old version goes on', async () => {
  const machine = await onTrial();
  await orderUntil(machine, ms(2), EVERY);
  machine.vm('service').abortUpdate();
  await orderUntil(machine, ms(3), EVERY);
  expect(machine.vm('service').updateStatus).toMatchObject({
    result: 'rolled-back',
    why: 'aborted',
    slot: 0,
  });
  expect(versionsOf(machine)).toEqual([1, 2, 1]);
});

test.each(['staging', 'self-test', 'switching'])(
  'so it can in stage %s, where nobody notices',
  async (stage) => {
    const machine: Updatable = await boot(system);
    await machine.runFor(ms(1));
    machine.vm('service').startUpdate('service-v2.elf');
    while (machine.vm('service').updateStatus.stage !== stage) await machine.runFor(us(1));
    machine.vm('service').abortUpdate();
    await machine.runFor(us(1));
    expect(machine.vm('service').updateStatus).toMatchObject({
      stage: 'none',
      result: 'failed',
      why: 'aborted',
    });
    const orders = await orderUntil(machine, ms(2), EVERY);
    expectContinuity(machine, orders);
    expect(versionsOf(machine)).toEqual([1]);
    // Whatever was written of a trial is taken back.
    const again: Updatable = await boot(system, { storage: machine.powerOff() });
    await again.runFor(ms(1));
    expect(again.vm('service').updateStatus.result).toBe('none');
  },
);

test('whoever stops it in probation has it stopped, and its next start boots the old image', async () => {
  const machine = await onTrial();
  machine.vm('service').stop();
  expect(await ended(machine)).toMatchObject({ result: 'rolled-back', why: 'stopped', slot: 0 });
  expect(machine.vm('service').state.is).toBe('halted');
  machine.vm('service').start();
  const number = await orderUntil(machine, machine.now + ms(1), EVERY);
  expect(answersOf(machine).at(-1)).toMatchObject({ number, version: 1 });
});

test('whoever restarts it in probation has the old guest back, where it was', async () => {
  const machine = await onTrial();
  machine.vm('service').restart();
  await orderUntil(machine, machine.now + ms(1), EVERY);
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'rolled-back', why: 'ended' });
  expect(versionsOf(machine)).toEqual([1]);
  expect(answersOf(machine).at(-1)!.total).toBe(answersOf(machine).length);
});

test('when what was kept of the old guest is lost as well, its image boots from cold', async () => {
  const machine = await onTrial('service-crashing.elf');
  machine.vm('spare').destroy();
  await orderUntil(machine, machine.now + ms(1), EVERY);
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'rolled-back', why: 'crashed' });
  expect(machine.vm('service')).toHaveRestarted({ kind: 'cold', times: 1 });
  expect(versionsOf(machine)).toEqual([1, 2, 1]);
});

test('a fault in the old guest while it waits is nobody else’s', async () => {
  const machine = await onTrial();
  machine.inject(faults.crash({ vm: 'spare' }));
  expect(await ended(machine)).toMatchObject({ result: 'confirmed' });
});

test('a target that crashes before the switch is restarted as declared, and is then exchanged', async () => {
  const machine: Updatable = await boot(system);
  await machine.runFor(ms(1));
  machine.vm('service').startUpdate('service-v2.elf');
  machine.inject(faults.crash({ vm: 'service', at: ms(1.1) }));
  expect(await ended(machine)).toMatchObject({ result: 'confirmed' });
  expect(machine.vm('service')).toHaveRestarted({ kind: 'warm', times: 1 });
});

test('one that is suspended, or not there at all, is not exchanged', async () => {
  // Before its watchdog ends the suspension.
  const impatient = updatableSystem({ update: { switchWithin: ms(2) } });
  for (const action of ['suspend', 'stop'] as const) {
    const machine: Updatable = await boot(impatient);
    await machine.runFor(ms(1));
    machine.vm('service')[action]();
    machine.vm('service').startUpdate('service-v2.elf');
    await machine.runFor(ms(3));
    expect(machine.vm('service').updateStatus).toMatchObject({ result: 'failed', why: 'not-quiescent' });
    machine.dispose();
  }
});

test('at every moment it goes on the same from a snapshot, and in a fork', async () => {
  const golden: Updatable = await boot(system);
  await orderUntil(golden, ms(1), EVERY);
  golden.vm('service').startUpdate('service-v2.elf');
  const start = golden.snapshot();
  await orderUntil(golden, ms(4), EVERY);
  expect(golden.vm('service').updateStatus.result).toBe('confirmed');
  for (const stop of [us(1020), us(1115), us(1125), us(1135), us(1500), us(3150)]) {
    const machine = golden.fork();
    machine.restore(start);
    await orderUntil(machine, stop, EVERY);
    const fork = machine.fork();
    const snapshot = machine.snapshot();
    await machine.runFor(ms(2));
    machine.restore(snapshot);
    for (const each of [machine, fork]) await orderUntil(each, ms(4), EVERY);
    expect(fork.digest).toBe(machine.digest);
    expect(machine.vm('service').updateStatus.result).toBe('confirmed');
    fork.dispose();
    machine.dispose();
  }
});

test.each([
  [
    'a VM that nobody may update',
    (machine: Updatable) => machine.vm('updater').startUpdate('service-v2.elf'),
    'not-updatable',
  ],
  [
    'what does not go into a slot',
    (machine: Updatable) => machine.vm('service').startUpdate(new Uint8Array(200_000)),
    'over-limit',
  ],
  [
    'a second update',
    (machine: Updatable) => {
      machine.vm('service').startUpdate('service-v2.elf');
      machine.vm('service').startUpdate('service-v2.elf');
    },
    'wrong-state',
  ],
  [
    'giving up where there is nothing',
    (machine: Updatable) => machine.vm('service').abortUpdate(),
    'wrong-state',
  ],
  [
    'the status of what cannot be updated',
    (machine: Updatable) => machine.vm('spare').updateStatus,
    'not-updatable',
  ],
])('%s is an author’s mistake', async (_, act, code) => {
  const machine: Updatable = await boot(system);
  expect(() => act(machine)).toThrow(expect.objectContaining({ code }));
});

test('a trial that came to nothing is taken back from the boot record, too', async () => {
  const impatient = updatableSystem({ update: { switchWithin: us(500) } });
  const machine: Updatable = await boot(impatient);
  await machine.runFor(ms(1));
  machine.vm('service').suspend();
  machine.vm('service').startUpdate('service-v2.elf');
  await machine.runFor(ms(2));
  expect(machine.trace.filter(({ kind }) => kind === 'boot-record-written')).toMatchObject([
    { sequence: 1, onTrial: true },
    { sequence: 2, onTrial: false, slot: 0 },
  ]);
  const again: Updatable = await boot(impatient, { storage: machine.powerOff() });
  await again.runFor(ms(1));
  expect(again.vm('service').updateStatus).toMatchObject({ result: 'none', slot: 0, sequence: 2 });
});

test('a restart from the snapshot returns to a moment of the guest that is there', async () => {
  const machine = await onTrial();
  machine.vm('service').abortUpdate();
  await machine.runFor(us(50));
  const orders = machine.channel('orders').messages.length;
  machine.vm('service').restart('snapshot');
  await orderUntil(machine, machine.now + ms(1), EVERY);
  expect(answersOf(machine).slice(orders)[0]).toMatchObject({ version: 1, total: orders + 1 });
  machine.vm('service').startUpdate('service-v2.elf');
  await ended(machine);
  const before = machine.channel('answers').messages.length;
  machine.vm('service').restart('snapshot');
  await orderUntil(machine, machine.now + ms(1), EVERY);
  expect(answersOf(machine).slice(before)[0]).toMatchObject({ version: 2 });
});

test('its flash is the VM’s, and stays', async () => {
  const machine: Updatable = await boot(system);
  await machine.runFor(ms(1));
  const bytes = Uint8Array.from([1, 2, 3, 4]);
  machine.vm('service').flash.write(0, bytes);
  machine.vm('service').startUpdate('service-v2.elf');
  await ended(machine);
  expect(machine.vm('service')).toHaveBeenUpdated();
  expect(machine.vm('service').flash.read(0, 4)).toEqual(bytes);
  expect(machine.vm('spare').flash.read(0, 4)).not.toEqual(bytes);
});
