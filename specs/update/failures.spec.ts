/** Whatever is wrong with a new version, the old one serves on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { boot, createSigningKey, ms, signImage, us } from 'testvisor';
import { SELF_TEST, updatable } from '../../fixtures/update/system';
import { answersOf, expectContinuity, orderUntil, steps, type Updatable, versionsOf } from './clients';

const EVERY = us(300);
const fixture = (name: string): Uint8Array => readFileSync(join(__dirname, '..', '..', 'fixtures', name));

async function machineWith(image: string | Uint8Array, until: number = ms(8)) {
  const machine: Updatable = await boot(updatable);
  await orderUntil(machine, ms(2), EVERY);
  machine.vm('service').startUpdate(image);
  return { machine, orders: await orderUntil(machine, until, EVERY) };
}

test.each([
  ['fails its self-test', 'service-broken.elf', 'self-test-failed'],
  ['crashes in its self-test', 'service-dead.elf', 'self-test-ended'],
  ['does not come to the end of its self-test', 'service-stuck.elf', 'self-test-overdue'],
])('one that %s never runs in the VM', async (_, image, why) => {
  const { machine, orders } = await machineWith(image);
  expect(steps(machine)).toEqual(['update-begun', 'update-verified', 'update-failed']);
  expect(machine.vm('service').updateStatus).toMatchObject({ stage: 'none', result: 'failed', why, slot: 0 });
  expectContinuity(machine, orders);
  expect(versionsOf(machine)).toEqual([1]);
  expect(machine.vm('service')).toBeUndisturbed();
  expect(machine.vm('spare').state).toEqual({ is: 'created' });
});

test('the time for a self-test is virtual time since its start', async () => {
  const { machine } = await machineWith('service-stuck.elf');
  const at = (kind: string, vm: string): number =>
    machine.trace.findLast((event) => event.kind === kind && 'vm' in event && event.vm === vm)!.at;
  expect(at('update-failed', 'service') - at('vm-started', 'spare')).toBe(SELF_TEST);
});

const file = fixture('update/service-v2.elf');
test.each([
  ['no image', Uint8Array.from([1, 2, 3]), 'unreadable'],
  ['one that was cut short', file.slice(0, 3000), 'unreadable'],
  ['one of another width', fixture('supervisor/supervisor.rv64.elf'), 'other-width'],
  ['one that does not keep what the VM keeps', fixture('hello/hello.elf'), 'other-objects'],
  ['one without room in RAM', withMemorySize(file, 0x2_0000), 'does-not-fit'],
])('%s is refused before it runs anywhere', async (_, image, why) => {
  const { machine, orders } = await machineWith(image, ms(4));
  expect(steps(machine)).toEqual(['update-begun', 'update-failed']);
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'failed', why });
  expect(machine.vm('spare').generation).toBe(0);
  expectContinuity(machine, orders);
});

test('one that crashes in probation is taken back, and the old one goes on from where it was', async () => {
  const { machine, orders } = await machineWith('service-crashing.elf');
  expect(steps(machine)).toEqual([
    'update-begun',
    'update-verified',
    'self-test-passed',
    'boot-record-written',
    'update-switched',
    'update-rolled-back',
    'boot-record-written',
  ]);
  expect(machine.vm('service').updateStatus).toMatchObject({
    result: 'rolled-back',
    why: 'crashed',
    slot: 0,
  });
  expect(versionsOf(machine)).toEqual([1, 2, 1]);
  // The order in whose midst it crashed has no answer, as after any crash; all others have one.
  const numbers = answersOf(machine).map(({ number }) => number);
  expect(numbers.length).toBe(orders - 1);
  expect(new Set(numbers).size).toBe(numbers.length);
  // No policy was followed.
  expect(machine.vm('service')).not.toHaveRestarted();
});

test('one that does not feed its watchdog is taken back', async () => {
  const { machine, orders } = await machineWith('service-silent.elf', ms(20));
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'rolled-back', why: 'crashed' });
  expect(versionsOf(machine)).toEqual([1, 2, 1]);
  expect(answersOf(machine)).toHaveLength(orders);
  // The old one has stood still for longer than its own watchdog allows, which does not count.
  expect(machine.vm('service')).toHaveCrashed({ kind: 'watchdog' });
  expect(machine.trace.filter(({ kind }) => kind === 'vm-crashed')).toHaveLength(1);
});

test('after probation an error leads to what is declared, and the new version stays', async () => {
  const machine: Updatable = await boot(updatable);
  await machine.runFor(ms(1));
  machine.vm('service').startUpdate('service-crashing.elf');
  await machine.runUntil(machine.vm('service').updateEnds(), { atMost: ms(22) });
  expect(machine.vm('service').updateStatus.result).toBe('confirmed');
  await orderUntil(machine, machine.now + ms(3), EVERY);
  expect(machine.vm('service')).toHaveRestarted({ kind: 'warm' });
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'confirmed', slot: 1 });
});

const ORDERS = 14;

test('whatever is changed in an image, the machine goes on, and where it never ran the clients notice nothing', async () => {
  const start: Updatable = await boot(updatable);
  await start.runFor(ms(1));
  const change = fc.record({
    at: fc.oneof(fc.nat(200), fc.nat(6000), fc.nat(file.length - 1)),
    to: fc.nat(255),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const image = Uint8Array.from(file);
      for (const { at, to } of changes) image[at] = to;
      const machine = start.fork();
      machine.vm('service').startUpdate(image);
      // A version that does anything but serve lets the queue run full.
      for (let number = 1; number <= ORDERS; number++) {
        machine.channel('orders').send({ number });
        await machine.runFor(EVERY);
      }
      const { result, stage } = machine.vm('service').updateStatus;
      if (result === 'failed') expectContinuity(machine, ORDERS);
      expect(['none', 'probation']).toContain(stage);
      expect(machine.vm('updater')).toBeUndisturbed();
      machine.dispose();
    }),
    { numRuns: 40 },
  );
});

/** The file with its last loaded segment as large in memory as said. */
function withMemorySize(elf: Uint8Array, size: number): Uint8Array {
  const bytes = Uint8Array.from(elf);
  const view = new DataView(bytes.buffer);
  const [table, entrySize, entries] = [
    view.getUint32(28, true),
    view.getUint16(42, true),
    view.getUint16(44, true),
  ];
  for (let entry = entries - 1; entry >= 0; entry--) {
    const at = table + entry * entrySize;
    const isLoaded = view.getUint32(at, true) === 1;
    if (!isLoaded) continue;
    view.setUint32(at + 20, size, true);
    return bytes;
  }
  throw new Error('nothing is loaded');
}

test('a signed image that was damaged on its way is no image, also where nobody asks for signatures', async () => {
  const { privateKey } = createSigningKey(new Uint8Array(32).fill(1));
  const signed = signImage(file, { product: 'service', version: 2 }, privateKey);
  const damaged = Uint8Array.from(signed);
  damaged[9000]! ^= 1;
  const [right, wrong] = [await machineWith(signed, ms(4)), await machineWith(damaged, ms(4))];
  expect(right.machine.vm('service').updateStatus).toMatchObject({ stage: 'probation' });
  expect(wrong.machine.vm('service').updateStatus).toMatchObject({ result: 'failed', why: 'unreadable' });
});
