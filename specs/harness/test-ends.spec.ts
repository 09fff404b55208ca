/** The test itself sits at channels' ends: as plant, as receiver. */
import { join } from 'node:path';
import { boot, bytes, defineSystem, kib, ms, struct, u32 } from 'testvisor';
import { Brake, Speed, Wheel } from '../../fixtures/train-control/messages';

const fixture = (name: string): string => join(__dirname, '../../fixtures', name);
const Count = struct('Count', { value: u32 });

const plant = defineSystem({
  vms: {
    train: {
      image: fixture('train-control/train.elf'),
      ram: kib(256),
      schedule: { priority: 10, period: ms(10) },
    },
    sensor: { image: fixture('train-control/sensor.elf'), ram: kib(256), schedule: { priority: 8 } },
  },
  channels: {
    speed: { kind: 'shared', message: Speed, from: 'sensor', to: 'train', size: kib(4) },
    brake: { kind: 'queue', message: Brake, from: 'train', to: 'test', capacity: 8 },
    wheel: { kind: 'sampling', message: Wheel, from: 'test', to: 'sensor' },
    orders: { kind: 'queue', message: Count, from: 'test', to: 'train', capacity: 2 },
    beat: { kind: 'signal', from: 'test', to: 'train' },
    raw: { kind: 'queue', from: 'test', to: 'train', capacity: 2, messageSize: bytes(4) },
  },
});

test('a test drives the plant and receives the commands', async () => {
  const machine = await boot(plant);
  machine.channel('wheel').write({ kmh: 350 });
  expect(machine.channel('brake').receive()).toBeUndefined();
  await machine.runUntil(machine.channel('brake').received({ level: 3 }), { atMost: ms(50) });
  expect(machine.channel('brake').receive()).toMatchObject({ level: 3, kmh: 350 });
  expect(machine.channel('brake').receive()).toBeUndefined();
});

test('a full queue refuses', async () => {
  const machine = await boot(plant);
  const orders = machine.channel('orders');
  expect([orders.send({ value: 1 }), orders.send({ value: 2 }), orders.send({ value: 3 })]).toEqual([
    'sent',
    'sent',
    'full',
  ]);
  expect(orders.messages.map(({ value }) => value)).toEqual([{ value: 1 }, { value: 2 }]);
  expect(orders.messages[0]).toMatchObject({ from: 'test', at: 0 });
});

test('a signal has its maximum', async () => {
  const machine = await boot(plant);
  expect([machine.channel('beat').post(), machine.channel('beat').post()]).toEqual([true, false]);
});

test('a channel without a message carries bytes', async () => {
  const machine = await boot(plant);
  machine.channel('raw').send(Uint8Array.of(1, 2, 3, 4));
  expect(machine.channel('raw').messages[0]?.value).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(() => machine.channel('raw').send({ value: 1 } as never)).toThrow(
    expect.objectContaining({ code: 'bad-value' }),
  );
});

test('mistakes at an end say what it is for', async () => {
  const machine = await boot(plant);
  const untyped = (name: 'speed' | 'brake' | 'wheel') =>
    machine.channel(name) as unknown as Record<string, (value?: unknown) => unknown>;
  expect(() => untyped('brake')['send']!({})).toThrow(expect.objectContaining({ code: 'not-an-end' }));
  expect(() => untyped('brake')['send']!({})).toThrow(/goes from train to test; the test is not at that end/);
  expect(() => untyped('wheel')['send']!({})).toThrow(
    expect.objectContaining({ code: 'wrong-channel-kind' }),
  );
  expect(() => untyped('wheel')['send']!({})).toThrow(/Its operations are write and read/);
  expect(() => untyped('speed')['read']!()).toThrow(/for VMs only/);
  expect(() => machine.channel('wheel').write({ kmh: 70_000 })).toThrow(
    /Wheel\.kmh: 70000 does not fit a u16/,
  );
});

test('names that slip past the compiler are refused', async () => {
  const machine = await boot(plant);
  expect(() => machine.vm('trian' as never)).toThrow(/Did you mean “train”\?/);
  expect(() => machine.channel('brak' as never)).toThrow(/Did you mean “brake”\?/);
});
