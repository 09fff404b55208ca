/** A VM that has been updated moves into another machine, or is kept in a file, with its image slots and its boot record. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import {
  boot,
  createSigningKey,
  faults,
  kib,
  migrate,
  ms,
  readVmSnapshot,
  receiveVms,
  signImage,
  us,
  type VmReceiver,
} from 'testvisor';
import { updatableSystem } from '../../fixtures/update/system';
import { sendByHand } from '../migration/hand-written';
import { answersOf, orderUntil, steps, type Updatable } from './clients';

const TOKEN = 'a token that nobody guesses';
const EVERY = us(100);
const update = { probation: us(300) };
const source = updatableSystem({ update });
const destination = updatableSystem({ update, autostart: false });

let receiver: VmReceiver | undefined;
afterEach(() => receiver?.close());

/** @returns the machine at 3 ms, with the image confirmed, and 20 orders answered */
async function updated(system = source, image: string | Uint8Array = 'service-v2.elf'): Promise<Updatable> {
  const machine: Updatable = await boot(system);
  await orderUntil(machine, ms(1), EVERY);
  machine.vm('service').startUpdate(image);
  await orderUntil(machine, ms(3), EVERY);
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'confirmed', slot: 1, sequence: 2 });
  return machine;
}

async function move(from: Updatable, to: Updatable) {
  receiver = await receiveVms(to, { token: TOKEN });
  return migrate(from, 'service', { to: receiver, token: TOKEN, bandwidth: 1_000_000_000, latency: us(10) });
}

async function answerTo(machine: Updatable, number: number) {
  machine.channel('orders').send({ number });
  await machine.runFor(us(100));
  return answersOf(machine).at(-1);
}

describe('into another machine', () => {
  test('it goes on there with the image that nobody has deployed, and starts from its slot', async () => {
    const here = await updated();
    const orders = here.channel('orders').messages.length;
    const there: Updatable = await boot(destination);
    await move(here, there);
    const service = there.vm('service');
    expect(await answerTo(there, orders + 1)).toEqual({ number: orders + 1, version: 2, total: orders + 1 });
    expect(service.updateStatus).toMatchObject({ stage: 'none', result: 'none', slot: 1, sequence: 2 });
    service.restart();
    await there.runFor(us(200));
    expect(await answerTo(there, 1)).toEqual({ number: 1, version: 2, total: 1 });

    const later: Updatable = await boot(source, { storage: there.powerOff() });
    expect(await answerTo(later, 1)).toEqual({ number: 1, version: 2, total: 1 });
    expect(later.vm('service').updateStatus).toMatchObject({ slot: 1, sequence: 2 });
  });

  test('the next update there goes into the slot that is not booted, and may lose its power', async () => {
    const there: Updatable = await boot(destination);
    await move(await updated(), there);
    there.vm('service').startUpdate('service-v1.elf');
    await there.runUntil(there.vm('service').updateSwitches(), { atMost: ms(1) });
    there.inject(faults.powerFail({ vm: 'service' }));
    await there.runFor(us(200));
    expect(await answerTo(there, 1)).toMatchObject({ version: 2 });
    there.vm('service').startUpdate('service-v1.elf');
    await there.runUntil(there.vm('service').updateEnds(), { atMost: ms(1) });
    expect(there.vm('service').updateStatus).toMatchObject({ result: 'confirmed', slot: 0, sequence: 6 });
  });

  test('and back again', async () => {
    const here = await updated();
    const there: Updatable = await boot(destination);
    await move(here, there);
    await receiver!.close();
    there.vm('service').startUpdate('service-v1.elf');
    await there.runUntil(there.vm('service').updateEnds(), { atMost: ms(1) });
    here.vm('service').create();
    await move(there, here);
    expect(here.vm('service').updateStatus).toMatchObject({ slot: 0, sequence: 4 });
    expect(await answerTo(here, 99)).toMatchObject({ number: 99, version: 1 });
  });

  test('it does not leave while an update of it is under way, nor come where one is', async () => {
    const here: Updatable = await boot(source);
    await here.runFor(ms(1));
    const there: Updatable = await boot(destination);
    there.vm('service').startUpdate('service-v2.elf');
    await expect(move(here, there)).rejects.toThrow('an update of its place here is under way');
    await receiver!.close();
    there.vm('service').abortUpdate();
    await there.runFor(ms(1));
    const slow = updatableSystem({ update: { selfTest: ms(50) } });
    const stuck: Updatable = await boot(slow);
    await stuck.runFor(ms(1));
    stuck.vm('service').startUpdate('service-stuck.elf');
    await expect(move(stuck, there)).rejects.toThrow('“service” cannot leave: an update of it is under way');
  });

  test('it does not go where it could not be updated', async () => {
    const there: Updatable = await boot(updatableSystem({ autostart: false, update: { slotSize: kib(64) } }));
    await expect(move(await updated(), there)).rejects.toThrow('its slotSize is 131072, here it is 65536');
  });
});

