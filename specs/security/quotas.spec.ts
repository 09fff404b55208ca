/** What one VM may use up: core time, messages, console, storage. However much it wants, its neighbour counts on. */
import { boot, bytes, defineSystem, kib, ms, policyMatrix, policyText, SystemError, us } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../fixtures/misbehave/messages';

const greedySystem = defineSystem({
  vms: {
    greedy: {
      image: '../../fixtures/misbehave/misbehave.elf',
      ram: kib(64),
      schedule: { priority: 2, period: ms(1), budget: us(400) },
      consoleRate: { bytes: kib(1), per: ms(10) },
    },
    neighbour: { image: '../../fixtures/counter/counter.elf', ram: kib(64), schedule: { priority: 1 } },
  },
  channels: {
    orders: { kind: 'queue', message: Order, from: 'test', to: 'greedy', capacity: 4 },
    answers: { kind: 'queue', message: Answer, from: 'greedy', to: 'test', capacity: 4 },
    flood: {
      kind: 'queue',
      message: Answer,
      from: 'greedy',
      to: 'test',
      capacity: 8,
      rate: { messages: 5, per: ms(10) },
    },
    count: { kind: 'queue', message: Count, from: 'neighbour', to: 'test', capacity: 1000 },
  },
});

async function greedyDoes(what: keyof typeof ORDERS, argument = 0n) {
  const machine = await boot(greedySystem);
  machine.channel('orders').send({ code: ORDERS[what], argument });
  await machine.runFor(ms(50));
  return machine;
}
type Greedy = Awaited<ReturnType<typeof greedyDoes>>;

const exceeded = (machine: Greedy, limit: string) =>
  machine.trace.flatMap((event) => (event.kind === 'limit-exceeded' && event.limit === limit ? [event] : []));

describe.each([
  ['core time', 'endlessLoop', 0n],
  ['core time by hypercalls', 'hypercallLoop', 0n],
  ['console', 'endlessConsole', 0n],
  ['messages', 'queueFlood', 1_000_000n],
] as const)('a VM that takes all the %s it can get', (_, what, argument) => {
  test('takes nothing from its neighbour, which counts every millisecond', async () => {
    const machine = await greedyDoes(what, argument);
    expect(machine.channel('count').messages.map(({ value }) => value.count)).toEqual(
      Array.from({ length: 50 }, (__, index) => index + 1),
    );
    expect(machine.vm('neighbour')).toHaveMissedNoDeadline();
    expect(machine.vm('greedy').account.cpuTime).toBeLessThanOrEqual(50 * us(400) + us(10));
  });
});

test('messages over the rate are refused, and the trace says so', async () => {
  const machine = await greedyDoes('queueFlood', 100n);
  expect(machine.channel('flood').messages.length).toBeLessThanOrEqual(8);
  expect(exceeded(machine, 'messages-rate')[0]).toMatchObject({ vm: 'greedy', of: 'flood' });
});

describe('console output', () => {
  test('over the rate is lost, told of once until some passes again, and the rest is there', async () => {
    const machine = await greedyDoes('consoleFlood', 200n);
    const { console } = machine.vm('greedy');
    expect(console.text).toMatch(/^misbehave: awaiting orders\nmisbehave: flood 0\nmisbehave: flood 1\n/);
    // A full bucket, and what it was filled with in 50 ms.
    expect(console.text.length).toBeLessThanOrEqual(kib(1) + 5 * kib(1));
    expect(console.lost).toBeGreaterThan(0);
    const [first] = exceeded(machine, 'console-rate');
    expect(first).toMatchObject({ vm: 'greedy', of: 'console' });
    expect(exceeded(machine, 'console-rate').length).toBeLessThan(console.lost);
    expect(machine.log({ vm: 'greedy' }).map(({ text }) => text)).toContain(
      'went over its rate of output of console',
    );
  });

  test('goes on the same from a snapshot', async () => {
    const machine = await greedyDoes('consoleFlood', 200n);
    const snapshot = machine.snapshot();
    machine.channel('orders').send({ code: ORDERS.consoleFlood, argument: 200n });
    await machine.runFor(ms(20));
    const { digest } = machine;
    machine.restore(snapshot);
    machine.channel('orders').send({ code: ORDERS.consoleFlood, argument: 200n });
    await machine.runFor(ms(20));
    expect(machine.digest).toBe(digest);
  });
});

describe('a disk with a quota', () => {
  /** Reads a sector, writes another, ends; with code 11 when a request fails. */
  const writer = (writeQuota: number) =>
    defineSystem({
      vms: {
        writer: {
          image: '../../fixtures/virtio/virtio.elf',
          ram: kib(256),
          disks: [{ size: kib(64), writeQuota: bytes(writeQuota) }],
          entropy: true,
        },
      },
    });

  test('takes so many bytes, however often its VM restarts; then requests fail, and the trace says why', async () => {
    const machine = await boot(writer(1024));
    const vm = machine.vm('writer');
    for (let life = 1; life <= 2; life += 1) {
      await machine.runUntil(vm.halted(), { atMost: ms(10) });
      expect(vm.state).toEqual({ is: 'halted', code: 0 });
      vm.restart();
      await machine.runUntil(vm.restarted(), { atMost: ms(10) });
    }
    await machine.runUntil(vm.crashed({ kind: 'failure-exit', code: 11 }), { atMost: ms(10) });
    expect(machine.trace).toContainEqual(
      expect.objectContaining({ kind: 'limit-exceeded', vm: 'writer', limit: 'storage', of: 'disk 0' }),
    );
  });

  test('is among the quotas of the matrix, as is a rate of console output', () => {
    expect(policyMatrix(writer(512)).quotas).toContainEqual({
      subject: 'writer',
      of: 'disk-writes',
      at: 'disk 0',
      limit: 512,
      unit: 'bytes',
    });
    expect(policyMatrix(greedySystem).quotas).toContainEqual({
      subject: 'greedy',
      of: 'console',
      limit: kib(1),
      unit: 'bytes',
      per: ms(10),
    });
  });
});

