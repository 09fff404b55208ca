import { HypercallDoorbell } from '../../../hypervisor/devices/hypercall-doorbell/hypercall-doorbell';
import { TestFinisher } from '../../../hypervisor/devices/test-finisher/test-finisher';
import { Watchdog } from '../../../hypervisor/devices/watchdog/watchdog';
import { WATCHDOG } from '../../../platform/devices/watchdog';
import { FakeVm } from './fake-vm';

describe('The test finisher', () => {
  it.each([
    [0x5555, { is: 'power-off' }],
    [0x3333 | (42 << 16), { is: 'fail', code: 42 }],
    [0xffff_3333 | 0, { is: 'fail', code: 0xffff }],
    [0x7777, { is: 'reboot' }],
  ])('turns a store of %i into one decision', (value, decision) => {
    const vm = new FakeVm();
    const device = new TestFinisher(vm);
    expect(device.store(0, 4, value)).toBe(true);
    expect(vm.stopsRequested).toBe(1);
    expect(device.takeDecision()).toEqual(decision);
    expect(device.takeDecision()).toBeNull();
  });

  it('does nothing at other values', () => {
    const vm = new FakeVm();
    const device = new TestFinisher(vm);
    expect(device.store(0, 4, 0x1234)).toBe(true);
    expect([device.takeDecision(), vm.stopsRequested]).toEqual([null, 0]);
  });
});

describe('The hypercall doorbell', () => {
  it('stops the hart for one hypercall a store', () => {
    const vm = new FakeVm();
    const device = new HypercallDoorbell(vm);
    expect(device.takeHypercall()).toBe(false);
    device.store(0, 4);
    expect(vm.stopsRequested).toBe(1);
    expect([device.takeHypercall(), device.takeHypercall()]).toEqual([true, false]);
  });
});

describe('The watchdog', () => {
  const { timeout, feed, remaining } = WATCHDOG.registers;
  const armed = () => {
    const vm = new FakeVm();
    const device = new Watchdog(vm);
    vm.now = 500;
    device.store(timeout.offset, 4, 1000);
    return { vm, device };
  };

  it('expires at the very cycle, once', () => {
    const { vm, device } = armed();
    expect(device.nextEventAt()).toBe(100_500);
    device.advance(100_499);
    expect(device.takeExpiry()).toBe(false);
    vm.now = 100_500;
    device.advance(100_500);
    expect([device.takeExpiry(), device.takeExpiry(), device.nextEventAt()]).toEqual([true, false, Infinity]);
  });

  it('does not expire while it is fed', () => {
    const { vm, device } = armed();
    for (let turn = 0; turn < 10; turn++) {
      vm.now += 90_000;
      device.advance(vm.now);
      device.store(feed.offset, 4, 0);
    }
    expect([device.takeExpiry(), device.nextEventAt()]).toEqual([false, vm.now + 100_000]);
  });

  it('cannot be fed after its time', () => {
    const { vm, device } = armed();
    vm.now = 100_501;
    device.store(feed.offset, 4, 0);
    expect(device.takeExpiry()).toBe(true);
  });

  it('tells the time that remains, and is disarmed by a timeout of 0', () => {
    const { vm, device } = armed();
    vm.now += 1;
    expect([device.load(timeout.offset, 4), device.load(remaining.offset, 4)]).toEqual([1000, 1000]);
    vm.now += 99;
    expect(device.load(remaining.offset, 4)).toBe(999);
    device.store(timeout.offset, 4, 0);
    expect([device.nextEventAt(), device.load(remaining.offset, 4)]).toEqual([Infinity, 0]);
  });

  it('gives a VM that returns to its snapshot the time it had left then', () => {
    const { vm, device } = armed();
    vm.now += 40_000;
    const state = device.save();
    vm.now += 1_000_000;
    device.restore(state);
    expect(device.nextEventAt()).toBe(vm.now + 60_000);
  });
});
