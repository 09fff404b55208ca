import { Media } from '../../../../hypervisor/devices/media/media';
import { bytesSource } from '../../../../hypervisor/devices/media/media-source';
import {
  BLOCK_FEATURES,
  BLOCK_REQUESTS,
  BLOCK_STATUS,
  BlockConfiguration,
  BlockRange,
  BlockRequest,
  SECTOR_SIZE,
} from '../../../../platform/virtio/block';
import { VIRTIO_FEATURES } from '../../../../platform/virtio/transport';
import { benchWith, disk, patterned, type DiskOptions } from './bench';
import { lengthOfPart, type Part, type Queue } from './driver';

const header = (type: keyof typeof BLOCK_REQUESTS, sector: number | bigint = 0): Uint8Array =>
  BlockRequest.encode({ type: BLOCK_REQUESTS[type], reserved: 0, sector: BigInt(sector) });

/** A disk with its driver running, and requests that wait for their answer. */
function running(options: DiskOptions = {}) {
  const bench = benchWith(disk(options));
  const driver = bench.driver();
  const [queue] = driver.start(1) as [Queue];
  const request = (...parts: readonly Part[]): { status: number; parts: readonly Uint8Array[] } => {
    const all: readonly Part[] = [...parts, { room: 1 }];
    const addresses = queue.send(...all);
    bench.pass(1_000_000);
    expect(queue.collect()).toHaveLength(1);
    const content = addresses.map((address, index) => driver.bytes(address, lengthOfPart(all[index]!)));
    return { status: content.at(-1)![0]!, parts: content };
  };
  return { bench, driver, queue, request };
}

