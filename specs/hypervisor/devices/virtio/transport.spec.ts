import { VIRTIO_SLOT_SIZE } from '../../../../platform/devices/virtio-mmio';
import { VIRTIO_FEATURES, VIRTIO_STATUS } from '../../../../platform/virtio/transport';
import { ACCESS_FAULT } from '../../../../hypervisor/devices/device';
import { benchWith, disk, entropy } from './bench';

describe('A virtio slot', () => {
  it('says what it is, and nothing more when it is empty', () => {
    const bench = benchWith(disk());
    const [full, empty] = [bench.driver(0), bench.driver(1)];
    for (const driver of [full, empty]) {
      expect([driver.read('magic'), driver.read('version'), driver.read('vendor')]).toEqual([
        0x7472_6976, 2, 0x554d_4551,
      ]);
    }
    expect([full.read('deviceNumber'), empty.read('deviceNumber')]).toEqual([2, 0]);
    expect([empty.read('status'), empty.read('queueSizeMax'), empty.read('deviceFeatures')]).toEqual([
      0, 0, 0,
    ]);
    empty.write('status', 1);
    expect(empty.read('status')).toBe(0);
    expect(bench.slots.load(8 * VIRTIO_SLOT_SIZE, 4)).toBe(ACCESS_FAULT);
  });

  it('agrees to features that it offers, to no others, and to no change after that', () => {
    const driver = benchWith(entropy()).driver();
    const { version1, eventIndex, indirectDescriptors } = VIRTIO_FEATURES;
    expect([version1, eventIndex, indirectDescriptors].map((bit) => driver.offers(bit))).toEqual([
      true,
      true,
      true,
    ]);
    expect(driver.negotiate([5])).toBe(false);
    expect(driver.negotiate([eventIndex])).toBe(true);
    driver.write('driverFeaturesSelect', 0);
    driver.write('driverFeatures', 0xffff_ffff);
    driver.ready();
    expect(driver.needsReset).toBe(false);
  });

  it('refuses a driver that goes on with features that it was refused', () => {
    const bench = benchWith(entropy());
    const driver = bench.driver();
    driver.negotiate([5]);
    driver.ready();
    expect(driver.needsReset).toBe(true);
    expect(driver.read('status') & VIRTIO_STATUS.driverOk).toBe(0);
  });

  it('works with a driver that takes no feature at all, as old ones do', () => {
    const bench = benchWith(entropy());
    const driver = bench.driver();
    driver.write('status', 1);
    driver.write('status', 3);
    driver.write('status', 11);
    expect(driver.read('status')).toBe(11);
    const queue = driver.queue(0);
    driver.ready();
    queue.send({ room: 4 });
    bench.pass(100);
    expect(queue.collect()).toEqual([{ head: 0, written: 4 }]);
  });

  it('takes status bits, never gives one back, and starts anew after a store of 0', () => {
    const driver = benchWith(entropy()).driver();
    driver.start(1);
    driver.write('status', VIRTIO_STATUS.acknowledge);
    expect(driver.read('status')).toBe(15);
    driver.write('queueSelect', 0);
    expect(driver.read('queueReady')).toBe(1);
    driver.write('status', 0);
    expect([driver.read('status'), driver.read('queueReady')]).toEqual([0, 0]);
  });

  it('does nothing for a driver that has failed', () => {
    const bench = benchWith(entropy());
    const driver = bench.driver();
    const [queue] = driver.start(1);
    driver.write('status', VIRTIO_STATUS.failed);
    queue!.send({ room: 4 });
    bench.pass(1000);
    expect(queue!.usedIndex).toBe(0);
  });

  it('has its queues and no others', () => {
    const driver = benchWith(entropy()).driver();
    driver.write('queueSelect', 0);
    expect(driver.read('queueSizeMax')).toBe(1024);
    driver.write('queueSelect', 1);
    expect(driver.read('queueSizeMax')).toBe(0);
    driver.write('queueReady', 1);
    expect([driver.read('queueReady'), driver.needsReset]).toEqual([0, false]);
    driver.write('queueNotify', 77);
    expect(driver.needsReset).toBe(false);
  });

  it('serves what was made available before it was told that the driver is ready', () => {
    const bench = benchWith(entropy());
    const driver = bench.driver();
    driver.negotiate();
    const queue = driver.queue(0);
    queue.send({ room: 8 });
    bench.pass(1000);
    expect(queue.usedIndex).toBe(0);
    driver.ready();
    bench.pass(1000);
    expect(queue.usedIndex).toBe(1);
  });

  it('holds its interrupt line until the driver has acknowledged', () => {
    const bench = benchWith(entropy());
    const driver = bench.driver();
    const [queue] = driver.start(1);
    queue!.send({ room: 8 });
    expect(bench.vm.raisedLines).toEqual([]);
    bench.pass(100);
    expect(bench.vm.raisedLines).toEqual(['source 0']);
    expect(driver.read('interruptStatus')).toBe(1);
    driver.write('interruptAcknowledge', 2);
    expect(bench.vm.raisedLines).toEqual(['source 0']);
    driver.write('interruptAcknowledge', 1);
    expect([bench.vm.raisedLines, driver.read('interruptStatus')]).toEqual([[], 0]);
  });

  it('does not interrupt a driver that polls', () => {
    const bench = benchWith(entropy());
    const [queue] = bench.driver().start(1);
    bench.ram.store16(queue!.available, 1);
    queue!.send({ room: 8 });
    bench.pass(100);
    expect([queue!.usedIndex, bench.vm.raisedLines]).toEqual([1, []]);
  });

  it('interrupts and asks for notifications by the event index where that was agreed on', () => {
    const bench = benchWith(entropy());
    const driver = bench.driver();
    const [queue] = driver.start(1, [VIRTIO_FEATURES.eventIndex]);
    const usedEvent = queue!.available + 4 + 2 * queue!.size;
    const availableEvent = queue!.used + 4 + 8 * queue!.size;
    bench.ram.store16(usedEvent, 1);
    queue!.send({ room: 8 });
    bench.pass(100);
    expect([queue!.usedIndex, bench.vm.raisedLines, bench.ram.load16(availableEvent)]).toEqual([1, [], 1]);
    queue!.send({ room: 8 });
    bench.pass(100);
    expect([queue!.usedIndex, bench.vm.raisedLines, bench.ram.load16(availableEvent)]).toEqual([
      2,
      ['source 0'],
      2,
    ]);
  });

  it('forgets what was under way when its queue is taken away', () => {
    const bench = benchWith(disk());
    const driver = bench.driver();
    const [queue] = driver.start(1);
    queue!.send(new Uint8Array(16), { room: 513 });
    driver.write('queueSelect', 0);
    driver.write('queueReady', 0);
    expect(bench.slots.nextEventAt()).toBe(Infinity);
    bench.pass(10_000);
    expect(queue!.usedIndex).toBe(0);
  });

  it('answers its registers by words and its configuration space by any width', () => {
    const bench = benchWith(disk());
    expect(bench.slots.load(0, 2)).toBe(ACCESS_FAULT);
    expect(bench.slots.load(0x50, 4)).toBe(ACCESS_FAULT);
    expect(bench.slots.store(0, 4, 0)).toBe(false);
    const driver = bench.driver();
    expect([driver.configuration(0, 4), driver.configuration(0, 2), driver.configuration(0, 1)]).toEqual([
      64, 64, 64,
    ]);
    expect(driver.configuration(0x100, 4)).toBe(ACCESS_FAULT);
  });
});
