import { Board } from '../../../hypervisor/devices/board';
import { Console } from '../../../hypervisor/devices/console';
import { FlashContents } from '../../../hypervisor/devices/flash/contents';
import { ACCESS_FAULT, type Device } from '../../../hypervisor/devices/device';
import { DEVICES } from '../../../platform/devices';
import { MEMORY_MAP } from '../../../platform/memory-map';
import type { Profile } from '../../../platform/system';
import { FakeVm } from './fake-vm';
import { FakeRam } from './virtio/fake-ram';

function board(profile: Profile = 'machine') {
  const vm = new FakeVm();
  const console = new Console({ capacity: 1024, onLine: () => {} });
  const device = new Board({
    context: vm,
    profile,
    bootRom: Uint8Array.of(1, 2, 3, 4),
    console,
    epoch: 0,
    memory: new Uint8Array(0),
    shared: [],
    flash: { contents: new FlashContents(), times: { program: 0, erase: 0 }, seed: 1 },
    dma: new FakeRam(),
    virtio: [],
    onViolation: () => {},
  });
  return { vm, console, board: device };
}

/** Stores that leave every device with something to do. */
function provoke(device: Board): void {
  device.store(MEMORY_MAP.watchdog.base, 4, 1000);
  device.store(MEMORY_MAP.clint.base + 0x4000, 4, 500);
  device.store(MEMORY_MAP.clint.base + 0x4004, 4, 0);
  device.store(MEMORY_MAP.testFinisher.base, 4, 0x7777);
  device.store(MEMORY_MAP.hypercallDoorbell.base, 4, 0);
  device.store(MEMORY_MAP.uart.base + 7, 1, 0x42);
  device.store(MEMORY_MAP.flash.base, 4, 0x0040_0040);
  device.store(MEMORY_MAP.flash.base, 4, 0x1234_5678);
  device.store(MEMORY_MAP.realTimeClock.base + 0x10, 4, 1);
  device.store(MEMORY_MAP.plic.base + 40, 4, 1);
}

describe('The board of a VM', () => {
  it.each(DEVICES)('has the $layout.name where the memory map says', ({ layout, region }) => {
    const { board: device } = board();
    for (const { offset, access, size } of Object.values(layout.registers)) {
      const address = MEMORY_MAP[region].base + offset;
      const width = size === 8 ? 4 : size;
      if (access !== 'write') expect(device.load(address, width)).not.toBe(ACCESS_FAULT);
      if (access !== 'read') expect(device.store(address, width, 0)).toBe(true);
    }
  });

  it.each(Object.entries(MEMORY_MAP).filter(([, { status }]) => status === 'reserved'))(
    'faults at both ends of %s, which the platform does not have yet',
    (_, { base, size }) => {
      const { board: device } = board();
      for (const address of [base, base + size - 4]) {
        expect(device.load(address, 4)).toBe(ACCESS_FAULT);
        expect(device.store(address, 4, 0)).toBe(false);
      }
    },
  );

  it('keeps CLINT and boot ROM from a supervisor, whose devicetree shows neither', () => {
    const { board: device } = board('supervisor');
    expect(device.load(MEMORY_MAP.bootRom.base, 4)).toBe(ACCESS_FAULT);
    expect(board('machine').board.load(MEMORY_MAP.bootRom.base, 4)).toBe(0x0403_0201);
    expect(device.load(MEMORY_MAP.clint.base, 4)).toBe(ACCESS_FAULT);
    expect(device.store(MEMORY_MAP.clint.base, 4, 1)).toBe(false);
  });

  it('is memory to fetches where the boot ROM and the flash are, and nowhere else', () => {
    const { board: device } = board();
    const { bootRom, flash, uart } = MEMORY_MAP;
    expect([device.fetch(bootRom.base), device.fetch(bootRom.base + 2)]).toEqual([0x0201, 0x0403]);
    expect(device.fetch(flash.base + flash.size - 2)).toBe(0xffff);
    for (const address of [flash.base + flash.size, flash.base - 2, uart.base, 0]) {
      expect(device.fetch(address)).toBe(ACCESS_FAULT);
    }
    expect(board('supervisor').board.fetch(bootRom.base)).toBe(ACCESS_FAULT);
  });

  it('names the earliest event of all devices, and goes on to the next', () => {
    const bench = board();
    provoke(bench.board);
    expect(bench.board.nextEventAt()).toBe(5_000);
    bench.vm.now = 5_000;
    bench.board.advance(5_000);
    expect(bench.vm.raisedLines).toEqual(['mtip']);
    expect(bench.board.nextEventAt()).toBe(100_000);
  });

  it('asks every device for its events but those that never have any', () => {
    const { board: device } = board();
    const unasked = Object.entries(device).flatMap(([name, part]: [string, Partial<Device>]) => {
      if (part.nextEventAt === undefined) return [];
      const answer = jest.spyOn(part as Device, 'nextEventAt').mockReturnValue(7);
      const isAsked = device.nextEventAt() === 7;
      answer.mockRestore();
      return isAsked ? [] : [name];
    });
    expect(unasked.sort()).toEqual(['bootRom', 'doorbell', 'finisher', 'plic']);
  });

  it('saves and restores every device', () => {
    const [original, copy] = [board(), board()];
    provoke(original.board);
    copy.board.restore(structuredClone(original.board.save()));
    expect(copy.board.save()).toEqual(original.board.save());
    const names = [...DEVICES.map(({ layout }) => layout.name), 'flash-contents', 'interrupt-lines'];
    expect(Object.keys(copy.board.save()).sort()).toEqual(names.sort());
  });

  it('is as new after a reset, but for what is stored for good', () => {
    const { board: device } = board();
    provoke(device);
    const contents = device.save()['flash-contents'];
    device.reset();
    expect(device.save()).toEqual({ ...board().board.save(), 'flash-contents': contents });
    expect(device.load(MEMORY_MAP.flash.base, 4)).toBe(0x1234_5678);
  });
});
