import { NetDevice } from '../../../../hypervisor/devices/virtio/net';
import type { Frame } from '../../../../hypervisor/network/frame';
import { NetworkPort, type PortState } from '../../../../hypervisor/network/port';
import { VIRTIO_MMIO } from '../../../../platform/devices/virtio-mmio';
import { NET_FEATURES, NET_QUEUES, NetHeader } from '../../../../platform/virtio/net';
import { type Bench, deviceLaws } from '../../laws/device-laws';
import { benchWith } from './bench';
import { Queue } from './driver';

const HEADER = NetHeader.size;
const MAC = '02:00:00:00:00:07';
/** A byte takes so many cycles on the wire. */
const PACE = 2;

function wire() {
  const sent: Uint8Array[] = [];
  const lost: string[] = [];
  const port = new NetworkPort({
    owner: 'vm',
    nic: 0,
    mac: MAC,
    capacity: 8,
    wireTime: (bytes) => bytes * PACE,
    send: (_, bytes) => sent.push(bytes),
    received: () => {},
    dropped: (_port, _frame, why) => lost.push(why),
  });
  return { port, sent, lost };
}

function card() {
  const { port, sent, lost } = wire();
  const bench = benchWith((slot) => new NetDevice(slot, port));
  const driver = bench.driver();
  let sequence = 0;
  return {
    bench,
    driver,
    port,
    sent,
    lost,
    start: (features: readonly number[] = [NET_FEATURES.mac, NET_FEATURES.status]) => {
      const queues = driver.start(2, features);
      return { receive: queues[NET_QUEUES.receive]!, transmit: queues[NET_QUEUES.transmit]! };
    },
    /** A frame arrives from the network, all of it. */
    arrive: (bytes: Uint8Array) => {
      port.forward({ from: 0, sequence: ++sequence, bytes, sentAt: 0 }, bench.vm.now);
      bench.pass(bytes.length * PACE);
      port.advance(bench.vm.now);
    },
    /** Frames that waited for room are offered again. */
    retry: () => {
      bench.pass(1);
      port.advance(bench.vm.now);
    },
  };
}

const frameOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => at * 3);
const header = (buffers: number): Uint8Array =>
  NetHeader.encode({
    flags: 0,
    segmentation: 0,
    headerLength: 0,
    segmentSize: 0,
    checksumStart: 0,
    checksumOffset: 0,
    buffers,
  });

