import fc from 'fast-check';
import { LARGEST_TABLE } from '../../../hypervisor/network/addresses';
import { macBytes } from '../../../platform/ethernet';
import { us } from '../../../platform/units';
import { BROADCAST, frame, macOf, networkOf } from './bench';

const LONG = 1_000_000;

describe('A virtual network', () => {
  it('gives everybody but the sender what is for everybody, or for somebody it does not know', () => {
    const { network, pass, heard } = networkOf(3);
    network.ports[0]!.send(frame(BROADCAST, macOf(0), 1));
    network.ports[0]!.send(frame(macOf(2), macOf(0), 2));
    pass(LONG);
    expect(heard()).toEqual([[], [1, 2], [1, 2]]);
    expect([network.test.receive()?.[14], network.test.receive()?.[14], network.test.receive()]).toEqual([
      1,
      2,
      undefined,
    ]);
  });

  it('learns where an address is from what that sends, and when it moves', () => {
    const { network, pass, heard } = networkOf(3);
    network.ports[2]!.send(frame(BROADCAST, macOf(2), 1));
    pass(LONG);
    network.ports[0]!.send(frame(macOf(2), macOf(0), 2));
    pass(LONG);
    expect(heard()).toEqual([[1], [1], [2]]);
    network.ports[1]!.send(frame(macOf(0), macOf(2), 3));
    pass(LONG);
    network.ports[0]!.send(frame(macOf(2), macOf(0), 4));
    pass(LONG);
    expect(heard()).toEqual([[1, 3], [1, 4], [2]]);
  });

  it('does not send back to the wire from which a frame for it came', () => {
    const { network, pass, heard } = networkOf(2);
    network.ports[1]!.send(frame(BROADCAST, macOf(0), 1));
    pass(LONG);
    network.ports[1]!.send(frame(macOf(0), macOf(1), 2));
    pass(LONG);
    expect(heard()).toEqual([[1], []]);
  });

  it('takes the declared latency to the switch, and then the time on the wire, frame after frame', () => {
    const { network, pass, stations } = networkOf(2, { latency: us(5), bandwidth: 100_000_000 });
    // 100 bytes at 100 Mbit/s are 8 µs.
    network.ports[0]!.send(frame(macOf(1), macOf(0), 1, 100));
    network.ports[0]!.send(frame(macOf(1), macOf(0), 2, 100));
    pass(LONG);
    expect(stations[1]!.heard).toEqual([
      { at: 500 + 800, payload: 1 },
      { at: 500 + 1600, payload: 2 },
    ]);
  });

  it('drops what does not fit the queue of a slow receiver, and says so', () => {
    const { network, pass, heard, events } = networkOf(2, { bandwidth: 1_000_000, queueCapacity: 2 });
    for (const payload of [1, 2, 3, 4]) network.ports[0]!.send(frame(macOf(1), macOf(0), payload));
    pass(LONG);
    expect(heard()[1]).toEqual([1, 2]);
    expect(events.filter((event) => event.kind === 'frame-dropped' && event.vm === 'vm1')).toMatchObject([
      { sequence: 3, why: 'queue-full' },
      { sequence: 4, why: 'queue-full' },
    ]);
  });

  it('offers a frame again when a station that was full has room', () => {
    const { network, time, pass, stations } = networkOf(2);
    const [, receiver] = stations;
    receiver!.answer = 'full';
    network.ports[0]!.send(frame(macOf(1), macOf(0), 1));
    network.ports[0]!.send(frame(macOf(1), macOf(0), 2));
    pass(LONG);
    expect([receiver!.heard, network.nextEventAt()]).toEqual([[], Infinity]);
    receiver!.answer = 'taken';
    network.ports[1]!.ready(time.now + 7);
    pass(LONG);
    expect(receiver!.heard.map(({ payload }) => payload)).toEqual([1, 2]);
    expect(receiver!.heard[0]!.at).toBe(LONG + 7);
  });

  it('carries nothing over a link that is down, and loses what was on it', () => {
    const { network, pass, heard, stations, events } = networkOf(2, { bandwidth: 1_000_000 });
    network.ports[0]!.send(frame(macOf(1), macOf(0), 1));
    pass(1_100);
    network.ports[1]!.setUp(false);
    network.ports[0]!.send(frame(macOf(1), macOf(0), 2));
    network.ports[1]!.send(frame(macOf(0), macOf(1), 3));
    pass(LONG);
    expect(heard()).toEqual([[], []]);
    const lost = events.filter((event) => event.kind === 'frame-dropped' && event.vm === 'vm1');
    expect(lost).toMatchObject([
      { sequence: 1, why: 'link-down' },
      { sequence: 3, why: 'link-down' },
      { sequence: 2, why: 'link-down' },
    ]);
    network.ports[1]!.setUp(true);
    network.ports[0]!.send(frame(macOf(1), macOf(0), 4));
    pass(LONG);
    expect([heard()[1], stations[1]!.changes]).toEqual([[4], 2]);
  });

  it('refuses what is no Ethernet frame', () => {
    const { network, pass, heard, events } = networkOf(2);
    network.ports[0]!.send(new Uint8Array(13));
    network.ports[0]!.send(frame(BROADCAST, macOf(0), 1, 1519));
    network.ports[0]!.send(frame(BROADCAST, macOf(0), 2, 1518));
    pass(LONG);
    expect(heard()[1]).toEqual([2]);
    expect(events).toMatchObject([
      { kind: 'frame-dropped', why: 'malformed' },
      { kind: 'frame-dropped', why: 'malformed' },
      { kind: 'frame-sent', sequence: 3 },
      { kind: 'frame-received', vm: 'vm1', sequence: 3 },
      { kind: 'frame-received', vm: 'test', sequence: 3 },
    ]);
  });

  it('remembers so many addresses and forgets the one learnt first', () => {
    const { network, pass } = networkOf(2);
    const numbered = (number: number) =>
      `02:00:00:00:${(number >>> 8).toString(16).padStart(2, '0')}:${(number & 0xff).toString(16).padStart(2, '0')}`;
    for (let number = 0; number <= LARGEST_TABLE; number++) {
      network.ports[0]!.send(frame(BROADCAST, numbered(number)));
      pass(LONG);
    }
    const { table } = network.save();
    expect(table.length).toBe(LARGEST_TABLE);
    expect(table[0]).toEqual([`0 ${Buffer.from(macBytes(numbered(1))!).readUIntBE(0, 6)}`, 0]);
  });

  it('keeps the last frames whole, with who sent them', () => {
    const { network } = networkOf(2);
    network.ports[1]!.send(frame(BROADCAST, macOf(1), 7));
    expect(network.log.find(1)).toMatchObject({ sender: 'vm1', nic: 0, sequence: 1, at: 0 });
    expect(network.log.find(1)!.bytes[14]).toBe(7);
    expect(network.log.find(2)).toBeUndefined();
  });

  it('goes on after save and restore as if nothing had happened', () => {
    const act = fc.oneof(
      fc.record({
        do: fc.constant('send' as const),
        from: fc.nat(3),
        to: fc.nat(4),
        size: fc.integer({ min: 14, max: 1518 }),
      }),
      fc.record({ do: fc.constant('pass' as const), cycles: fc.nat(3000) }),
      fc.record({ do: fc.constant('link' as const), port: fc.nat(2), up: fc.boolean() }),
      fc.record({ do: fc.constant('answer' as const), port: fc.nat(2), full: fc.boolean() }),
    );
    type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;
    const perform = (bench: ReturnType<typeof networkOf>, one: Act) => {
      const { network, stations } = bench;
      if (one.do === 'send') {
        const to = one.to === 4 ? BROADCAST : macOf(one.to);
        network.ports[one.from]!.send(frame(to, macOf(one.from), one.size & 0xff, one.size));
      } else if (one.do === 'pass') bench.pass(one.cycles);
      else if (one.do === 'link') network.ports[one.port]!.setUp(one.up);
      else {
        stations[one.port]!.answer = one.full ? 'full' : 'taken';
        if (!one.full) network.ports[one.port]!.ready(bench.time.now + 1);
      }
    };
    fc.assert(
      fc.property(fc.array(act), fc.array(act), fc.array(act), (before, after, elsewhere) => {
        const build = () => networkOf(3, { latency: us(1), bandwidth: 50_000_000, queueCapacity: 3 });
        const [saved, restored] = [build(), build()];
        for (const one of before) perform(saved, one);
        const kept = saved.network.save();
        const state = structuredClone(kept);
        for (const one of elsewhere) perform(restored, one);
        restored.network.restore(kept);
        restored.time.now = saved.time.now;
        restored.stations.forEach((station, port) => {
          station.answer = saved.stations[port]!.answer;
          station.heard.length = 0;
        });
        for (const bench of [saved, restored]) {
          bench.events.length = 0;
          for (const station of bench.stations) station.heard.length = 0;
          for (const one of after) perform(bench, one);
          bench.pass(LONG);
        }
        expect(restored.events).toEqual(saved.events);
        expect(restored.network.save()).toEqual(saved.network.save());
        expect(kept).toEqual(state);
      }),
    );
  });
});
