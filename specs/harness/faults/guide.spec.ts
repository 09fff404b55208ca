/** Every example of docs/faults.md can be injected, and every model there is one of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { boot, defineSystem, faults, kib, ms, ns, us } from 'testvisor';
import { Brake, Speed, Wheel } from '../../../fixtures/train-control/messages';

/** The train-control system, with a disk, a flash and a network besides. */
const system = defineSystem({
  vms: {
    train: {
      image: '../../../fixtures/train-control/train.elf',
      ram: kib(256),
      schedule: { priority: 10, period: ms(10), budget: ms(4) },
      disks: [{ size: kib(4) }],
      nics: [{ network: 'lan' }],
      flash: { eraseTime: ms(1) },
    },
    sensor: { image: '../../../fixtures/train-control/sensor.elf', ram: kib(256), schedule: { priority: 8 } },
    ui: {
      image: '../../../fixtures/train-control/ui.elf',
      ram: kib(256),
      schedule: { priority: 1 },
      nics: [{ network: 'lan' }],
    },
  },
  channels: {
    speed: { kind: 'shared', message: Speed, from: 'sensor', to: 'train', size: kib(4) },
    brake: { kind: 'queue', message: Brake, from: 'train', to: 'ui', capacity: 8 },
    wheel: { kind: 'sampling', message: Wheel, from: 'test', to: 'sensor' },
  },
  networks: { lan: {} },
});

const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'faults.md'), 'utf8');
const examples = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);

test('there are examples', () => expect(examples.length).toBeGreaterThan(4));

test.each(examples)('%s', async (code) => {
  const machine = await boot(system);
  machine.channel('wheel').write({ kmh: 320 });
  runInNewContext(code, { machine, faults, ms, us, ns });
  await machine.runTo(ms(15));
  expect(machine.now).toBe(15e6);
});
