import fc from 'fast-check';
import { Flash } from '../../../hypervisor/devices/flash/flash';
import { FlashContents } from '../../../hypervisor/devices/flash/contents';
import { bytesSource } from '../../../hypervisor/devices/media/media-source';
import { FLASH_BANK_SIZE, FLASH_BUFFER_SIZE, FLASH_COMMANDS } from '../../../platform/devices/cfi-flash';
import { FakeVm } from './fake-vm';

const BLOCK = 256 * 1024;
const READY = 0x0080_0080;
type Command = keyof typeof FLASH_COMMANDS;

function flash(contents: readonly number[] = [], times = { program: 0, erase: 0 }, seed = 1) {
  const vm = new FakeVm();
  const cells = new FlashContents([bytesSource(Uint8Array.from(contents))]);
  const device = new Flash(vm, { contents: cells, times, seed });
  const read = (offset: number) => device.load(offset, 4);
  const write = (offset: number, value: number) => device.store(offset, 4, value);
  /** To both chips at once. */
  const command = (name: Command, offset = 0) =>
    write(offset, FLASH_COMMANDS[name] | (FLASH_COMMANDS[name] << 16));
  return {
    vm,
    device,
    cells,
    read,
    write,
    command,
    program: (offset: number, value: number) => {
      command('program', offset);
      write(offset, value);
    },
    erase: (offset: number) => {
      command('erase', offset);
      command('confirm', offset);
    },
    status: () => {
      command('readStatus');
      const status = read(0);
      command('readArray');
      return status;
    },
  };
}

