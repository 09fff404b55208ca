import fc from 'fast-check';
import { Clint } from '../../../hypervisor/devices/clint/clint';
import { CLINT } from '../../../platform/devices/clint';
import { FakeVm } from './fake-vm';

const { msip, mtimecmp, mtime } = CLINT.registers;
const TOP = 2n ** 64n;

function clint(frequency?: number, harts?: number) {
  const vm = new FakeVm(frequency, harts);
  const device = new Clint(vm);
  const half = (value: bigint, high: boolean): number =>
    Number(BigInt.asUintN(32, high ? value >> 32n : value));
  return {
    vm,
    device,
    read: (register: { offset: number }) =>
      BigInt(device.load(register.offset, 4)) | (BigInt(device.load(register.offset + 4, 4)) << 32n),
    write: (register: { offset: number }, value: bigint) => {
      device.store(register.offset, 4, half(value, false));
      device.store(register.offset + 4, 4, half(value, true));
    },
  };
}

describe('The CLINT', () => {
  it('counts the 10 MHz timebase', () => {
    const { vm, read } = clint();
    expect(read(mtime)).toBe(0n);
    vm.now = 100_000_000 * 3600 + 19;
    expect(read(mtime)).toBe(36_000_000_001n);
  });

  it('raises the timer interrupt at the very first cycle at which mtime has reached mtimecmp', () => {
    const { vm, device, write } = clint();
    vm.now = 7;
    write(mtimecmp, 1000n);
    expect(device.nextEventAt()).toBe(10_000);
    vm.now = 9_999;
    device.advance();
    expect(vm.raisedLines).toEqual([]);
    vm.now = 10_000;
    device.advance();
    expect(vm.raisedLines).toEqual(['mtip']);
    expect(device.nextEventAt()).toBeGreaterThan(1e18);
    write(mtimecmp, 2000n);
    expect(vm.raisedLines).toEqual([]);
  });

  it('names that cycle for clocks that the timebase does not divide', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 32_768, 3_000_000, 16_000_000, 72_000_000, 1_200_000_000),
        fc.nat(1_000_000),
        fc.integer({ min: 1, max: 1_000_000 }),
        (frequency, now, wait) => {
          const { vm, device, read, write } = clint(frequency);
          vm.now = now;
          const deadline = read(mtime) + BigInt(wait);
          write(mtimecmp, deadline);
          const at = device.nextEventAt();
          vm.now = at - 1;
          expect(read(mtime)).toBeLessThan(deadline);
          vm.now = at;
          expect(read(mtime)).toBeGreaterThanOrEqual(deadline);
        },
      ),
    );
  });

  it('asks for a stop when its next event comes nearer, and not when it goes away', () => {
    const { vm, device } = clint();
    device.store(mtimecmp.offset + 4, 4, 0);
    const stops = vm.stopsRequested;
    device.store(mtimecmp.offset, 4, 5000);
    expect(vm.stopsRequested).toBe(stops + 1);
    device.store(mtimecmp.offset, 4, 6000);
    expect(vm.stopsRequested).toBe(stops + 1);
  });

  it('drives the software interrupt by bit 0 of msip alone', () => {
    const { vm, device } = clint();
    device.store(msip.offset, 4, -1);
    expect([vm.raisedLines, vm.stopsRequested, device.load(msip.offset, 4)]).toEqual([['msip'], 1, 1]);
    device.store(msip.offset, 4, -2);
    expect([vm.raisedLines, vm.stopsRequested, device.load(msip.offset, 4)]).toEqual([[], 1, 0]);
  });

  it('computes as 64-bit registers do, wherever mtime is set to', () => {
    const time = fc.oneof(fc.bigInt(0n, TOP - 1n), fc.bigInt(TOP - 100n, TOP - 1n), fc.bigInt(0n, 100n));
    fc.assert(
      fc.property(time, time, fc.nat(2000), fc.nat(2 ** 40), (start, compare, pass, now) => {
        const { vm, device, read, write } = clint();
        vm.now = now * 10;
        write(mtime, start);
        expect(read(mtime)).toBe(start);
        write(mtimecmp, compare);
        expect(vm.raisedLines).toEqual(start >= compare ? ['mtip'] : []);

        const end = vm.now + pass * 10;
        let events = 0;
        for (let at = device.nextEventAt(); at <= end; at = device.nextEventAt()) {
          vm.now = at;
          device.advance();
          events++;
        }
        vm.now = end;
        const later = (start + BigInt(pass)) % TOP;
        expect(read(mtime)).toBe(later);
        expect(vm.raisedLines).toEqual(later >= compare ? ['mtip'] : []);
        expect(events).toBeLessThanOrEqual(2);
      }),
      { numRuns: 1000 },
    );
  });

  it('interrupts each hart by its own registers, at its own time', () => {
    const { vm, device, write } = clint(undefined, 3);
    write({ offset: mtimecmp.offset + 8 }, 1000n);
    write({ offset: mtimecmp.offset + 16 }, 500n);
    device.store(msip.offset + 8, 4, 1);
    expect(vm.raisedLines).toEqual(['2 msip']);
    expect(device.nextEventAt()).toBe(5_000);
    vm.now = 5_000;
    device.advance();
    expect(vm.raisedLines).toEqual(['2 msip', '2 mtip']);
    expect(device.nextEventAt()).toBe(10_000);
    vm.now = 10_000;
    device.advance();
    write({ offset: mtimecmp.offset + 16 }, 2000n);
    expect(vm.raisedLines).toEqual(['1 mtip', '2 msip']);
    expect(device.load(msip.offset + 12, 4)).toBe(-1);
    expect(device.load(mtimecmp.offset + 24, 4)).toBe(-1);
  });

  it('has the registers of one hart, four bytes wide', () => {
    const { device } = clint();
    expect(device.load(msip.offset + 4, 4)).toBe(-1);
    expect(device.store(mtimecmp.offset + 8, 4, 0)).toBe(false);
    expect(device.load(mtime.offset, 2)).toBe(-1);
  });
});