describe('A virtio disk', () => {
  it('reads sectors, however the driver cuts the request into buffers', () => {
    const { request } = running();
    const { status, parts } = request(
      header('read', 3).subarray(0, 5),
      header('read', 3).subarray(5),
      { room: 100 },
      { room: 924 },
    );
    expect(status).toBe(BLOCK_STATUS.ok);
    expect(Buffer.concat([parts[2]!, parts[3]!])).toEqual(
      Buffer.from(patterned(64 * 512).subarray(1536, 2560)),
    );
  });

  it('writes sectors, and keeps them through a reset of the driver’s and of the VM’s', () => {
    const { bench, request } = running();
    const content = new Uint8Array(1024).fill(0xa5);
    expect(request(header('write', 1), content).status).toBe(BLOCK_STATUS.ok);
    bench.slots.reset();
    const driver = bench.driver();
    const [queue] = driver.start(1) as [Queue];
    const [, data] = queue.send(header('read', 0), { room: 2048 }, { room: 1 });
    bench.pass(1_000_000);
    const all = driver.bytes(data!, 2048);
    expect(all.subarray(0, 512)).toEqual(patterned(512));
    expect(all.subarray(512, 1536)).toEqual(content);
  });

  it('takes the time that the cost model says, one request after the other', () => {
    const { bench, queue } = running({ costs: { blockRequest: 1000, blockPerByte: 0.5 } });
    queue.send(header('read'), { room: 512 }, { room: 1 });
    queue.send(header('flush'), { room: 1 });
    expect(bench.slots.nextEventAt()).toBe(1000 + Math.ceil((16 + 513) / 2));
    bench.pass(1264);
    expect(queue.usedIndex).toBe(0);
    bench.pass(1);
    expect(queue.usedIndex).toBe(1);
    expect(bench.slots.nextEventAt()).toBe(1265 + 1009);
    bench.pass(1009);
    expect(queue.usedIndex).toBe(2);
  });

  it('tells its size, block size and limits', () => {
    const { driver } = running();
    const space = Uint8Array.from({ length: BlockConfiguration.size }, (_, at) =>
      driver.configuration(at, 1),
    );
    expect(BlockConfiguration.decode(space)).toMatchObject({
      capacity: 64n,
      segmentsMax: 126,
      blockSize: 512,
      discardRangesMax: 1,
    });
    expect([BLOCK_FEATURES.flush, BLOCK_FEATURES.readOnly].map((bit) => driver.offers(bit))).toEqual([
      true,
      false,
    ]);
  });

  it('tells its serial number', () => {
    const { request } = running({ serial: 'twenty-characters-ok' });
    const { status, parts } = request(header('getId'), { room: 20 });
    expect([status, Buffer.from(parts[1]!).toString()]).toEqual([BLOCK_STATUS.ok, 'twenty-characters-ok']);
  });

  it.each(['discard', 'writeZeroes'] as const)('sets sectors to zero by %s', (type) => {
    const { request } = running();
    expect(request(header(type), BlockRange.encode({ sector: 2n, sectors: 9, flags: 0 })).status).toBe(0);
    const { parts } = request(header('read', 0), { room: 16 * 512 });
    const expected = patterned(16 * 512);
    expected.fill(0, 1024, 1024 + 9 * 512);
    expect(parts[1]).toEqual(expected);
  });

  it('fails a request that it cannot do, and goes on', () => {
    const { request, driver } = running();
    const over = 2n ** 64n - 1n;
    const zeroes = (sector: bigint, sectors: number) => BlockRange.encode({ sector, sectors, flags: 0 });
    const requests: readonly (readonly Part[])[] = [
      [header('read', 64), { room: 512 }],
      [header('read', 63), { room: 1024 }],
      [header('read', over), { room: 512 }],
      [header('read', 0), { room: 511 }],
      [header('write', 64), new Uint8Array(512)],
      [header('write', 0), new Uint8Array(513)],
      [header('discard'), zeroes(60n, 5)],
      [header('discard'), zeroes(over, 1)],
      [header('writeZeroes'), zeroes(0n, 0xffff_ffff)],
      [header('writeZeroes'), new Uint8Array(15)],
    ];
    for (const parts of requests) expect(request(...parts).status).toBe(BLOCK_STATUS.error);
    const unknown = BlockRequest.encode({ type: 99, reserved: 0, sector: 0n });
    expect(request(unknown).status).toBe(BLOCK_STATUS.unsupported);
    expect(request(header('read'), { room: 512 }).status).toBe(BLOCK_STATUS.ok);
    expect(driver.needsReset).toBe(false);
  });

  it('refuses to change what is read-only', () => {
    const { request, driver } = running({ readOnly: true });
    expect(driver.offers(BLOCK_FEATURES.readOnly)).toBe(true);
    expect(driver.offers(BLOCK_FEATURES.discard)).toBe(false);
    expect(request(header('write'), new Uint8Array(512)).status).toBe(BLOCK_STATUS.error);
    expect(request(header('discard'), BlockRange.encode({ sector: 0n, sectors: 1, flags: 0 })).status).toBe(
      1,
    );
    expect(request(header('read'), { room: 512 }).parts[1]).toEqual(patterned(512));
  });

  it('reads and writes by indirect descriptors', () => {
    const bench = benchWith(disk());
    const driver = bench.driver();
    const [queue] = driver.start(1, [VIRTIO_FEATURES.indirectDescriptors]) as [Queue];
    const table = driver.place({ room: 48 });
    const [head, data, status] = [
      driver.place(header('read', 5)),
      driver.place({ room: 512 }),
      driver.place({ room: 1 }),
    ];
    queue.describe(0, head, 16, 1, 1, table);
    queue.describe(1, data, 512, 3, 2, table);
    queue.describe(2, status, 1, 2, 0, table);
    queue.describe(7, table, 48, 4);
    queue.offer(7);
    queue.notify();
    bench.pass(10_000);
    expect(queue.collect()).toEqual([{ head: 7, written: 513 }]);
    expect(driver.bytes(data, 512)).toEqual(patterned(64 * 512).subarray(5 * 512, 6 * 512));
  });

  it.each([
    ['a header that is cut short', [new Uint8Array(15), { room: 1 }]],
    ['no room for a status', [new Uint8Array(16)]],
    ['no header', [{ room: 512 }]],
  ] as const)('stops at a request with %s', (_, parts) => {
    const { bench, driver, queue } = running();
    queue.send(...parts);
    bench.pass(10_000);
    expect([driver.needsReset, driver.read('interruptStatus'), queue.usedIndex]).toEqual([true, 2, 0]);
    // A reset is all that it takes.
    const [again] = driver.start(1) as [Queue];
    again.send(header('read'), { room: SECTOR_SIZE }, { room: 1 });
    bench.pass(10_000);
    expect([driver.needsReset, again.usedIndex]).toEqual([false, 1]);
  });

  it('goes on in the middle of a request after save and restore, with the contents of then', () => {
    const original = running();
    original.request(header('write', 1), new Uint8Array(512).fill(1));
    const [, data] = original.queue.send(header('read', 1), { room: 512 }, { room: 1 });
    original.bench.pass(100);
    const due = original.bench.slots.nextEventAt() - original.bench.vm.now;
    const [state, ram] = [original.bench.slots.save(), original.bench.ram.save()];
    original.bench.pass(100_000);
    original.queue.collect();
    original.request(header('write', 1), new Uint8Array(512).fill(2));

    const copy = benchWith(disk());
    copy.vm.now = 5_000_000;
    copy.ram.restore(ram);
    copy.slots.restore(state);
    expect(copy.slots.nextEventAt()).toBe(5_000_000 + due);
    copy.pass(due);
    expect(copy.driver().bytes(data!, 512)).toEqual(new Uint8Array(512).fill(1));
    expect(copy.vm.raisedLines).toEqual(['source 0']);
  });

  it('shares what did not change between snapshots, and takes memory for what was written only', () => {
    const media = new Media(bytesSource(new Uint8Array(0)), 2 ** 30);
    media.write(2 ** 29, new Uint8Array(8192).fill(1));
    const before = media.save();
    media.write(2 ** 29, Uint8Array.of(2));
    const after = media.save();
    expect(before.blocks).toEqual([131_072, 131_073]);
    expect(after.contents[1]).toBe(before.contents[1]);
    expect([before.contents[0]![0], after.contents[0]![0]]).toEqual([1, 2]);
    media.restore(before);
    expect(media.read(2 ** 29 - 1, 3)).toEqual(Uint8Array.of(0, 1, 1));
  });
});