describe('where secure boot is declared', () => {
  const vendor = createSigningKey(new Uint8Array(32).fill(1));
  const other = createSigningKey(new Uint8Array(32).fill(2));
  const signed = (name: string, rollbackCounter: number): Uint8Array =>
    signImage(
      readFileSync(join(__dirname, '..', '..', 'fixtures', 'update', name)),
      { product: 'service', version: 2, rollbackCounter },
      vendor.privateKey,
    );
  const image = signed('service-v1.elf', 0);
  const secureBoot = { signedBy: 'vendor', minimumVersion: 1 };
  const secured = (autostart: boolean, trusted: string) =>
    updatableSystem({ image, secureBoot, update, autostart }, { vendor: trusted });

  test('there is no way back there either, behind what has proven itself here', async () => {
    const here = await updated(secured(true, vendor.publicKey), signed('service-v2.elf', 3));
    const there: Updatable = await boot(secured(false, vendor.publicKey));
    await move(here, there);
    expect(there.trace).toContainEqual(
      expect.objectContaining({ kind: 'rollback-counter-raised', counter: 3 }),
    );
    there.vm('service').startUpdate(signed('service-v2.elf', 2));
    expect(there.vm('service').updateStatus).toMatchObject({ why: 'rejected', rejection: 'rolled-back' });
  });

  test('what was not signed for the other machine stays', async () => {
    const here = await updated(secured(true, vendor.publicKey), signed('service-v2.elf', 3));
    const there: Updatable = await boot(secured(false, other.publicKey));
    await expect(move(here, there)).rejects.toThrow('the VM ran another image then');
    expect(await answerTo(here, 99)).toMatchObject({ number: 99, version: 2 });
    expect(there.vm('service').updateStatus).toMatchObject({ slot: 0, sequence: 0 });
  });
});

