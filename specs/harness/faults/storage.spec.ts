/** Storage that loses power in the middle of something, forgets writes, or changes what nobody wrote. */
import { boot, bytes, defineSystem, faults, kib, ms, us } from 'testvisor';
import { expectDeterminism } from './laws';
import { BLOCK, erase, FLASH, load, program, readArray, storing } from './stores';

const vm = 'guest';
const text = 'abcdefgh'.repeat(128);
/** Reads sector 0, and writes it back to sector 1 in capital letters. */
const disk = defineSystem({
  vms: {
    guest: {
      image: '../../../fixtures/virtio/virtio.elf',
      ram: kib(256),
      disks: [{ size: bytes(1024), image: new TextEncoder().encode(text) }],
      entropy: true,
    },
  },
});
const sectors = (machine: Awaited<ReturnType<typeof boot>>) =>
  new TextDecoder().decode(machine.vm(vm).disk(0).read(0, 1024));

test('a write is torn by a loss of power: a part is there, and the VM starts again', async () => {
  const machine = await boot(disk);
  const fault = machine.inject(faults.tornWrite({ vm, bytes: 12 }));
  await machine.runUntil(machine.vm(vm).restarted(), { atMost: ms(20) });
  expect(sectors(machine).slice(512, 528)).toBe('ABCDEFGHABCDefgh');
  expect(fault.activation).toBe('fired');
  await machine.runFor(ms(10));
  expect(machine.vm(vm)).toBeHalted({ code: 0 });
  expect(sectors(machine).slice(512, 528)).toBe('ABCDEFGHABCDEFGH');
});

test('a write fails silently: the driver is content, and nothing is written', async () => {
  const machine = await boot(disk);
  const fault = machine.inject(faults.silentWriteFailure({ vm }));
  await machine.runFor(ms(10));
  expect(machine.vm(vm)).toBeHalted({ code: 0 });
  expect(sectors(machine)).toBe(text);
  expect(fault.status).toMatchObject({ is: 'fired' });
});

test('a read disturbs what lies beside it, for good', async () => {
  const machine = await boot(disk);
  machine.inject(faults.readDisturb({ vm, offset: 1023, bits: [0] }));
  await machine.runFor(us(20));
  expect(sectors(machine).at(-1)).toBe('h');
  await machine.runFor(ms(10));
  expect(machine.vm(vm).console.text).toContain('abcdefgh');
  // Afterwards sector 1 was written anew.
  expect(sectors(machine).at(-1)).toBe('H');
  const first = await boot(disk);
  first.inject(faults.readDisturb({ vm, offset: 3, bits: [0] }));
  await first.runFor(ms(10));
  expect(sectors(first).slice(0, 8)).toBe('abceefgh');
});

test('flash that is being erased loses its power: neither old nor new', async () => {
  const after = async (progress: number, seed = 1) => {
    const machine = await boot(storing(erase(0)), { seed });
    machine.vm(vm).flash.write(0, new Uint8Array(1024));
    const fault = machine.inject(faults.interruptedErase({ vm, progress }));
    await machine.runUntil(machine.vm(vm).restarted(), { atMost: ms(5) });
    expect(fault.activation).toBe('fired');
    return machine.vm(vm).flash.read(0, 1024);
  };
  const ones = (cells: Uint8Array) =>
    cells.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  const [early, late] = [await after(0.1), await after(0.9)];
  expect(ones(early)).toBeGreaterThan(0);
  expect(ones(late)).toBeGreaterThan(ones(early));
  expect(ones(late)).toBeLessThan(8 * 1024);
  expect(await after(0.9)).toEqual(late);
  expect(await after(0.9, 2)).not.toEqual(late);
});

test('programming may be interrupted, too', async () => {
  const machine = await boot(storing([...program(0, 0), ...program(BLOCK, 0)]));
  const fault = machine.inject(faults.interruptedErase({ vm, operation: 'program', progress: 0.5 }));
  await machine.runUntil(machine.vm(vm).restarted(), { atMost: ms(5) });
  expect(fault.activation).toBe('fired');
});

test('flash forgets what it was told to erase', async () => {
  const machine = await boot(storing(erase(0)));
  machine.vm(vm).flash.write(0, Uint8Array.of(1, 2, 3));
  const fault = machine.inject(faults.silentWriteFailure({ vm, flash: true, times: 'always' }));
  await machine.runFor(ms(5));
  expect([...machine.vm(vm).flash.read(0, 4)]).toEqual([1, 2, 3, 0xff]);
  expect(fault.activation).toBe('fired');
});

test('reading flash disturbs a cell of the same block, after so many reads', async () => {
  const reads = Array.from({ length: 5 }, () => load(FLASH + 64));
  const machine = await boot(storing([readArray, load(FLASH + BLOCK), ...reads]));
  const fault = machine.inject(faults.readDisturb({ vm, flash: true, offset: 128, bits: [0, 9], nth: 5 }));
  const other = machine.inject(faults.readDisturb({ vm, flash: true, offset: 2 * BLOCK, bits: [0] }));
  await machine.runFor(ms(1));
  expect([...machine.vm(vm).flash.read(128, 2)]).toEqual([0xfe, 0xfd]);
  expect([fault.activation, other.activation]).toEqual(['fired', 'not-activated']);
});

test('what no request meets is not activated', async () => {
  const machine = await boot(disk);
  const injected = [
    faults.diskError({ vm, nth: 9 }),
    faults.tornWrite({ vm, bytes: 1, nth: 2 }),
    faults.silentWriteFailure({ vm, nth: 2 }),
    faults.silentWriteFailure({ vm, at: us(1), during: us(1) }),
    faults.silentWriteFailure({ vm, flash: true }),
    faults.readDisturb({ vm, offset: 0, bits: [1], nth: 2 }),
  ].map((plan) => machine.inject(plan));
  await machine.runFor(ms(10));
  expect(injected.map(({ activation }) => activation)).toEqual(injected.map(() => 'not-activated'));
  const waiting = await boot(storing([]));
  const fault = waiting.inject(faults.interruptedErase({ vm }));
  await waiting.runFor(ms(2));
  expect(fault.activation).toBe('not-activated');
});

test.each([
  [faults.interruptedErase({ vm }), /takes no time/],
  [faults.silentWriteFailure({ vm, disk: 0, flash: true }), /a disk and the flash/],
  [faults.readDisturb({ vm, offset: 1024, bits: [0] }), /not a whole number from 0 to 1023/],
  [faults.readDisturb({ vm, offset: 0, bits: [] }), /which bits/],
  [faults.tornWrite({ vm, bytes: -1 }), /not a whole number/],
])('%#: a mistake is told', async (plan, message) => {
  const machine = await boot(disk);
  expect(() => machine.inject(plan)).toThrow(message);
});

test('each is the same straight, from a snapshot and in a fork', async () => {
  await expectDeterminism({
    system: disk,
    plans: [
      faults.tornWrite({ vm, bytes: 100, times: 2 }),
      faults.readDisturb({ vm, offset: 5, bits: [0, 3], nth: 2 }),
      faults.silentWriteFailure({ vm, nth: 3 }),
    ],
    middle: us(60),
    lasts: ms(20),
  });
  await expectDeterminism({
    system: storing([load(FLASH), ...erase(0)]),
    plans: [
      faults.interruptedErase({ vm, progress: 0.7, times: 2 }),
      faults.silentWriteFailure({ vm, flash: true }),
      faults.readDisturb({ vm, flash: true, offset: 8, bits: [1] }),
    ],
    middle: us(300),
    lasts: ms(8),
  });
});