describe('A virtio network card', () => {
  it('tells its address and whether the cable is in, and interrupts when that changes', () => {
    const { bench, driver, port, start } = card();
    expect(
      [NET_FEATURES.mac, NET_FEATURES.status, NET_FEATURES.mergeableBuffers].every((bit) =>
        driver.offers(bit),
      ),
    ).toBe(true);
    start();
    const mac = [0, 1, 2, 3, 4, 5].map((at) => driver.configuration(at, 1));
    expect(mac).toEqual([0x02, 0, 0, 0, 0, 0x07]);
    expect(driver.configuration(6, 2)).toBe(1);
    port.setUp(false);
    expect(driver.configuration(6, 2)).toBe(0);
    expect([driver.read('interruptStatus'), bench.vm.raisedLines]).toEqual([2, ['source 0']]);
  });

  it('sends what follows the header, from all buffers, in the time it takes on the wire', () => {
    const { bench, sent, start } = card();
    const { transmit } = start();
    const frame = frameOf(60);
    transmit.send(header(0), frame.subarray(0, 14), frame.subarray(14));
    bench.pass(60 * PACE - 1);
    expect(sent).toEqual([]);
    bench.pass(1);
    expect(sent.map((bytes) => [...bytes])).toEqual([[...frame]]);
    expect(transmit.collect()).toEqual([{ head: 0, written: 0 }]);
  });

  it('sends one frame after the other, in order', () => {
    const { bench, sent, start } = card();
    const { transmit } = start();
    for (const size of [20, 30, 40]) transmit.send(header(0), frameOf(size));
    bench.pass(50 * PACE);
    expect(sent.map(({ length }) => length)).toEqual([20, 30]);
    bench.pass(40 * PACE);
    expect(sent.map(({ length }) => length)).toEqual([20, 30, 40]);
  });

  it('receives a frame behind a header into the driver’s buffer', () => {
    const { bench, driver, arrive, start } = card();
    const { receive } = start();
    const [at] = receive.send({ room: 1530 });
    arrive(frameOf(100));
    expect(receive.collect()).toEqual([{ head: 0, written: HEADER + 100 }]);
    expect([...driver.bytes(at!, HEADER)]).toEqual([...header(1)]);
    expect([...driver.bytes(at! + HEADER, 100)]).toEqual([...frameOf(100)]);
    expect(bench.vm.raisedLines).toEqual(['source 0']);
  });

  it('lets frames wait until the driver offers room', () => {
    const { arrive, retry, start, lost } = card();
    const { receive } = start();
    arrive(frameOf(100));
    arrive(frameOf(200));
    expect(receive.usedIndex).toBe(0);
    receive.send({ room: 1530 });
    receive.send({ room: 1530 });
    retry();
    expect(receive.collect().map(({ written }) => written)).toEqual([HEADER + 100, HEADER + 200]);
    expect(lost).toEqual([]);
  });

  it('spreads a frame over as many buffers as it takes, if the driver agreed to that, all at once', () => {
    const { driver, arrive, retry, start } = card();
    const { receive } = start([NET_FEATURES.mergeableBuffers]);
    const addresses = [receive.send({ room: 64 })[0]!, receive.send({ room: 64 })[0]!];
    arrive(frameOf(150));
    expect(receive.usedIndex).toBe(0);
    addresses.push(receive.send({ room: 64 })[0]!);
    retry();
    expect(receive.collect()).toEqual([
      { head: 0, written: 64 },
      { head: 1, written: 64 },
      { head: 2, written: HEADER + 150 - 128 },
    ]);
    const bytes = addresses.flatMap((at) => [...driver.bytes(at, 64)]).slice(0, HEADER + 150);
    expect(bytes).toEqual([...header(3), ...frameOf(150)]);
  });

  it('hears nothing while nobody drives it', () => {
    const { arrive, lost, start } = card();
    arrive(frameOf(60));
    expect(lost).toEqual(['no-driver']);
    const { receive } = start();
    receive.send({ room: 1530 });
    arrive(frameOf(60));
    expect([receive.usedIndex, lost.length]).toEqual([1, 1]);
  });

  it('drops what waited for room when it is reset', () => {
    const { driver, arrive, retry, lost, start } = card();
    start();
    arrive(frameOf(60));
    driver.write('status', 0);
    retry();
    expect(lost).toEqual(['no-driver']);
  });

  it.each<readonly [string, (at: ReturnType<typeof card>) => void]>([
    [
      'a frame without a whole header',
      ({ bench, start }) => (start().transmit.send(new Uint8Array(HEADER - 1)), bench.pass(100)),
    ],
    [
      'a buffer too small for the frame',
      ({ arrive, start }) => (start().receive.send({ room: 64 }), arrive(frameOf(60))),
    ],
    [
      'a mergeable buffer too small for the header',
      ({ arrive, start }) => (
        start([NET_FEATURES.mergeableBuffers]).receive.send({ room: 8 }),
        arrive(frameOf(60))
      ),
    ],
    [
      'a buffer to read where one to write is due',
      ({ arrive, start }) => (start().receive.send(new Uint8Array(2000)), arrive(frameOf(60))),
    ],
  ])('stops at %s', (_, act) => {
    const scene = card();
    act(scene);
    expect(scene.driver.needsReset).toBe(true);
  });

  it('sends no more of a giant than shows that it is one, in a giant’s time at most', () => {
    const { bench, sent, start } = card();
    const { transmit } = start();
    transmit.send(header(0), new Uint8Array(0x8000));
    bench.pass(1518 * PACE);
    expect(sent.map(({ length }) => length)).toEqual([1519]);
  });
});

/** A copy made of this realm's objects: a structured clone in Jest has another realm's, which never compare as equal. */
const ours = ({ leaving, ...rest }: PortState): PortState => ({
  ...rest,
  leaving: Array.from(leaving, ({ frame: { bytes, ...frame }, due }) => ({
    frame: { ...frame, bytes: Uint8Array.from(bytes) },
    due,
  })),
});

/** A card in use: what comes from outside is frames, cables, and a driver that writes into its rings. */
function lawBench(): Bench {
  const { port } = wire();
  const bench = benchWith((slot) => new NetDevice(slot, port));
  return {
    vm: bench.vm,
    device: bench.slots,
    surroundings: {
      save: () => ({ ram: bench.ram.save(), port: port.save() }),
      restore: (state: { ram: Uint8Array; port: PortState }) => {
        bench.ram.restore(state.ram);
        port.restore(ours(state.port));
      },
    },
    stimulate: (value) => {
      const kind = value % 4;
      if (kind === 0) {
        const frame: Frame = { from: 0, sequence: 1, bytes: frameOf(14 + (value >>> 6)), sentAt: 0 };
        port.forward(frame, bench.vm.now);
        port.advance(Number.MAX_SAFE_INTEGER);
      } else if (kind === 1) bench.driver().start(2, value & 4 ? [NET_FEATURES.mergeableBuffers] : []);
      else if (kind === 2) port.setUp((value & 4) !== 0);
      else {
        const queue = new Queue(bench.driver(), (value >>> 2) & 1, 8);
        queue.describe(
          (value >>> 4) & 7,
          bench.ram.base + 0x1_0000,
          value & 0x3ff,
          value & 3,
          (value >>> 5) & 7,
        );
        queue.offer((value >>> 4) & 7);
        queue.notify();
      }
    },
  };
}

describe('A virtio network card, by the laws of every device,', () => {
  deviceLaws(
    lawBench,
    Object.values(VIRTIO_MMIO.registers).map(({ offset }) => offset),
  );
});
