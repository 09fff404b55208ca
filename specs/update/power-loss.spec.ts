/** The power goes at every step of an update. Whatever is lost with it, an image that has proven itself boots. */
import { boot, type MachineStorage, ms, us } from 'testvisor';
import { updatableSystem } from '../../fixtures/update/system';
import { answersOf, steps, type Updatable } from './clients';

const PROBATION = us(300);
const BEGUN = ms(1);
const system = updatableSystem({ update: { probation: PROBATION } });

let begun: Updatable;
/** When what happened in an update of which no power was lost. */
const moments = new Map<string, number>();

beforeAll(async () => {
  begun = await boot(system);
  await begun.runTo(BEGUN);
  begun.vm('service').startUpdate('service-v2.elf');
  const golden = begun.fork();
  await golden.runUntil(golden.vm('service').updateEnds(), { atMost: ms(2) });
  const records = golden.trace.filter(({ kind }) => kind === 'boot-record-written');
  for (const { kind, at } of golden.trace) moments.set(kind, at);
  moments.set('trial-written', records[0]!.at);
  moments.set('confirmation-written', records[1]!.at);
  golden.dispose();
});

afterAll(() => begun.dispose());

const at = (name: string): number => moments.get(name)!;

/** What is kept when the power goes at a moment of the update. */
async function powerLostAt(moment: number): Promise<MachineStorage> {
  const machine = begun.fork();
  await machine.runTo(moment as ReturnType<typeof ms>);
  const storage = machine.powerOff();
  machine.dispose();
  return storage;
}

/** Which version serves after that, and what the machine says of the update. */
async function bootedWith(storage: MachineStorage) {
  const machine: Updatable = await boot(system, { storage });
  machine.channel('orders').send({ number: 1 });
  await machine.runTo(us(50));
  const { result, why, slot } = machine.vm('service').updateStatus;
  const said = steps(machine);
  const [answer] = answersOf(machine);
  return { machine, version: answer?.version, result, why, slot, said };
}

/** Moments all over the update, a microsecond apart where something happens. */
function everyStep(): readonly number[] {
  const around = (name: string, before: number): number[] =>
    Array.from({ length: before + 5 }, (_, index) => at(name) + (index - before) * us(1));
  return [
    ...around('update-verified', 1),
    ...around('vm-started', 5),
    ...around('self-test-passed', 5),
    ...around('trial-written', 21),
    ...around('update-switched', 2),
    ...around('confirmation-written', 22),
  ].filter((moment) => moment >= BEGUN);
}

test('the system boots whenever the power goes, and what boots has proven itself', async () => {
  const versions: (readonly [number, number])[] = [];
  for (const moment of everyStep()) {
    const { machine, version } = await bootedWith(await powerLostAt(moment));
    versions.push([moment, version ?? 0]);
    machine.dispose();
  }
  expect(versions.length).toBeGreaterThan(80);
  for (const [moment, version] of versions)
    expect({ moment, version }).toEqual({ moment, version: moment < at('confirmation-written') ? 1 : 2 });
});

test('before the trial is written down nothing is said of it, after that the next boot tells of it', async () => {
  const [before, after] = await Promise.all(
    [at('trial-written') - us(1), at('trial-written') + 10].map(async (moment) =>
      bootedWith(await powerLostAt(moment)),
    ),
  );
  expect(before).toMatchObject({ version: 1, result: 'none', slot: 0 });
  expect(after).toMatchObject({
    version: 1,
    result: 'rolled-back',
    why: 'power-loss',
    slot: 0,
    said: ['update-rolled-back', 'boot-record-written'],
  });
});

test.each(['trial-written', 'confirmation-written'])(
  'a record that is torn by the loss (%s) is noticed, and the one before it counts',
  async (name) => {
    for (const missing of [us(1), us(5), us(10), us(15)]) {
      const { machine, version, said } = await bootedWith(await powerLostAt(at(name) - missing));
      expect(version).toBe(1);
      expect(said[0]).toBe('boot-record-torn');
      machine.dispose();
    }
  },
);

test('after any of these, the next update works', async () => {
  for (const name of ['vm-started', 'self-test-passed', 'update-switched', 'confirmation-written']) {
    const { machine, version } = await bootedWith(await powerLostAt(at(name) - us(3)));
    machine.vm('service').startUpdate('service-v2.elf');
    await machine.runUntil(machine.vm('service').updateEnds(), { atMost: ms(3) });
    expect(machine.vm('service').updateStatus.result).toBe('confirmed');
    const again = await bootedWith(machine.powerOff());
    expect([version, again.version]).toEqual([1, 2]);
    again.machine.dispose();
    machine.dispose();
  }
});

test('the power may go again while the machine writes down that it has gone', async () => {
  let storage = await powerLostAt(at('update-switched') + us(20));
  for (let time = 1; time <= 5; time++) {
    const machine: Updatable = await boot(system, { storage });
    await machine.runTo(us(4 * time - 1));
    storage = machine.powerOff();
    machine.dispose();
  }
  expect(await bootedWith(storage)).toMatchObject({ version: 1, result: 'rolled-back', why: 'power-loss' });
});

test('an image that does not start any more gives way to the other slot', async () => {
  const { machine } = await bootedWith(await powerLostAt(at('confirmation-written') + us(1)));
  const kept = machine.powerOff();
  const [delivered, updated] = kept.updates['service']!.slots;
  const damaged = updated!.slice().fill(0, 0, 100);
  const updates = { service: { ...kept.updates['service']!, slots: [delivered!, damaged] } };
  expect(await bootedWith({ ...kept, updates })).toMatchObject({ version: 1 });
});

test('whatever a record is, the machine boots', async () => {
  const kept = await powerLostAt(at('update-switched'));
  const { slots, copies } = kept.updates['service']!;
  for (let byte = 0; byte < copies[1]!.length; byte++) {
    const changed = copies.map((copy) => copy.slice());
    changed[1]![byte]! ^= 0xff;
    const { machine, version, said } = await bootedWith({
      ...kept,
      updates: { service: { slots, copies: changed } },
    });
    expect(version).toBe(1);
    expect(said).toEqual(['boot-record-torn']);
    machine.dispose();
  }
});
