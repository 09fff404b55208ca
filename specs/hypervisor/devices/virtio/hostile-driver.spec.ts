/**
 * Drivers are hostile. Whatever one writes into registers, descriptors and rings: the device says that it needs a
 * reset or serves what it can, touches nothing outside of RAM (`FakeRam` throws), and comes to an end.
 */
import fc from 'fast-check';
import { BLOCK_REQUESTS, BlockRequest } from '../../../../platform/virtio/block';
import { DESCRIPTOR_FLAGS, VIRTIO_FEATURES } from '../../../../platform/virtio/transport';
import { benchWith, consoleOf, disk, entropy, lines, type VirtioBench } from './bench';
import { type Driver, Queue, type RegisterName } from './driver';

const { next, write, indirect } = DESCRIPTOR_FLAGS;
const { indirectDescriptors, eventIndex } = VIRTIO_FEATURES;
const FAR = 2 ** 32;

/** A disk whose driver is about to go wrong. */
function running(features: readonly number[] = []) {
  const bench = benchWith(disk());
  const driver = bench.driver();
  const [queue] = driver.start(1, features) as [Queue];
  return { bench, driver, queue, buffer: driver.place({ room: 4096 }) };
}

/** What is wrong with a chain that begins at descriptor 0. `at` is 4 KiB of RAM for a buffer. */
const CHAINS: Readonly<
  Record<string, (queue: Queue, at: number, ram: { base: number; size: number }) => void>
> = {
  'is a loop': (queue, at) => {
    queue.describe(0, at, 16, next, 1);
    queue.describe(1, at, 16, next, 0);
  },
  'goes on at itself': (queue, at) => queue.describe(0, at, 16, next, 0),
  'goes on beyond the table': (queue, at) => queue.describe(0, at, 16, next, 8),
  'lies below RAM': (queue, _, { base }) => queue.describe(0, base - 8, 16, 0),
  'lies in a device': (queue) => queue.describe(0, 0x1000_1000, 16, write),
  'lies in the shared window': (queue) => queue.describe(0, 0x6000_0000, 16, write),
  'reaches over the end of RAM': (queue, _, { base, size }) => queue.describe(0, base + size - 8, 16, write),
  'wraps around 32 bits': (queue, at) => queue.describe(0, at, FAR - 1, write),
  'lies beyond 32 bits, at an address that is in RAM without its high half': (queue, at) =>
    queue.describe(0, at + FAR, 16, write),
  'lies at the top of 64 bits': (queue) => queue.describe(0, 2 ** 64 - 2 ** 32, 16, write),
  'is empty': (queue, at) => queue.describe(0, at, 0, 0),
  'is larger than RAM': (queue, _, { base, size }) => {
    for (let index = 0; index < 8; index++)
      queue.describe(index, base, size, index < 7 ? next : 0, index + 1);
  },
  'is to be read after it is to be written': (queue, at) => {
    queue.describe(0, at, 16, next | write, 1);
    queue.describe(1, at, 16, 0);
  },
};

/** What is wrong with an indirect table at `at`, of which descriptor 0 tells. */
const TABLES: Readonly<Record<string, (queue: Queue, at: number) => void>> = {
  'is in an indirect one': (queue, at) => {
    queue.describe(0, at, 32, indirect);
    queue.describe(0, at, 32, indirect, 0, at);
  },
  'is not the end of its chain': (queue, at) => {
    queue.describe(0, at, 16, indirect | next, 1);
    queue.describe(1, at, 16, 0);
  },
  'is empty': (queue, at) => queue.describe(0, at, 0, indirect),
  'is cut in the middle of a descriptor': (queue, at) => queue.describe(0, at, 24, indirect),
  'lies outside of RAM': (queue) => queue.describe(0, 0x1000_1000, 16, indirect),
  'is larger than RAM': (queue, at) => queue.describe(0, at, 0xffff_fff0, indirect),
  'has a loop': (queue, at) => {
    queue.describe(0, at, 32, indirect);
    queue.describe(0, at, 16, next, 1, at);
    queue.describe(1, at, 16, next, 0, at);
  },
};

