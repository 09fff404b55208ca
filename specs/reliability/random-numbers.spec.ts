/** What a guest draws it does not draw again: not after a reset, nor in its next life, whichever way that begins. */
import { boot, ms, type TestMachine, us } from 'testvisor';
import { ledgerSystem } from '../../fixtures/update/ledger-system';

const system = ledgerSystem();
type Ledger = TestMachine<'service' | 'spare', (typeof system)['channels'], 'lan'>;

const SECTOR = 512;
const COUNT = 3;

/** Has the service write entries. @returns the random numbers that it drew for them */
async function draw(machine: Ledger): Promise<readonly number[]> {
  const { length: before } = machine.channel('answers').messages;
  for (let order = 1; order <= COUNT; order++) machine.channel('orders').send({ number: order });
  await machine.runFor(ms(5));
  const answers = machine.channel('answers').messages.slice(before);
  expect(answers).toHaveLength(COUNT);
  return answers.map(({ value: { total } }) => {
    const bytes = machine
      .vm('service')
      .disk(0)
      .read((total - 1) * SECTOR + 8, 4);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  });
}

const expectAllDifferent = (drawn: readonly number[]) => expect(new Set(drawn).size).toBe(drawn.length);

test.each(['cold', 'warm', 'snapshot'] as const)(
  'a %s restart goes on where the life before was',
  async (kind) => {
    const machine: Ledger = await boot(system);
    const first = await draw(machine);
    machine.vm('service').restart(kind);
    await machine.runFor(ms(1));
    const second = await draw(machine);
    // Nobody has drawn in between: the same as one life would have drawn.
    const whole: Ledger = await boot(system);
    expect([...first, ...second]).toEqual([...(await draw(whole)), ...(await draw(whole))]);
    expectAllDifferent([...first, ...second]);
  },
);

test('so do a stop and a start, the next version of the guest, and a VM that is created anew', async () => {
  const machine: Ledger = await boot(system);
  const service = machine.vm('service');
  const drawn = [...(await draw(machine))];
  service.stop();
  service.start();
  await machine.runFor(ms(1));
  drawn.push(...(await draw(machine)));
  service.startUpdate('ledger-v2.elf');
  await machine.runFor(ms(10));
  expect(service.updateStatus).toMatchObject({ result: 'confirmed' });
  drawn.push(...(await draw(machine)));
  service.destroy();
  service.create();
  service.start();
  await machine.runFor(ms(1));
  drawn.push(...(await draw(machine)));
  expectAllDifferent(drawn);
});

test('a snapshot and a fork keep the place, and what returns to one draws the same again', async () => {
  const machine: Ledger = await boot(system);
  await draw(machine);
  machine.vm('service').restart();
  await machine.runFor(ms(1));
  const snapshot = machine.snapshot();
  const guest = machine.vm('service').snapshot();
  const fork = machine.fork();
  const drawn = await draw(machine);
  expect(await draw(fork)).toEqual(drawn);
  machine.restore(snapshot);
  expect(await draw(machine)).toEqual(drawn);
  machine.vm('service').restore(guest);
  expect(await draw(machine)).toEqual(drawn);
});

test('every life finds another seed in its devicetree, in every VM and with every seed of the machine; each run the same', async () => {
  const seedsOf = async (seed: number) => {
    const machine: Ledger = await boot(system, { seed });
    const found: string[] = [];
    for (const name of ['service', 'spare'] as const) {
      const vm = machine.vm(name);
      if (name === 'spare') vm.start();
      for (let life = 0; life < 3; life++) {
        found.push(rngSeed(Buffer.from(vm.read(0x8000_0000, 128 * 1024))));
        vm.restart(life === 0 ? 'cold' : 'warm');
        await machine.runFor(us(200));
      }
    }
    return found;
  };
  const seeds = await seedsOf(1);
  expect(await seedsOf(1)).toEqual(seeds);
  expect(new Set([...seeds, ...(await seedsOf(2))]).size).toBe(12);
});

/** A property in the devicetree that lies in RAM: a token, its length, its name's offset, and 32 bytes. */
function rngSeed(ram: Buffer): string {
  const at = ram.lastIndexOf(Buffer.from([0xd0, 0x0d, 0xfe, 0xed]));
  const size = ram.readUInt32BE(at + 4);
  const strings = at + ram.readUInt32BE(at + 12);
  const name = ram.indexOf('rng-seed\0', strings) - strings;
  const property = Buffer.alloc(12);
  property.writeUInt32BE(3, 0);
  property.writeUInt32BE(32, 4);
  property.writeUInt32BE(name, 8);
  const found = ram.indexOf(property, at);
  expect([name >= 0, found > at, found < at + size]).toEqual([true, true, true]);
  return ram.subarray(found + 12, found + 44).toString('hex');
}
