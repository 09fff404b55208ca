/** VMs with disks, network cards and flash: devices are handed over to the new guest, and what they hold stays. */
import { boot, defineSystem, event, kib, type MachineStorage, ms, us, type TestMachine } from 'testvisor';
import { ledgerSystem } from '../../fixtures/update/ledger-system';
import { Order } from '../../fixtures/update/messages';
import { writeElf } from '../harness/image/elf-writer';

const system = ledgerSystem();
type Ledger = TestMachine<'service' | 'spare', (typeof system)['channels'], 'lan'>;
const bootLedger = (storage?: MachineStorage): Promise<Ledger> =>
  boot(system, storage === undefined ? {} : { storage });

const SECTOR = 512;
const answersOf = (machine: Ledger) => machine.channel('answers').messages.map(({ value }) => value);

/** What is on the disk: number and version of each entry, and the number that was drawn for it. */
function entriesOf(machine: Ledger) {
  const entries: { number: number; version: number; random: number }[] = [];
  for (let at = 0; ; at += SECTOR) {
    const bytes = machine.vm('service').disk(0).read(at, 12);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const [number, version, random] = [0, 4, 8].map((offset) => view.getUint32(offset, true));
    if (number === 0) return entries;
    entries.push({ number: number!, version: version!, random: random! });
  }
}

/** Orders one every so often, numbered on. */
async function order(machine: Ledger, count: number, every: number = us(800)): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    machine.channel('orders').send({ number: machine.channel('orders').messages.length + 1 });
    await machine.runFor(every as ReturnType<typeof us>);
  }
}

