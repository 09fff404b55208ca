import { BROADCAST, frame, macOf, networkOf } from './bench';

const LONG = 1_000_000;

/** The same frame with a tag. */
function tagged(bytes: Uint8Array, id: number, priority = 0): Uint8Array {
  const control = (priority << 13) | id;
  return Uint8Array.of(...bytes.slice(0, 12), 0x81, 0x00, control >> 8, control & 0xff, ...bytes.slice(12));
}
const drops = (events: ReturnType<typeof networkOf>['events']) =>
  events.flatMap((event) => (event.kind === 'frame-dropped' ? [`${event.vm} ${event.why}`] : []));

describe('A network with VLANs', () => {
  it('keeps broadcasts and unknown addresses within the VLAN of their sender', () => {
    const { network, pass, heard } = networkOf(4, {}, [{ vlan: 10 }, { vlan: 10 }, { vlan: 20 }, {}]);
    network.ports[0]!.send(frame(BROADCAST, macOf(0), 1));
    network.ports[0]!.send(frame(macOf(2), macOf(0), 2));
    network.ports[3]!.send(frame(BROADCAST, macOf(3), 3));
    pass(LONG);
    expect(heard()).toEqual([[], [1, 2], [], []]);
  });

  it('does not let one VLAN’s addresses lead into another', () => {
    const { network, pass, heard } = networkOf(3, {}, [{ vlan: 10 }, { vlan: 20 }, { vlan: 20 }]);
    network.ports[1]!.send(frame(BROADCAST, macOf(1), 1));
    pass(LONG);
    network.ports[0]!.send(frame(macOf(1), macOf(0), 2));
    // Who pretends to be a neighbour of another VLAN takes nothing away from it.
    network.ports[0]!.send(frame(BROADCAST, macOf(1), 3));
    pass(LONG);
    network.ports[2]!.send(frame(macOf(1), macOf(2), 4));
    pass(LONG);
    expect(heard()).toEqual([[], [4], [1]]);
  });

  it('gives a trunk the frames of its VLANs with their tags, and takes them back', () => {
    const { network, pass, stations } = networkOf(3, {}, [{ trunk: [10, 20] }, { vlan: 10 }, { vlan: 30 }]);
    const received: Uint8Array[] = [];
    stations[0]!.accept = (bytes) => (received.push(bytes), 'taken');
    network.ports[1]!.send(frame(BROADCAST, macOf(1), 7));
    network.ports[2]!.send(frame(BROADCAST, macOf(2), 8));
    pass(LONG);
    expect(received).toEqual([tagged(frame(BROADCAST, macOf(1), 7), 10)]);
    network.ports[0]!.send(tagged(frame(macOf(1), macOf(0), 9), 10, 5));
    pass(LONG);
    expect(stations.map(({ heard }) => heard.map(({ payload }) => payload))).toEqual([[], [9], []]);
  });

  it('refuses tags that a card may not use, also ones that would hop into another VLAN', () => {
    const { network, pass, heard, events } = networkOf(3, {}, [{ vlan: 10 }, { vlan: 20 }, { trunk: [20] }]);
    network.ports[0]!.send(tagged(frame(BROADCAST, macOf(0), 1), 20));
    network.ports[2]!.send(tagged(frame(BROADCAST, macOf(2), 2), 10));
    network.ports[2]!.send(frame(BROADCAST, macOf(2), 3));
    // Two tags: the inner one is payload, and the outer one is not this card's.
    network.ports[0]!.send(tagged(tagged(frame(BROADCAST, macOf(0), 4), 20), 10));
    pass(LONG);
    expect(heard()).toEqual([[], [], []]);
    expect(drops(events)).toEqual(['vm0 vlan', 'vm2 vlan', 'vm2 vlan', 'vm0 vlan']);
  });

  it('takes a tag that names no VLAN for none', () => {
    const { network, pass, heard } = networkOf(2, {}, [{ vlan: 10 }, { vlan: 10 }]);
    network.ports[0]!.send(tagged(frame(BROADCAST, macOf(0), 6), 0, 7));
    pass(LONG);
    expect(heard()).toEqual([[], [6]]);
  });

  it('lets the test hear every VLAN with its tag, and speak in each', () => {
    const { network, pass, heard } = networkOf(3, {}, [{ vlan: 10 }, { vlan: 20 }, {}]);
    network.ports[0]!.send(frame(BROADCAST, macOf(0), 1));
    network.ports[2]!.send(frame(BROADCAST, macOf(2), 2));
    pass(LONG);
    expect([network.test.receive(), network.test.receive()]).toEqual([
      tagged(frame(BROADCAST, macOf(0), 1), 10),
      frame(BROADCAST, macOf(2), 2),
    ]);
    network.test.port.send(tagged(frame(BROADCAST, macOf(9), 3), 20));
    network.test.port.send(frame(BROADCAST, macOf(9), 4));
    pass(LONG);
    expect(heard()).toEqual([[], [3], [4]]);
  });

  it('drops what has no room for a tag', () => {
    const { network, pass, events } = networkOf(2, {}, [{ vlan: 10 }, { vlan: 10 }]);
    network.ports[0]!.send(frame(BROADCAST, macOf(0), 1, 1515));
    network.ports[0]!.send(frame(BROADCAST, macOf(0), 1, 1514));
    pass(LONG);
    expect(drops(events)).toEqual(['vm0 vlan']);
  });
});

describe('A network without VLANs', () => {
  it('passes tags on as they are', () => {
    const { network, pass, stations } = networkOf(2);
    const received: Uint8Array[] = [];
    stations[1]!.accept = (bytes) => (received.push(bytes), 'taken');
    network.ports[0]!.send(tagged(frame(BROADCAST, macOf(0), 1), 99));
    pass(LONG);
    expect(received).toEqual([tagged(frame(BROADCAST, macOf(0), 1), 99)]);
  });
});

describe('A card with a rate', () => {
  it('sends no more than that, and what goes over is dropped and recorded', () => {
    const { network, pass, heard, events } = networkOf(2, {}, [{ rate: { messages: 2, per: 1_000_000 } }]);
    for (const payload of [1, 2, 3]) network.ports[0]!.send(frame(BROADCAST, macOf(0), payload));
    network.ports[1]!.send(frame(BROADCAST, macOf(1), 4));
    pass(LONG);
    expect(heard()).toEqual([[4], [1, 2]]);
    expect(drops(events)).toEqual(['vm0 over-rate']);
    network.ports[0]!.send(frame(BROADCAST, macOf(0), 5));
    pass(LONG);
    expect(heard()[1]).toEqual([1, 2, 5]);
  });
});
