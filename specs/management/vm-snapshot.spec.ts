/** One VM is put back to what it was, from memory or from a file, while the others go on. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boot, defineSystem, faults, kib, mib, ms, ns, readVmSnapshot, us } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { trainControl } from '../../fixtures/train-control/system';

const counter = '../../fixtures/counter/counter.elf';
const system = defineSystem({
  cores: 2,
  vms: {
    worker: { image: counter, ram: kib(64), limits: { ram: kib(128) }, disks: [{ size: mib(1) }] },
    witness: { image: counter, ram: kib(64), core: 1 },
  },
  channels: {
    count: { kind: 'queue', message: Count, from: 'worker', to: 'test', capacity: 1000 },
  },
});
interface Counted {
  channel(name: 'count'): { readonly messages: readonly { readonly value: { readonly count: number } }[] };
}
const counts = (machine: Counted) => machine.channel('count').messages.map(({ value }) => value.count);

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'testvisor-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test('it goes on where it was, though it crashed meanwhile', async () => {
  const machine = await boot(system);
  const worker = machine.vm('worker');
  await machine.runTo(ms(4.5));
  const snapshot = worker.snapshot();
  await machine.runTo(ms(7));
  machine.inject(faults.crash({ vm: 'worker' }));
  worker.disk(0).write(0, Uint8Array.of(7));
  expect(worker).toBeHalted();
  worker.restore(snapshot);
  await machine.runFor(ms(2.5));
  expect(counts(machine)).toEqual([1, 2, 3, 4, 5, 6, 7, 6, 7]);
  expect([...worker.disk(0).read(0, 1)]).toEqual([0]);
  expect(worker.generation).toBe(2);
  expect(machine.log({ vm: 'worker', since: ms(7) }).map(({ text }) => text)).toContain(
    'restored to what it was at 4.5 ms',
  );
});

test('nobody else notices', async () => {
  const [golden, machine] = [await boot(system), await boot(system)];
  await machine.runTo(ms(2.5));
  const snapshot = machine.vm('worker').snapshot();
  await machine.runTo(ms(5));
  machine.vm('worker').restore(snapshot);
  for (const each of [golden, machine]) await each.runTo(ms(20));
  expect(machine.vm('witness')).toBeUndisturbed({ comparedWith: golden });
});

test('the same restore gives the same run, in this machine and in a fork', async () => {
  const machine = await boot(system);
  await machine.runTo(ms(2.237));
  const snapshot = machine.vm('worker').snapshot();
  const fork = machine.fork();
  for (const each of [machine, fork]) {
    await each.runTo(ms(3.5));
    each.vm('worker').restore(snapshot);
    await each.runTo(ms(6));
  }
  expect(fork.digest).toBe(machine.digest);
});

test('from a file, into another machine of the system', async () => {
  const machine = await boot(system);
  await machine.runTo(ms(4.5));
  machine
    .vm('worker')
    .disk(0)
    .write(512, Uint8Array.of(1, 2, 3));
  const path = join(folder, 'worker.snapshot');
  machine.vm('worker').snapshot().saveTo(path);

  const other = await boot(system);
  await other.runTo(ms(10));
  const snapshot = readVmSnapshot(path);
  expect(snapshot).toMatchObject({ vm: 'worker', at: ms(4.5) });
  other.vm('worker').restore(snapshot);
  await other.runFor(ms(2.5));
  expect(counts(other).slice(10)).toEqual([6, 7]);
  expect([...other.vm('worker').disk(0).read(512, 3)]).toEqual([1, 2, 3]);
});

test('what is read from a file runs as what was never saved', async () => {
  const machine = await boot(system);
  await machine.runTo(ms(3.7));
  const snapshot = machine.vm('worker').snapshot();
  const [one, other] = [machine.fork(), machine.fork()];
  one.vm('worker').restore(snapshot);
  other.vm('worker').restore(readVmSnapshot(snapshot.toBytes()));
  for (const each of [one, other]) await each.runTo(ms(9));
  expect(other.digest).toBe(one.digest);
  expect(other.vm('worker').instructions).toBe(one.vm('worker').instructions);
});

test('a VM that had been given more RAM has it again', async () => {
  const machine = await boot(system);
  const worker = machine.vm('worker');
  worker.configure({ ram: kib(128) });
  worker.restart();
  await machine.runTo(ms(3));
  const snapshot = worker.snapshot();
  worker.configure({ ram: kib(64) });
  worker.restart();
  await machine.runTo(ms(6));
  expect(worker.account.ram).toBe(kib(64));
  worker.restore(readVmSnapshot(snapshot.toBytes()));
  expect(worker.account.ram).toBe(kib(128));
  await machine.runFor(ms(2));
  expect(worker).toBeWaiting();
});

test('one that was halted is halted again, and one that was suspended can be resumed', async () => {
  const machine = await boot(system);
  const worker = machine.vm('worker');
  await machine.runTo(ms(2.5));
  worker.suspend();
  const suspended = worker.snapshot();
  worker.stop();
  const halted = worker.snapshot();
  worker.start();
  await machine.runTo(ms(4));
  worker.restore(halted);
  expect(worker).toBeHalted({ code: 0 });
  worker.restore(suspended);
  expect(worker.state.is).toBe('suspended');
  worker.resume();
  await machine.runFor(ms(1.5));
  expect(counts(machine).at(-1)).toBeGreaterThanOrEqual(4);
});

describe('a lock that it held', () => {
  /** The sensor with the lock in its hands: shortly before it publishes. */
  async function whileSensorHoldsIt() {
    const [ahead, machine] = [await boot(trainControl), await boot(trainControl)];
    await ahead.runTo(ms(15));
    const published = await ahead.runUntil(ahead.channel('speed').sent(), { atMost: ms(20) });
    await machine.runTo(ns(published!.at - 600));
    for (;;) {
      const snapshot = machine.vm('sensor').snapshot();
      if (snapshot.state.locks.length > 0) return { machine, snapshot };
      await machine.runFor(ns(20));
      expect(machine.now).toBeLessThan(published!.at);
    }
  }

  test('is its own again when nobody has it', async () => {
    const { machine, snapshot } = await whileSensorHoldsIt();
    await machine.runFor(ms(20));
    machine.vm('sensor').restore(snapshot);
    const denied = machine.vm('sensor').account.deniedHypercalls;
    await machine.runFor(ms(30));
    // Its unlock was one of a lock that it held.
    expect(machine.vm('sensor').account.deniedHypercalls).toBe(denied);
  });

  test('stands in the way while another VM has it', async () => {
    const { machine, snapshot } = await whileSensorHoldsIt();
    await machine.runUntil(machine.channel('speed').received(), { atMost: ms(20) });
    const { digest } = machine;
    expect(() => machine.vm('sensor').restore(snapshot)).toThrow(
      /held the lock of speed, which another VM holds now/,
    );
    expect(machine.digest).toBe(digest);
  });
});