const announced = (machine: Ledger) =>
  machine
    .network('lan')
    .frames.map(({ payload }) => new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('a service with a disk, a card, a console and entropy', () => {
  test('goes on in its next version with what the disk holds, and nothing is lost on the wire', async () => {
    const machine = await bootLedger();
    await order(machine, 3);
    machine.vm('service').startUpdate('ledger-v2.elf');
    await machine.runUntil(
      event('the end of its self-test', ({ kind }) => kind === 'self-test-passed'),
      { atMost: ms(3) },
    );
    // A frame is on the wire for longer than all else takes: the exchange waits for it.
    await order(machine, 3, us(50));
    await machine.runFor(ms(4));
    await order(machine, 3);
    expect(machine.vm('service').updateStatus).toMatchObject({ result: 'confirmed', slot: 1 });
    expect(answersOf(machine).map(({ number, total }) => [number, total])).toEqual(
      upTo(9).map((n) => [n, n]),
    );
    expect(new Set(answersOf(machine).map(({ version }) => version))).toEqual(new Set([1, 2]));
    expect(entriesOf(machine).map(({ number }) => number)).toEqual(upTo(9));
    expect(announced(machine)).toEqual(upTo(9));
    expect(machine.trace.filter(({ kind }) => kind === 'device-stopped')).toEqual([]);
  });

  test('tests itself without them: the slots are in its devicetree, and empty', async () => {
    const machine = await bootLedger();
    await order(machine, 1);
    machine.vm('service').startUpdate('ledger-v2.elf');
    await machine.runUntil(
      event(
        'its self-test',
        ({ kind, ...rest }) => kind === 'vm-started' && 'vm' in rest && rest.vm === 'spare',
      ),
      { atMost: ms(3) },
    );
    const devicetree = Buffer.from(machine.vm('spare').read(0x8000_0000, kib(128))).toString('latin1');
    expect(devicetree.match(/virtio_mmio@/g)).toHaveLength(4);
    // Its test fails where it finds a disk.
    await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(3) });
    expect(machine.vm('service').updateStatus.stage).toBe('probation');
  });

  test('a version that fails leaves on the disk what it wrote, and the one before it looks again', async () => {
    const machine = await bootLedger();
    await order(machine, 2);
    machine.vm('service').startUpdate('ledger-crashing.elf');
    await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(3) });
    await order(machine, 6, us(600));
    expect(machine.vm('service').updateStatus).toMatchObject({ result: 'rolled-back', why: 'crashed' });
    // The third order of that version is on the disk, and has no answer.
    expect(entriesOf(machine).map(({ number, version }) => [number, version])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
      [5, 2],
      [6, 1],
      [7, 1],
      [8, 1],
    ]);
    expect(answersOf(machine).map(({ number, total }) => [number, total])).toEqual(
      [1, 2, 3, 4, 6, 7, 8].map((n) => [n, n]),
    );
    // What that version had given to the card was lost with it; to the one before the card is as it left it.
    expect(announced(machine)).toEqual([1, 2, 3, 4, 6, 7, 8]);
    expect(machine.trace.filter(({ kind }) => kind === 'device-stopped')).toEqual([]);
  });

  test('what is on the disk survives a loss of power in the trial, and the old version boots with it', async () => {
    const machine = await bootLedger();
    await order(machine, 2);
    machine.vm('service').startUpdate('ledger-v2.elf');
    await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(3) });
    await order(machine, 1, ms(1));
    const later = await bootLedger(machine.powerOff());
    await later.runFor(ms(1));
    await order(later, 1, ms(1));
    expect(entriesOf(later).map(({ version }) => version)).toEqual([1, 1, 2, 1]);
    expect(answersOf(later)).toEqual([{ number: 1, version: 1, total: 4 }]);
  });

  test('goes on the same from a snapshot of any moment, and in a fork', async () => {
    const golden = await bootLedger();
    await order(golden, 2);
    golden.vm('service').startUpdate('ledger-crashing.elf');
    const start = golden.snapshot();
    const run = async (from: Ledger): Promise<string> => {
      await order(from, 6, us(700));
      return from.digest;
    };
    const digest = await run(golden);
    golden.restore(start);
    for (const part of [us(100), us(300), us(500), us(900)]) {
      const machine = golden.fork();
      await machine.runFor(part);
      const snapshot = machine.snapshot();
      await machine.runFor(ms(1));
      machine.restore(snapshot);
      const twin = machine.fork();
      await twin.runFor(ms(2));
      await machine.runFor(ms(2));
      expect(machine.digest).toBe(twin.digest);
      for (const each of [machine, twin]) each.dispose();
    }
    expect(await run(golden)).toBe(digest);
  });
});