function expectStopped({ bench, driver, queue }: ReturnType<typeof running>): void {
  bench.pass(100_000);
  expect(driver.needsReset).toBe(true);
  expect(driver.read('interruptStatus')).toBe(2);
  expect(bench.vm.raisedLines).toEqual(['source 0']);
  expect(queue.usedIndex).toBe(0);
  expect(bench.violations).toEqual([expect.stringMatching(/^virtio block in slot 0: queue 0: /)]);
  expect(bench.slots.nextEventAt()).toBe(Infinity);
  // It stays so until it is reset, and works then.
  queue.send(BlockRequest.encode({ type: BLOCK_REQUESTS.flush, reserved: 0, sector: 0n }), { room: 1 });
  bench.pass(100_000);
  expect(queue.usedIndex).toBe(0);
  const [again] = driver.start(1) as [Queue];
  again.send(BlockRequest.encode({ type: BLOCK_REQUESTS.flush, reserved: 0, sector: 0n }), { room: 1 });
  bench.pass(100_000);
  expect([again.usedIndex, driver.needsReset]).toEqual([1, false]);
}

describe('A virtio device stops and asks for a reset when', () => {
  it.each(Object.keys(CHAINS))('a chain %s', (name) => {
    const scene = running();
    CHAINS[name]!(scene.queue, scene.buffer, scene.bench.ram);
    scene.queue.offer(0);
    scene.queue.notify();
    expectStopped(scene);
  });

  it.each(Object.keys(TABLES))('an indirect table %s', (name) => {
    const scene = running([indirectDescriptors]);
    TABLES[name]!(scene.queue, scene.buffer);
    scene.queue.offer(0);
    scene.queue.notify();
    expectStopped(scene);
  });

  it('says what the driver did', () => {
    const told = (mistakes: typeof CHAINS, features: readonly number[]) =>
      Object.values(mistakes).map((make) => {
        const { bench, queue, buffer } = running(features);
        make(queue, buffer, bench.ram);
        queue.offer(0);
        queue.notify();
        return bench.violations[0]!.replace('virtio block in slot 0: queue 0: ', '');
      });
    expect(told(CHAINS, [])).toEqual([
      'the chain of descriptor 0 is a loop',
      'the chain of descriptor 0 is a loop',
      'descriptor 8 is beyond the table of 8',
      ...Array<string>(7).fill('descriptor 0 reaches outside of RAM'),
      'descriptor 0 is empty',
      'the chain of descriptor 0 is larger than RAM',
      'descriptor 1 is to be read after one to be written',
    ]);
    expect(told(TABLES, [indirectDescriptors])).toEqual([
      'descriptor 0 of an indirect table is itself indirect',
      'descriptor 0 is indirect and not the last of its chain',
      'the indirect table of descriptor 0 is no whole number of descriptors',
      'the indirect table of descriptor 0 is no whole number of descriptors',
      'descriptor 0 reaches outside of RAM',
      'descriptor 0 reaches outside of RAM',
      'the chain of descriptor 0 is a loop',
    ]);
  });

  it('a descriptor is indirect without that having been agreed on', () => {
    const scene = running();
    scene.queue.describe(0, scene.buffer, 16, indirect);
    scene.queue.offer(0);
    scene.queue.notify();
    expectStopped(scene);
  });

  it('the available index runs ahead of the ring', () => {
    const scene = running();
    scene.bench.ram.store16(scene.queue.available + 2, 9);
    scene.queue.notify();
    expectStopped(scene);
  });

  it('the ring names a descriptor that is not in the table', () => {
    const scene = running();
    scene.queue.offer(8);
    scene.queue.notify();
    expectStopped(scene);
  });

  it.each<readonly [RegisterName, number]>([
    ['queueSize', 4],
    ['queueDescriptorsLow', 0x8000_0000],
    ['queueDriverHigh', 0],
    ['queueDeviceLow', 0x8000_0000],
  ])('%s is stored while the queue is ready', (register, value) => {
    const scene = running();
    scene.driver.write('queueSelect', 0);
    scene.driver.write(register, value);
    expectStopped(scene);
  });
});

describe('A virtio queue does not become ready', () => {
  it.each<readonly [string, RegisterName, number]>([
    ['of no entries', 'queueSize', 0],
    ['of a size that is no power of two', 'queueSize', 6],
    ['of more entries than there may be', 'queueSize', 2048],
    ['with a misaligned descriptor table', 'queueDescriptorsLow', 0x8000_0008],
    ['with a misaligned available ring', 'queueDriverLow', 0x8000_0801],
    ['with a misaligned used ring', 'queueDeviceLow', 0x8000_1002],
    ['with a descriptor table outside of RAM', 'queueDescriptorsLow', 0x1000_1000],
    ['with an available ring over the end of RAM', 'queueDriverLow', 0x8003_fffe],
    ['with a used ring beyond 32 bits', 'queueDeviceHigh', 1],
  ])('%s', (_, register, value) => {
    const driver = benchWith(disk()).driver();
    driver.negotiate();
    driver.queue(0);
    driver.write('queueReady', 0);
    driver.write(register, value);
    driver.write('queueReady', 1);
    expect([driver.read('queueReady'), driver.needsReset]).toEqual([0, true]);
  });
});