describe('The flash', () => {
  it('reads as what it was delivered with, erased beyond, at any width', () => {
    const { device, read } = flash([1, 2, 3, 4, 5, 6]);
    expect([read(0), read(4), read(8)]).toEqual([0x0403_0201, 0xffff_0605, 0xffff_ffff]);
    expect([device.load(2, 2), device.load(3, 1), device.load(5, 1)]).toEqual([0x0403, 4, 6]);
    expect(read(2 * FLASH_BANK_SIZE - 4)).toBe(0xffff_ffff);
  });

  it('programs ones to zeroes, and only an erasure brings ones back, in the whole block and nowhere else', () => {
    const { read, program, erase, command } = flash();
    program(8, 0x1234_5678);
    program(8, 0xff00_ff0f);
    program(BLOCK - 4, 0);
    program(BLOCK, 0);
    command('readArray');
    expect([read(8), read(12)]).toEqual([0x1200_5608, 0xffff_ffff]);
    erase(8);
    command('readArray');
    expect([read(8), read(BLOCK - 4), read(BLOCK)]).toEqual([0xffff_ffff, 0xffff_ffff, 0]);
  });

  it('shows its status after an operation until it is told otherwise, bank by bank', () => {
    const { read, program, command } = flash([7]);
    program(8, 0);
    expect(read(100)).toBe(READY);
    expect(read(FLASH_BANK_SIZE)).toBe(0xffff_ffff);
    command('readArray');
    expect(read(0)).toBe(0xffff_ff07);
  });

  it('answers a CFI query as two 28F128J3 with Intel’s commands', () => {
    const { read, command } = flash();
    command('readQuery', 0x55 * 4);
    const byte = (address: number) => read(address * 4) & 0xffff;
    expect(String.fromCharCode(byte(0x10), byte(0x11), byte(0x12))).toBe('QRY');
    expect(read(0x10 * 4)).toBe(0x0051_0051);
    expect([byte(0x13), byte(0x27), byte(0x2c)]).toEqual([1, 24, 1]);
    const blocks = (byte(0x2d) | (byte(0x2e) << 8)) + 1;
    const size = (byte(0x2f) | (byte(0x30) << 8)) * 256;
    expect([blocks, size, 2 * blocks * size]).toEqual([128, 128 * 1024, FLASH_BANK_SIZE]);
    expect(1 << byte(0x2a)).toBe(FLASH_BUFFER_SIZE);
    expect(String.fromCharCode(byte(0x31), byte(0x32), byte(0x33))).toBe('PRI');
    command('readArray');
    expect(read(0x10 * 4)).toBe(0xffff_ffff);
  });

  it('tells maker and model, and which blocks are locked, at every block', () => {
    const { read, command } = flash();
    command('changeLock', BLOCK);
    command('lock', BLOCK);
    command('readIdentity');
    expect([read(0), read(4), read(BLOCK)]).toEqual([0x0089_0089, 0x0018_0018, 0x0089_0089]);
    expect([read(8), read(BLOCK + 8)]).toEqual([0, 0x0001_0001]);
    command('changeLock', BLOCK);
    command('confirm', BLOCK);
    command('readIdentity');
    expect(read(BLOCK + 8)).toBe(0);
  });

  it('refuses to change a locked block, and says so until the status is cleared', () => {
    const { read, program, erase, command, status } = flash([0x5a]);
    command('changeLock');
    command('lock');
    program(0, 0);
    expect(status()).toBe(0x0092_0092);
    command('clearStatus');
    erase(0);
    expect(status()).toBe(0x00a2_00a2);
    command('clearStatus');
    expect([status(), read(0)]).toEqual([READY, 0xffff_ff5a]);
  });

  it('programs a buffer of words at its confirmation', () => {
    const { read, write, command } = flash();
    command('programBuffer', 0x40);
    expect(read(0)).toBe(READY);
    write(0x40, 0x0002_0002);
    for (const [at, value] of [
      [0x40, 1],
      [0x44, 2],
      [0x4c, 3],
    ] as const)
      write(at, value);
    command('confirm', 0x40);
    command('readArray');
    expect([read(0x40), read(0x44), read(0x48), read(0x4c)]).toEqual([1, 2, 0xffff_ffff, 3]);
  });

  it.each<readonly [string, (part: ReturnType<typeof flash>) => void]>([
    ['an erasure that is not confirmed', ({ command }) => (command('erase'), command('lock'))],
    [
      'a buffer that is not confirmed',
      ({ command, write }) => (command('programBuffer'), write(0, 0), write(0, 0), command('lock')),
    ],
    [
      'a buffer larger than the part’s',
      ({ command, write }) => (command('programBuffer'), write(0, 0x0800_0800)),
    ],
    [
      'a buffer that leaves its block',
      ({ command, write }) => (command('programBuffer'), write(0, 0), write(BLOCK, 0)),
    ],
  ])('reports %s as an error of the sequence, and changes nothing', (_, act) => {
    const part = flash([1, 2, 3, 4]);
    act(part);
    expect(part.read(0)).toBe(0x00b0_00b0);
    part.command('readArray');
    expect([part.read(0), part.read(BLOCK)]).toEqual([0x0403_0201, 0xffff_ffff]);
  });

  it('works as one 16-bit part too, for drivers that take it for that', () => {
    const { device, read } = flash();
    const store = (offset: number, value: number) => device.store(offset, 2, value);
    store(0xaa, FLASH_COMMANDS.readQuery);
    expect(device.load(0x40, 2)).toBe(0x51);
    store(0, FLASH_COMMANDS.programBuffer);
    expect(device.load(2, 2)).toBe(0x80);
    store(0, 3);
    [0x1111, 0x2222, 0x3333, 0x4444].forEach((value, index) => store(2 * index, value));
    store(0, FLASH_COMMANDS.confirm);
    store(0, FLASH_COMMANDS.program);
    store(10, 0x5555);
    store(0, FLASH_COMMANDS.readArray);
    expect([read(0), read(4), read(8)]).toEqual([0x2222_1111, 0x4444_3333, 0x5555_ffff]);
  });

  it('is busy for as long as its part takes, and then done at the very cycle', () => {
    const { vm, device, read, erase, command } = flash([0], { program: 0, erase: 1_000_000 });
    vm.now = 50;
    erase(0);
    expect([read(0), device.nextEventAt()]).toEqual([0, 100_050]);
    command('readArray');
    expect(read(0)).toBe(0);
    vm.now = 100_050;
    device.advance();
    expect([read(0), device.nextEventAt()]).toEqual([READY, Infinity]);
    command('readArray');
    expect(read(0)).toBe(0xffff_ffff);
  });

  it('keeps its contents over a start of the VM, but neither locks nor modes', () => {
    const { device, read, program, command, status } = flash();
    program(0, 42);
    command('changeLock');
    command('lock');
    command('readIdentity');
    device.reset();
    expect(read(0)).toBe(42);
    program(0, 0);
    expect(status()).toBe(READY);
  });

  it('interrupted in an erasure is left between what it was and erased, the same for the same seed', () => {
    const interruptAfter = (share: number, seed: number) => {
      const { vm, device, cells, write, command, erase } = flash([], { program: 0, erase: 1000 }, seed);
      command('programBuffer');
      write(0, 0x03ff_03ff);
      for (let at = 0; at < 4096; at += 4) write(at, 0x5a5a_5a5a);
      command('confirm');
      erase(0);
      vm.now = 100 * share;
      device.reset();
      return [...cells.read(0, 4096)];
    };
    const half = interruptAfter(0.5, 1);
    expect(half.every((byte) => (byte & 0x5a) === 0x5a)).toBe(true);
    const kinds = new Set(half);
    expect(kinds.has(0x5a) && kinds.has(0xff) && kinds.size > 4).toBe(true);
    expect(interruptAfter(0.5, 1)).toEqual(half);
    expect(interruptAfter(0.5, 2)).not.toEqual(half);
    const erased = (bytes: readonly number[]) => bytes.filter((byte) => byte === 0xff).length;
    expect(erased(interruptAfter(0.1, 1))).toBeLessThan(erased(half));
    expect(erased(interruptAfter(0.9, 1))).toBeGreaterThan(erased(half));
    expect(erased(interruptAfter(1, 1))).toBe(4096);
  });

  it('shares what has not changed with its snapshots, and erased blocks take no memory', () => {
    const { cells, program, erase } = flash();
    program(0, 0);
    program(BLOCK, 0);
    const before = cells.save();
    erase(0);
    const after = cells.save();
    expect(after.contents.at(-1)).toBe(before.contents.at(-1));
    expect(new Set(after.contents.slice(0, -1)).size).toBe(1);
    cells.restore(before);
    expect([...cells.read(0, 5)]).toEqual([0, 0, 0, 0, 0xff]);
  });

  it('never gains a one but by an erasure, whatever a driver does', () => {
    const code = fc.constantFrom(
      ...Object.values(FLASH_COMMANDS).filter((one) => one !== FLASH_COMMANDS.erase),
    );
    const store = fc.record({
      offset: fc.nat(15).map((word) => word * 4),
      value: fc.oneof(
        code,
        code.map((one) => one | (one << 16)),
        fc.integer(),
      ),
    });
    fc.assert(
      fc.property(fc.array(store, { maxLength: 60 }), (stores) => {
        const { cells, write } = flash([0x0f, 0xf0, 0xaa, 0x55]);
        let before = cells.read(0, 64);
        for (const { offset, value } of stores) {
          if ((value & 0xff) === FLASH_COMMANDS.erase || ((value >>> 16) & 0xff) === FLASH_COMMANDS.erase)
            continue;
          write(offset, value);
          const after = cells.read(0, 64);
          expect(after.every((byte, at) => (byte & ~before[at]!) === 0)).toBe(true);
          before = after;
        }
      }),
    );
  });
});
