import { GoldfishRtc } from '../../../hypervisor/devices/goldfish-rtc/goldfish-rtc';
import { GOLDFISH_RTC } from '../../../platform/devices/goldfish-rtc';
import { FakeVm } from './fake-vm';

const R = GOLDFISH_RTC.registers;
type RegisterName = keyof typeof R;
const SECOND = 1_000_000_000n;
/** 2033-05-18T03:33:20Z */
const EPOCH = 2_000_000_000;

function rtc(frequency = 100_000_000) {
  const vm = new FakeVm(frequency);
  const device = new GoldfishRtc(vm, { epoch: EPOCH, setInterrupt: (level) => vm.setInterrupt(level) });
  const read = (register: RegisterName) => device.load(R[register].offset, 4);
  const write = (register: RegisterName, value: number) => device.store(R[register].offset, 4, value);
  const set = (what: 'time' | 'alarm', value: bigint) => {
    write(`${what}High`, Number(value >> 32n));
    write(`${what}Low`, Number(BigInt.asUintN(32, value)));
  };
  /** In the order that drivers use: the low half keeps the high one. */
  const time = () => BigInt(read('timeLow')) | (BigInt(read('timeHigh')) << 32n);
  return { vm, device, read, write, set, time };
}

describe('The real-time clock', () => {
  it('shows the epoch plus virtual time, in nanoseconds', () => {
    const { vm, time } = rtc();
    expect(time()).toBe(BigInt(EPOCH) * SECOND);
    vm.now = 123;
    expect(time()).toBe(BigInt(EPOCH) * SECOND + 1230n);
  });

  it('reads both halves of one moment, also across a carry', () => {
    const { vm, read, set } = rtc();
    set('time', (7n << 32n) - 10n);
    expect(read('timeLow')).toBe(0xffff_fff6);
    vm.now = 1;
    expect(read('timeHigh')).toBe(6);
    expect([read('timeLow'), read('timeHigh')]).toEqual([0, 7]);
  });

  it('goes on from what the guest sets it to, until the next start', () => {
    const { vm, device, set, time } = rtc();
    set('time', 5n * SECOND);
    vm.now = 100;
    expect(time()).toBe(5n * SECOND + 1000n);
    device.reset();
    expect(time()).toBe(BigInt(EPOCH) * SECOND + 1000n);
  });

  it('interrupts at the first cycle of its alarm, while it is allowed to, until the driver clears it', () => {
    const { vm, device, read, write, set } = rtc(3_000_000);
    set('alarm', BigInt(EPOCH) * SECOND + 1000n);
    write('interruptEnable', 1);
    expect(read('alarmStatus')).toBe(1);
    expect(device.nextEventAt()).toBe(3);
    vm.now = 2;
    device.advance();
    expect([vm.raisedLines, read('alarmStatus')]).toEqual([[], 1]);
    vm.now = 3;
    device.advance();
    expect([vm.raisedLines, read('alarmStatus')]).toEqual([['interrupt'], 0]);
    expect(device.nextEventAt()).toBe(Infinity);
    write('interruptEnable', 0);
    expect(vm.raisedLines).toEqual([]);
    write('interruptEnable', 1);
    write('clearInterrupt', 1);
    expect(vm.raisedLines).toEqual([]);
  });

  it('interrupts at once for an alarm in the past, and not for one called off', () => {
    const { vm, device, write, set } = rtc();
    write('interruptEnable', 1);
    set('alarm', BigInt(EPOCH) * SECOND + 1000n);
    write('clearAlarm', 1);
    expect(device.nextEventAt()).toBe(Infinity);
    set('alarm', 1n);
    expect(vm.raisedLines).toEqual(['interrupt']);
  });

  it('keeps the alarm to the time shown when that is set', () => {
    const { vm, device, write, set } = rtc();
    write('interruptEnable', 1);
    set('alarm', BigInt(EPOCH) * SECOND + 60n * SECOND);
    set('time', BigInt(EPOCH) * SECOND + 59n * SECOND);
    expect(device.nextEventAt()).toBe(100_000_000);
    set('time', BigInt(EPOCH) * SECOND + 61n * SECOND);
    expect(vm.raisedLines).toEqual(['interrupt']);
  });

  it('asks for a stop when its alarm comes nearer', () => {
    const { vm, set } = rtc();
    set('alarm', BigInt(EPOCH) * SECOND + 60n * SECOND);
    const stops = vm.stopsRequested;
    set('alarm', BigInt(EPOCH) * SECOND + 90n * SECOND);
    expect(vm.stopsRequested).toBe(stops);
    set('alarm', BigInt(EPOCH) * SECOND + 30n * SECOND);
    expect(vm.stopsRequested).toBe(stops + 1);
  });

  it('has four-byte registers, some for stores alone', () => {
    const { device } = rtc();
    expect(device.load(R.timeLow.offset, 2)).toBe(-1);
    expect(device.load(R.clearAlarm.offset, 4)).toBe(-1);
    expect(device.store(R.alarmStatus.offset, 4, 0)).toBe(false);
    expect(device.store(0x20, 4, 0)).toBe(false);
  });
});