describe('A virtio console', () => {
  it('stops at a buffer for input that it cannot write', () => {
    const { console } = lines();
    const bench = benchWith(consoleOf(console));
    const driver = bench.driver();
    const [input] = driver.start(2) as [Queue];
    input.send(new Uint8Array(8));
    expect(driver.needsReset).toBe(false);
    console.provide(Uint8Array.of(1));
    expect(driver.needsReset).toBe(true);
  });
});

/** Small numbers, edges, and anything. */
const number = fc.oneof(
  fc.nat(40),
  fc.constantFrom(0xffff, 0x8000_0000, 0x8000_0800, 0x8000_1000, 0x8001_0000, 0xffff_ffff, 0x1000_1000),
  fc.nat(0x4_0000).map((offset) => 0x8000_0000 + offset),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);
const REGISTERS: readonly RegisterName[] = [
  'queueSelect',
  'queueSize',
  'queueReady',
  'queueNotify',
  'status',
  'interruptAcknowledge',
  'driverFeatures',
  'driverFeaturesSelect',
  'queueDescriptorsLow',
  'queueDriverLow',
  'queueDeviceLow',
  'queueDeviceHigh',
];

type Act =
  | { readonly do: 'register'; readonly name: RegisterName; readonly value: number }
  | { readonly do: 'memory'; readonly offset: number; readonly value: number }
  | {
      readonly do: 'describe';
      readonly index: number;
      readonly address: number;
      readonly length: number;
      readonly flags: number;
      readonly next: number;
    }
  | { readonly do: 'offer'; readonly queue: number; readonly head: number }
  | { readonly do: 'start' }
  | { readonly do: 'pass'; readonly cycles: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constant('register' as const), name: fc.constantFrom(...REGISTERS), value: number }),
  // The rings, and where indirect tables and buffers are.
  fc.record({ do: fc.constant('memory' as const), offset: fc.nat(0x1_2000), value: number }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('describe' as const),
      index: fc.nat(7),
      address: number,
      length: fc.oneof(fc.constantFrom(16, 32, 512, 1), number),
      flags: fc.nat(7),
      next: fc.nat(8),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('offer' as const), queue: fc.nat(2), head: fc.nat(8) }),
  },
  fc.record({ do: fc.constant('start' as const) }),
  fc.record({ do: fc.constant('pass' as const), cycles: fc.nat(5_000) }),
);

function perform(bench: VirtioBench, driver: Driver, queues: number, step: Act): void {
  switch (step.do) {
    case 'register':
      return driver.write(step.name, step.value);
    case 'memory':
      return bench.ram.store32(bench.ram.base + step.offset, step.value);
    case 'describe':
      return new Queue(driver, 0, 8).describe(step.index, step.address, step.length, step.flags, step.next);
    case 'offer': {
      const queue = new Queue(driver, step.queue, 8);
      queue.offer(step.head);
      return queue.notify();
    }
    case 'start':
      driver.start(queues, [indirectDescriptors, eventIndex]);
      return;
    case 'pass':
      return bench.pass(step.cycles);
  }
}

describe.each([
  ['disk', 1, () => disk()],
  ['console', 2, () => consoleOf(busyConsole())],
  ['source of entropy', 1, () => entropy()],
] as const)('A virtio %s, whatever its driver does,', (_, queues, make) => {
  it('neither throws nor goes on for ever, and works after a reset', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
        const bench = benchWith(make());
        const driver = bench.driver();
        driver.start(queues, [indirectDescriptors, eventIndex]);
        for (const step of acts) perform(bench, driver, queues, step);
        const started = driver.start(queues);
        const queue = started.at(-1)!;
        queue.send(BlockRequest.encode({ type: BLOCK_REQUESTS.flush, reserved: 0, sector: 0n }), { room: 1 });
        bench.pass(50_000);
        expect([driver.needsReset, queue.usedIndex]).toEqual([false, 1]);
      }),
      { numRuns: 300 },
    );
  });
});

function busyConsole() {
  const { console } = lines();
  console.provide(new Uint8Array(1000).fill(0x41));
  return console;
}
