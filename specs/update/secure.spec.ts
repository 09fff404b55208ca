/** Where secure boot is declared, an update must be signed, and there is no way back behind one that has proven itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boot, createSigningKey, type ImageClaims, logLine, ms, signImage, us } from 'testvisor';
import { REJECTIONS } from '../../fixtures/update/messages';
import { updatableSystem } from '../../fixtures/update/system';
import { answersOf, orderUntil, type Updatable, versionsOf } from './clients';
import { deliver } from './server';

const vendor = createSigningKey(new Uint8Array(32).fill(1));
const stranger = createSigningKey(new Uint8Array(32).fill(2));

const elf = (name: string): Uint8Array =>
  readFileSync(join(__dirname, '..', '..', 'fixtures', 'update', name));
const signed = (name: string, claims: Partial<ImageClaims> = {}, { privateKey } = vendor): Uint8Array =>
  signImage(elf(name), { product: 'service', version: 2, ...claims }, privateKey);

const FIRST = signed('service-v1.elf', { version: 1 });
const system = updatableSystem(
  {
    image: FIRST,
    secureBoot: { signedBy: 'vendor', minimumVersion: 1 },
    update: { probation: ms(1) },
  },
  { vendor: vendor.publicKey },
);

async function updatedWith(image: Uint8Array): Promise<Updatable> {
  const machine: Updatable = await boot(system);
  await machine.runFor(us(500));
  machine.vm('service').startUpdate(image);
  await orderUntil(machine, ms(3), us(100));
  return machine;
}

test('an update that the vendor has signed is taken', async () => {
  const machine = await updatedWith(signed('service-v2.elf'));
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'confirmed', slot: 1 });
  expect(versionsOf(machine)).toEqual([1, 2]);
});

test.each([
  ['nobody has signed', elf('service-v2.elf'), 'unsigned'],
  ['a stranger has signed', signed('service-v2.elf', {}, stranger), 'unknown-key'],
  ['is for another product', signed('service-v2.elf', { product: 'brakes' }), 'wrong-product'],
  ['is older than the system wants', signed('service-v2.elf', { version: 0 }), 'old-version'],
  ['was changed', changed(signed('service-v2.elf'), 9000), 'wrong-hash'],
  ['says another version than was signed', changed(signed('service-v2.elf'), 72), 'wrong-signature'],
  ['was cut short', signed('service-v2.elf').slice(0, -1), 'wrong-size'],
] as const)('one that %s is refused before it runs anywhere', async (_, image, rejection) => {
  const machine = await updatedWith(image);
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'failed', why: 'rejected', rejection });
  expect(machine.vm('spare').generation).toBe(0);
  expect(versionsOf(machine)).toEqual([1]);
  expect(machine.vm('service')).toBeUndisturbed();
});

test('the reason is told to the updater, and in the log', async () => {
  const machine: Updatable = await boot(system);
  await machine.runFor(us(500));
  const report = await deliver(machine, signed('service-v2.elf', {}, stranger));
  expect(report).toMatchObject({ rejection: REJECTIONS['unknown-key'] });
  expect(machine.log({ vm: 'service' }).map(logLine).at(-1)).toMatch(
    /update FAILED: secure boot refuses it: it is signed with a key that the VM does not trust$/,
  );
});

describe('the rollback counter of a new image', () => {
  const counters = (machine: Updatable) =>
    machine.trace.flatMap((event) => (event.kind === 'rollback-counter-raised' ? [event.counter] : []));

  test('is raised when it is confirmed, and not before, though its guest declares normal operation', async () => {
    const machine: Updatable = await boot(system);
    await machine.runFor(us(500));
    machine.vm('service').startUpdate(signed('service-v2.elf', { rollbackCounter: 1 }));
    await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(2) });
    await machine.runFor(us(500));
    expect(machine.trace.findLast(({ kind }) => kind === 'vm-mode')).toMatchObject({ mode: 'normal' });
    expect(counters(machine)).toEqual([]);
    await machine.runUntil(machine.vm('service').updateEnds(), { atMost: ms(2) });
    expect(counters(machine)).toEqual([1]);
  });

  test('stays where it was when the image is taken back, so that the one before starts', async () => {
    const machine = await updatedWith(signed('service-crashing.elf', { rollbackCounter: 1 }));
    expect(machine.vm('service').updateStatus).toMatchObject({ result: 'rolled-back' });
    expect(counters(machine)).toEqual([]);
    machine.vm('service').restart();
    await machine.runFor(ms(1));
    expect(machine.vm('service').state.is).toBe('waiting');
  });

  test('keeps older updates out', async () => {
    const machine = await updatedWith(signed('service-v2.elf', { rollbackCounter: 1 }));
    machine.vm('service').startUpdate(FIRST);
    await machine.runFor(ms(1));
    expect(machine.vm('service').updateStatus).toMatchObject({ why: 'rejected', rejection: 'rolled-back' });
    expect(machine.vm('service').state.is).toBe('waiting');
  });

  test('is there after a loss of power, wherever that comes', async () => {
    const whole = await updatedWith(signed('service-v2.elf', { rollbackCounter: 1 }));
    const confirmed = whole.trace.find(({ kind }) => kind === 'update-confirmed')!.at;
    for (const moment of [confirmed - us(10), confirmed, confirmed + us(10)]) {
      const machine: Updatable = await boot(system);
      await machine.runFor(us(500));
      machine.vm('service').startUpdate(signed('service-v2.elf', { rollbackCounter: 1 }));
      await orderUntil(machine, moment, us(100));
      const again: Updatable = await boot(system, { storage: machine.powerOff() });
      again.channel('orders').send({ number: 1 });
      await again.runFor(ms(1));
      // The record is whole at that very moment, and what boots by it proves itself as any image does.
      const isConfirmed = moment >= confirmed;
      expect(answersOf(again)[0]).toMatchObject({ version: isConfirmed ? 2 : 1 });
      again.vm('service').startUpdate(FIRST);
      await again.runFor(ms(3));
      expect(again.vm('service').updateStatus.rejection).toBe(isConfirmed ? 'rolled-back' : undefined);
    }
  });
});

test('a slot that somebody has written to while the power was off gives way to the other one', async () => {
  const machine = await updatedWith(signed('service-v2.elf'));
  const kept = machine.powerOff();
  const { slots, copies } = kept.updates['service']!;
  for (const [slot, version] of [
    [slots[1]!, 2],
    [changed(slots[1]!, 9000), 1],
    [elf('service-v2.elf'), 1],
    [signed('service-v2.elf', {}, stranger), 1],
  ] as const) {
    const updates = { service: { slots: [slots[0]!, slot], copies } };
    const again: Updatable = await boot(system, { storage: { ...kept, updates } });
    again.channel('orders').send({ number: 1 });
    await again.runFor(ms(1));
    expect(answersOf(again)).toMatchObject([{ version }]);
    // What is booted is what the record says from then on, so that the next update goes into the other one.
    expect(again.vm('service').updateStatus.slot).toBe(version - 1);
    again.dispose();
  }
});

function changed(file: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(file);
  copy[at]! ^= 0x80;
  return copy;
}