describe('what is refused', () => {
  const bytesOf = async () => {
    const machine = await boot(system);
    await machine.runTo(ms(2));
    return machine.vm('worker').snapshot().toBytes();
  };

  test.each<[string, (bytes: Uint8Array) => Uint8Array, RegExp]>([
    ['nothing', () => new Uint8Array(0), /this is no snapshot of a VM/],
    [
      'text',
      () => new TextEncoder().encode('{"format":"testvisor VM snapshot"}'),
      /this is no snapshot of a VM/,
    ],
    ['half a file', (bytes) => bytes.slice(0, bytes.length / 2), /this is no snapshot|damaged/],
    [
      'one bit too many',
      (bytes) => bytes.map((byte, at) => (at === 5000 ? byte ^ 1 : byte)),
      /it is damaged/,
    ],
    ['a byte at the end', (bytes) => Uint8Array.from([...bytes, 0]), /this is no snapshot of a VM/],
  ])('%s', async (_what, change, text) => {
    const bytes = await bytesOf();
    expect(() => readVmSnapshot(change(bytes))).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    expect(() => readVmSnapshot(change(bytes))).toThrow(text);
    const path = join(folder, 'wrong.snapshot');
    writeFileSync(path, change(bytes));
    expect(readFileSync(path).length).toBe(change(bytes).length);
    expect(() => readVmSnapshot(path)).toThrow(text);
  });

  test('a file of another version', async () => {
    const text = Buffer.from(await bytesOf());
    const at = text.indexOf('version') + 'version'.length;
    text[at] = 9;
    expect(() => readVmSnapshot(text)).toThrow(/it has version 9 of the format, and this is version 3/);
  });

  test('random bytes, never by anything else than an error that says so', () => {
    for (let length = 1; length < 300; length++) {
      const noise = Uint8Array.from({ length }, (_, at) => (at * 131 + length * 89) & 0xff);
      expect(() => readVmSnapshot(noise)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    }
  });

  test('another VM’s, another system’s, another image’s, and one of a later time; nothing is changed', async () => {
    const machine = await boot(system);
    await machine.runTo(ms(2));
    const snapshot = machine.vm('worker').snapshot();
    const { digest } = machine;
    expect(() => machine.vm('witness').restore(snapshot)).toThrow(/the snapshot is of VM “worker”/);
    expect(machine.digest).toBe(digest);

    const small = await boot(defineSystem({ vms: { worker: { image: counter, ram: kib(64) } } }));
    expect(() => small.vm('worker').restore(snapshot)).toThrow(/its largestRam is 131072, here it is 65536/);
    const fresh = await boot(system);
    expect(() => fresh.vm('worker').restore(snapshot)).toThrow(/taken at 2 ms, and here it is 0 ms/);
    const other = await boot(system, { images: { worker: '../../fixtures/hello/hello.elf' } });
    await other.runTo(ms(3));
    expect(() => other.vm('worker').restore(snapshot)).toThrow(
      expect.objectContaining({ code: 'other-image' }),
    );
  });

  test('a snapshot of a VM that is restarting', async () => {
    const machine = await boot(system);
    await machine.runTo(ms(2));
    machine.vm('worker').restart();
    expect(() => machine.vm('worker').snapshot()).toThrow(/the VM is restarting/);
    await machine.runFor(us(1));
  });
});