describe('whoever knows the token and writes his own stream', () => {
  const packr = new Packr({ useRecords: false, moreTypes: true, int64AsType: 'bigint' });
  type Slots = Readonly<Record<'slots' | 'copies', readonly (Uint8Array | null)[]>>;
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

  /** What he gets for a VM that is whole but for its slots. */
  async function sent(change: (slots: Slots) => unknown) {
    const here = await updated();
    const snapshot = here.vm('service').snapshot();
    const { body } = packr.unpack(snapshot.toBytes()) as { readonly body: Uint8Array };
    const { state } = packr.unpack(body) as { readonly state: Readonly<Record<string, object>> };
    const ram = snapshot.state.guest.ram;
    const guest = { ...state['guest'], ram: new Uint8Array(0) };
    const slots = change(snapshot.state.slots as Slots);
    const bytes = Uint8Array.from(packr.pack({ vm: { ...state, guest, slots }, cargo: [] }));
    const there: Updatable = await boot(destination);
    receiver = await receiveVms(there, { token: TOKEN, patience: 2000 });
    const { shape, image } = snapshot.state;
    const offsets = Array.from({ length: ram.length / 4096 }, (_, page) => page * 4096);
    const answers = await sendByHand(receiver.port, TOKEN, [
      { is: 'offer', id: 'mine', vm: 'service', shape, image },
      { is: 'pages', offsets, bytes: ram },
      { is: 'state', bytes },
      { is: 'switch', ram: sha256(ram), state: sha256(bytes), arrivesAt: ms(3) },
    ]);
    return { there, answer: answers.at(-1) };
  }

  test('gets in with slots that are whole', async () => {
    const { there, answer } = await sent((slots) => slots);
    expect(answer).toMatchObject({ is: 'moved' });
    expect(await answerTo(there, 7)).toMatchObject({ number: 7, version: 2 });
  });

  test.each<[string, (slots: Slots) => unknown]>([
    ['none', () => null],
    ['a number', () => 5],
    ['three', ({ slots, copies }) => ({ slots: [...slots, null], copies })],
    [
      'one that is too large',
      ({ slots, copies }) => ({ slots: [new Uint8Array(kib(129)), slots[1]], copies }),
    ],
    ['text in one', ({ slots, copies }) => ({ slots: ['image', slots[1]], copies })],
    ['numbers in one', ({ slots, copies }) => ({ slots: [[1, 2], slots[1]], copies })],
    ['no record', ({ slots }) => ({ slots, copies: [null, null] })],
    ['a record that is too long', ({ slots }) => ({ slots, copies: Array(2).fill(new Uint8Array(999)) })],
    ['without its image', ({ copies }) => ({ slots: [null, null], copies })],
    ['another image', ({ slots, copies }) => ({ slots: [null, slots[1]!.slice(0, 5000)], copies })],
  ])('gets nothing with slots of which there is %s', async (_, change) => {
    const { there, answer } = await sent(change);
    expect(answer).toMatchObject({ is: 'refused' });
    expect(there.vm('service')).toMatchObject({ generation: 0, state: { is: 'created' } });
    expect(there.vm('service').updateStatus.sequence).toBe(0);
  });
});

describe('as a snapshot', () => {
  test('it is restored from a file in a machine that never had the image', async () => {
    const here = await updated();
    const orders = here.channel('orders').messages.length;
    const file = here.vm('service').snapshot().toBytes();
    const there: Updatable = await boot(source);
    await there.runTo(ms(3));
    there.vm('service').restore(readVmSnapshot(file));
    expect(await answerTo(there, 5)).toEqual({ number: 5, version: 2, total: orders + 1 });
    const later: Updatable = await boot(source, { storage: there.powerOff() });
    expect(await answerTo(later, 1)).toMatchObject({ version: 2 });
  });

  test('what was taken before an update puts slots and record back with the rest', async () => {
    const machine: Updatable = await boot(source);
    await orderUntil(machine, ms(1), EVERY);
    const before = machine.vm('service').snapshot();
    machine.vm('service').startUpdate('service-v2.elf');
    await orderUntil(machine, ms(3), EVERY);
    machine.vm('service').restore(before);
    expect(await answerTo(machine, 99)).toMatchObject({ number: 99, version: 1 });
    expect(machine.vm('service').updateStatus).toMatchObject({ slot: 0, sequence: 0 });
    machine.vm('service').startUpdate('service-v2.elf');
    await machine.runFor(ms(1));
    expect(machine.vm('service').updateStatus).toMatchObject({ result: 'confirmed', slot: 1, sequence: 2 });
  });

  test('of an update under way it holds the guest alone, and one that is restored into it ends it', async () => {
    const machine: Updatable = await boot(source);
    await orderUntil(machine, ms(1), EVERY);
    machine.vm('service').startUpdate('service-v2.elf');
    await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(1) });
    const trial = machine.vm('service').snapshot();
    machine.vm('service').restore(trial);
    await machine.runFor(us(100));
    expect(machine.vm('service').updateStatus).toMatchObject({ result: 'rolled-back', why: 'stopped' });
    expect(steps(machine).at(-1)).toBe('boot-record-written');
    // Nobody else may run what has not proven itself.
    const there: Updatable = await boot(source);
    await there.runTo(ms(3));
    expect(() => there.vm('service').restore(trial)).toThrow('the VM ran another image then');
  });
});
