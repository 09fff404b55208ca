/** Faults in registers and memory that last, and in places other than RAM and x registers. */
import { boot, defineSystem, faults, kib, ms, us } from 'testvisor';
import { trainControl } from '../../../fixtures/train-control/system';
import { pingPong } from '../ping-pong';
import { expectDeterminism } from './laws';
import { bootProbe, order, probeOn } from './probe';

const vm = 'probe';
/** RAM that nobody uses. */
const FREE = 0x8000_8000;
const PATTERN = 0x5a5a_5a5a;
const ROM = 0x1000;
const FLASH = 0x2000_0000;

test.each(['misbehave.machine.elf', 'misbehave.rv64.elf'])(
  '%s: what is written to stuck bits of RAM is lost',
  async (image) => {
    const machine = await bootProbe(probeOn(image, image.includes('machine') ? 'machine' : 'supervisor'));
    machine.inject(faults.stuckAt({ vm, address: FREE, bits: [0, 31], level: 1 }));
    const low = machine.inject(faults.stuckAt({ vm, address: FREE, bit: 9, level: 0, during: ms(5) }));
    expect(low.activation).toBe('not-activated');
    await order(machine, 'write', FREE);
    const held = ((PATTERN | 0x8000_0001) & ~0x200) >>> 0;
    expect(await order(machine, 'read', FREE)).toMatchObject({ value: held });
    expect(low.activation).toBe('fired');
    await machine.runTo(ms(6));
    await order(machine, 'write', FREE);
    expect(await order(machine, 'read', FREE)).toMatchObject({ value: (PATTERN | 0x8000_0001) >>> 0 });
  },
);

test('what a debugger, a device or the hypervisor writes there is lost, too', async () => {
  const machine = await bootProbe();
  machine.inject(faults.stuckAt({ vm, address: FREE, bit: 3, level: 0 }));
  machine.vm(vm).write(FREE, Uint8Array.of(0xff));
  expect([...machine.vm(vm).read(FREE, 1)]).toEqual([0xf7]);
});

test('stuck bits of a register are so after every instruction', async () => {
  const machine = await boot(pingPong);
  const fault = machine.inject(
    faults.stuckAt({ vm: 'ping', register: 'a5', bit: 2, level: 0, at: us(50), during: us(100) }),
  );
  const seen = new Set<bigint>();
  const after = new Set<bigint>();
  for (let step = 0; step < 300; step++) {
    await machine.runFor(us(1));
    const bit = (machine.vm('ping').hart(0).register('a5') >> 2n) & 1n;
    if (machine.now >= 50e3 && machine.now < 150e3) seen.add(bit);
    else after.add(bit);
  }
  expect(fault.activation).toBe('fired');
  expect([...seen]).toEqual([0n]);
  expect(after.has(1n)).toBe(true);
});

test('bits that are stuck at what they are anyway change nothing, not even the time', async () => {
  const untouched = await boot(trainControl, { seed: 1 });
  await untouched.runTo(ms(30));
  const machine = await boot(trainControl, { seed: 1 });
  const injected = (['train', 'sensor', 'ui'] as const).map((guest) =>
    machine.inject(faults.stuckAt({ vm: guest, address: 0x8003_0000, bit: 0, level: 0 })),
  );
  const stuckPc = machine.inject(faults.stuckAt({ vm: 'train', register: 'pc', bit: 31, level: 1 }));
  await machine.runTo(ms(30));
  expect(machine.digest).toBe(untouched.digest);
  expect([...injected, stuckPc].map(({ activation }) => activation)).toEqual(Array(4).fill('not-activated'));
});