describe('flash with a quota', () => {
  const BLOCK = kib(256);
  /** Erases a block until that fails, and prints how often it did not. */
  const eraser = {
    raw: new Uint8Array(
      Uint32Array.of(
        0x2200_0337, // lui   t1, 0x22000
        0x0000_0413, // li    s0, 0
        0x0020_02b7, // lui   t0, 0x200
        0x0202_8293, // addi  t0, t0, 0x20    erase
        0x0053_2023, // sw    t0, 0(t1)
        0x00d0_02b7, // lui   t0, 0xd00
        0x0d02_8293, // addi  t0, t0, 0xd0    confirm
        0x0053_2023, // sw    t0, 0(t1)
        0x0003_2383, // lw    t2, 0(t1)       its status
        0x0203_f393, // andi  t2, t2, 0x20    the erasure has failed
        0x0003_9663, // bnez  t2, the end
        0x0014_0413, // addi  s0, s0, 1
        0xfd9f_f06f, // j     to the first store
        0x1000_02b7, // lui   t0, 0x10000     the UART
        0x0304_0413, // addi  s0, s0, '0'
        0x0082_8023, // sb    s0, 0(t0)
        0x0000_52b7, // lui   t0, 5
        0x5552_8293, // addi  t0, t0, 0x555
        0x0010_0337, // lui   t1, 0x100       the test finisher
        0x0053_2023, // sw    t0, 0(t1)
        0x0000_006f, // j     .
      ).buffer,
    ),
    xlen: 32,
  } as const;
  const wearing = (writeQuota: number) =>
    defineSystem({
      vms: {
        wearer: {
          image: eraser,
          profile: 'machine',
          ram: kib(64),
          flash: { writeQuota: bytes(writeQuota) },
        },
      },
    });
  const OVER = { kind: 'limit-exceeded', vm: 'wearer', limit: 'storage', of: 'flash' } as const;

  test('is erased so often, however often its VM restarts and the power goes; then that fails, and the trace says why', async () => {
    const machine = await boot(wearing(3 * BLOCK + 1));
    const vm = machine.vm('wearer');
    await machine.runUntil(vm.halted(), { atMost: ms(10) });
    expect(vm.console.text).toBe('3');
    expect(machine.trace).toContainEqual(expect.objectContaining(OVER));
    vm.restart();
    await machine.runUntil(vm.halted(), { atMost: ms(10) });
    expect(vm.console.text).toBe('30');
    const later = await boot(wearing(4 * BLOCK), { storage: machine.powerOff() });
    await later.runUntil(later.vm('wearer').halted(), { atMost: ms(10) });
    // What the first machine had done counts, and what it was refused does not.
    expect(later.vm('wearer').console.text).toBe('1');
  });

  test('is programmed so much and no more', async () => {
    const image = '../../fixtures/bootloader/factory.elf';
    const tight = (writeQuota: number) =>
      defineSystem({
        vms: { factory: { image, ram: kib(64), flash: { writeQuota: bytes(writeQuota) } } },
      });
    const [enough, scarce] = [await boot(tight(kib(1024 * 16))), await boot(tight(4))];
    for (const machine of [enough, scarce]) await machine.runFor(ms(5));
    const exceeded = (machine: typeof enough) => machine.trace.some(({ kind }) => kind === 'limit-exceeded');
    expect([exceeded(enough), exceeded(scarce)]).toEqual([false, true]);
    const kept = enough.vm('factory').flash.read(0, kib(64));
    expect(kept.some((byte) => byte !== 0xff)).toBe(true);
    const programmed = scarce
      .vm('factory')
      .flash.read(0, kib(64))
      .filter((byte) => byte !== 0xff);
    expect(programmed.length).toBeLessThanOrEqual(4);
  });

  test('is among the quotas of the matrix', () => {
    expect(policyMatrix(wearing(BLOCK)).quotas).toContainEqual({
      subject: 'wearer',
      of: 'flash-writes',
      limit: BLOCK,
      unit: 'bytes',
    });
    expect(policyText(policyMatrix(wearing(BLOCK)))).toContain(`${BLOCK} bytes ever written to flash`);
  });
});

test.each([
  [
    { flash: { writeQuota: 0 } },
    'vms.guest.flash.writeQuota: 0 bytes is below the least, 1. Write for example mib(4).',
  ],
  [
    { disks: [{ size: kib(64), readOnly: true, writeQuota: kib(1) }] },
    'vms.guest.disks[0].writeQuota: nothing is ever written to a disk that is read-only. Leave one of the two out.',
  ],
  [
    { disks: [{ size: kib(64), writeQuota: 1 }] },
    'vms.guest.disks[0].writeQuota: 1 bytes is below the least, 512. Write for example mib(64).',
  ],
  [
    { consoleRate: { per: ms(1) } },
    'vms.guest.consoleRate: it limits no bytes. Write for example consoleRate: { bytes: kib(4), per: ms(10) }.',
  ],
  [
    { consoleRate: { messages: 1, bytes: kib(1), per: ms(1) } },
    'vms.guest.consoleRate.messages: there is no such property. There are bytes, per.',
  ],
])('a declaration that cannot be meant is refused: %j', (settings, text) => {
  expect(() =>
    defineSystem({ vms: { guest: { image: 'a.elf', ram: kib(64), ...settings } } } as never),
  ).toThrow(text);
  expect(SystemError.name).toBe('SystemError');
});