describe('an image in flash', () => {
  const AT = 0x2000_0100;
  const BANK_1 = 0x200_0000;

  /** Prints its letter for every order. @param last how it gets it: from flash behind its code, or as a part of it */
  const inFlash = (letter: string, last = 0x0382_c503): Uint8Array => {
    const bytes = new Uint8Array(0x88);
    bytes.set(
      new Uint8Array(
        Uint32Array.of(
          0x0a54_58b7, // li    a7, update
          0x6078_8893,
          0x0060_0813, // li    a6, 6          selfTested(1, 0, 0), refused but in the shadow
          0x0010_0513, // li    a0, 1
          0x0000_0593, // li    a1, 0
          0x0000_0613, // li    a2, 0
          0x0000_0073, // ecall
          0x0a54_58b7, // li    a7, channel
          0x6018_8893,
          0x0020_0813, // li    a6, 2          queueReceive(0, in RAM, 4, for ever)
          0x0000_0513, // li    a0, 0
          0x8000_85b7, // lui   a1, 0x80008
          0x0040_0613, // li    a2, 4
          0xfff0_0693, // li    a3, -1
          0xfff0_0713, // li    a4, -1
          0x0000_0073, // ecall
          0x4442_48b7, // li    a7, debug console
          0x34e8_8893,
          0x0020_0813, // li    a6, 2          writeByte
          0x0000_0297, // auipc t0, 0
          last, //        lbu   a0, 56(t0)     or   li a0, its letter
          0x0000_0073, // ecall
          0xfc5f_f06f, // j     to the receive
        ).buffer,
      ),
    );
    bytes[0x84] = letter.charCodeAt(0);
    return writeElf({ entry: AT, segments: [{ address: AT, bytes, flags: 5 }] });
  };
  const liA0 = (letter: string): number => ((letter.charCodeAt(0) << 20) | 0x513) >>> 0;

  const ONE = inFlash('1');
  const flashed = defineSystem({
    vms: {
      service: {
        image: ONE,
        ram: kib(64),
        flash: { eraseTime: ms(1) },
        update: { shadow: 'spare', probation: ms(2), selfTest: ms(1) },
      },
      spare: { image: ONE, ram: kib(64), autostart: false },
    },
    channels: { orders: { kind: 'queue', message: Order, from: 'test', to: 'service', capacity: 8 } },
  });
  type Flashed = TestMachine<'service' | 'spare', (typeof flashed)['channels']>;

  const poke = async (machine: Flashed): Promise<void> => {
    machine.channel('orders').send({ number: 1 });
    await machine.runFor(us(100));
  };
  const textOf = (machine: Flashed): string => machine.vm('service').console.text;

  test('takes the place of the one before, in the VM’s flash, whose other contents stay', async () => {
    const machine: Flashed = await boot(flashed);
    machine.vm('service').flash.write(BANK_1, Uint8Array.of(1, 2, 3));
    await poke(machine);
    machine.vm('service').startUpdate(inFlash('2', liA0('2')));
    await machine.runFor(ms(1));
    expect(machine.vm('spare').console.text).toBe('');
    await poke(machine);
    await machine.runFor(ms(3));
    expect(machine.vm('service').updateStatus).toMatchObject({ result: 'confirmed', slot: 1 });
    await poke(machine);
    expect(textOf(machine)).toBe('122');
    expect(machine.vm('service').flash.read(BANK_1, 3)).toEqual(Uint8Array.of(1, 2, 3));
    machine.vm('service').restart();
    await machine.runFor(ms(1));
    await poke(machine);
    const later: Flashed = await boot(flashed, { storage: machine.powerOff() });
    await poke(later);
    expect([textOf(machine), textOf(later)]).toEqual(['1222', '2']);
    expect(later.vm('service').flash.read(BANK_1, 3)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('is taken back with what it is made of', async () => {
    const machine: Flashed = await boot(flashed);
    machine.vm('service').startUpdate(inFlash('2', 0));
    await machine.runFor(ms(1));
    // Its instruction is none.
    await poke(machine);
    await machine.runFor(ms(1));
    expect(machine.vm('service').updateStatus).toMatchObject({ result: 'rolled-back', why: 'crashed' });
    await poke(machine);
    expect(textOf(machine)).toBe('1');
  });

  test.each(['of the VM', 'of the machine'])(
    'is the old one again after a loss of power %s',
    async (whose) => {
      const machine: Flashed = await boot(flashed);
      machine.vm('service').startUpdate(inFlash('2', liA0('2')));
      await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(1) });
      await poke(machine);
      expect(textOf(machine)).toBe('2');
      if (whose === 'of the machine') {
        const later: Flashed = await boot(flashed, { storage: machine.powerOff() });
        await poke(later);
        expect(textOf(later)).toBe('1');
      } else {
        machine.inject({ model: 'powerFail', vm: 'service' });
        await machine.runFor(ms(1));
        await poke(machine);
        expect(textOf(machine)).toBe('21');
      }
    },
  );

  test('one that is neither in RAM nor in flash does not fit', async () => {
    const machine: Flashed = await boot(flashed);
    machine.vm('service').startUpdate(
      writeElf({
        entry: 0x4000_0000,
        segments: [{ address: 0x4000_0000, bytes: new Uint8Array(4), flags: 5 }],
      }),
    );
    expect(machine.vm('service').updateStatus).toMatchObject({ result: 'failed', why: 'does-not-fit' });
  });
});