test('an intermittent fault comes and goes', async () => {
  const machine = await bootProbe();
  machine.inject(
    faults.intermittent({ vm, address: FREE, bit: 0, level: 1, during: us(300), every: ms(1), times: 3 }),
  );
  const seen = [];
  for (let at = 0; at < 5; at++) {
    for (const half of [0.1, 0.5]) {
      await machine.runTo(ms(at + half));
      machine.vm(vm).write(FREE, Uint8Array.of(0));
      seen.push(machine.vm(vm).read(FREE, 1)[0]);
    }
  }
  expect(seen).toEqual([1, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
  expect(machine.trace.filter(({ kind }) => kind === 'fault-injected')).toHaveLength(3);
});

const timer = defineSystem({
  vms: { guest: { image: '../../../fixtures/timer/timer.machine.elf', profile: 'machine', ram: kib(64) } },
});

test('a CSR loses a bit: no timer interrupt is enabled any more', async () => {
  const machine = await boot(timer);
  machine.inject(faults.bitFlip({ vm: 'guest', csr: 'mie', bit: 7, at: ms(2.5) }));
  await machine.runTo(ms(20));
  expect(machine.vm('guest').console.text.match(/interrupt/g)).toHaveLength(2);
});

test('a CSR is overwritten: the trap goes nowhere', async () => {
  const machine = await boot(timer);
  machine.inject(faults.overwrite({ vm: 'guest', csr: 'mtvec', value: 0, at: ms(2.5) }));
  await machine.runTo(ms(20));
  expect(machine.vm('guest')).toHaveCrashed({ kind: 'trap' });
});

test('an f register is overwritten and stuck', async () => {
  const machine = await boot(timer);
  machine.inject(faults.overwrite({ vm: 'guest', register: 'ft3', value: 7, at: ms(1) }));
  machine.inject(faults.stuckAt({ vm: 'guest', register: 'ft3', bit: 63, level: 1, at: ms(2) }));
  await machine.runTo(ms(1.5));
  expect(machine.vm('guest').hart(0).register('ft3')).toBe(7n);
  await machine.runTo(ms(4));
  expect(machine.vm('guest').hart(0).register('ft3')).toBe((1n << 63n) | 7n);
});

test('boot ROM and flash have cells, too, and forks have the same ones', async () => {
  const machine = await bootProbe();
  const before = (await order(machine, 'read', ROM)).value;
  machine.inject(faults.bitFlip({ vm, address: ROM, bits: [0, 12] }));
  machine.inject(faults.overwrite({ vm, address: FLASH + 4, value: 0x1234 }));
  machine.inject(faults.stuckAt({ vm, address: FLASH + 8, bit: 0, level: 0 }));
  const snapshot = machine.snapshot();
  for (const run of [machine, machine.fork()]) {
    expect(await order(run, 'read', ROM)).toMatchObject({ value: (before ^ 0x1001) >>> 0 });
    expect(await order(run, 'read', FLASH + 4)).toMatchObject({ value: 0x1234 });
    expect(await order(run, 'read', FLASH + 8)).toMatchObject({ value: 0xffff_fffe });
  }
  machine.inject(faults.bitFlip({ vm, address: ROM, bits: [0, 12] }));
  machine.restore(snapshot);
  expect(await order(machine, 'read', ROM)).toMatchObject({ value: (before ^ 0x1001) >>> 0 });
});

test('a stuck bit of a shared region is stuck for all that share it', async () => {
  const machine = await boot(trainControl);
  machine.channel('wheel').write({ kmh: 205 });
  const fault = machine.inject(
    faults.stuckAt({ vm: 'train', region: 'speed', bits: [0, 1, 2, 3, 4, 5, 6, 7], level: 0, at: ms(20) }),
  );
  await machine.runTo(ms(60));
  const late = machine.channel('speed').messages.filter(({ at }) => at > 20e6);
  expect(late.length).toBeGreaterThan(0);
  expect(new Set(late.map(({ bytes }) => bytes[0]))).toEqual(new Set([0]));
  expect(fault.activation).toBe('fired');
});

test.each([
  [faults.bitFlip({ vm, csr: 'mstatsu', bit: 0 }), /RV32 hart has no CSR “mstatsu”.*\n.*“mstatus”/],
  [faults.bitFlip({ vm, region: 'speed', bit: 0 }), /has no shared region “speed”/],
  [faults.stuckAt({ vm, csr: 'mie', bit: 32, level: 1 }), /no bit 32 in csr mie/],
  [faults.stuckAt({ vm, csr: 'mie', bit: 1, level: 2 as 1 }), /not stuck at 2/],
  [faults.stuckAt({ vm, register: 'sp', bit: 1, level: 0, every: us(10) }), /has to end first/],
])('%#: a mistake is told', async (plan, text) => {
  const machine = await bootProbe();
  expect(() => machine.inject(plan)).toThrow(text);
});

test('each is the same straight, from a snapshot and in a fork', async () => {
  await expectDeterminism({
    system: trainControl,
    plans: [
      faults.stuckAt({ vm: 'train', register: 'a4', bit: 5, level: 1, at: ms(11), during: ms(1) }),
      faults.intermittent({ vm: 'sensor', register: 'sp', bit: 3, level: 0, during: us(3), every: us(777) }),
      faults.stuckAt({ vm: 'ui', symbol: 'main', bit: 1, level: 1, at: ms(15) }),
      faults.bitFlip({ vm: 'ui', csr: 'sepc', bit: 5, at: ms(14), every: ms(3), times: 9 }),
    ],
    middle: ms(20.123),
    lasts: ms(40),
  });
});
