import { LARGEST_WAITING } from '../../../hypervisor/network/uplink';
import { us } from '../../../platform/units';
import { BROADCAST, frame, macOf, networkOf } from './bench';

const LONG = 1_000_000;

/** Three VMs, the last of which lives in another machine. */
function joined(definition = {}, cards: readonly object[] = []) {
  const bench = networkOf(3, definition, cards);
  bench.network.join([{ vm: 'vm2', nic: 0 }]);
  const out = () => {
    const carried = [];
    for (let each = bench.network.carryOut(); each !== undefined; each = bench.network.carryOut())
      carried.push({ from: each.card.vm, payload: each.bytes[14], sentAt: each.sentAt });
    return carried;
  };
  return { ...bench, out };
}
const payloadsOf = (carried: readonly { readonly payload: number | undefined }[]) =>
  carried.map(({ payload }) => payload);

describe('A switch that goes on in another machine', () => {
  it('gives it what is for a station there, for everybody or for nobody that is known; nothing that is for one here', () => {
    const { network, pass, heard, out } = joined();
    network.ports[0]!.send(frame(BROADCAST, macOf(0), 1));
    network.ports[1]!.send(frame(BROADCAST, macOf(1), 2));
    pass(LONG);
    network.ports[0]!.send(frame(macOf(1), macOf(0), 3));
    network.ports[0]!.send(frame(macOf(2), macOf(0), 4));
    network.carryIn({ card: { vm: 'vm2', nic: 0 }, bytes: frame(macOf(0), macOf(2), 5), sentAt: 0 });
    pass(LONG);
    network.ports[0]!.send(frame(macOf(2), macOf(0), 6));
    pass(LONG);
    expect(payloadsOf(out())).toEqual([1, 2, 4, 6]);
    // Once it is known that it is there, nobody here hears it.
    expect(heard()).toEqual([[2, 5], [1, 3], []]);
  });

  it('never sends back what came from there', () => {
    const { network, pass, heard, out } = joined();
    network.carryIn({ card: { vm: 'vm2', nic: 0 }, bytes: frame(BROADCAST, macOf(2), 1), sentAt: 0 });
    network.carryIn({ card: { vm: 'vm2', nic: 0 }, bytes: frame(macOf(7), macOf(2), 2), sentAt: 0 });
    network.carryIn({ card: { vm: 'test', nic: 0 }, bytes: frame(macOf(2), macOf(6), 3), sentAt: 0 });
    pass(LONG);
    expect([heard(), out()]).toEqual([[[1, 2], [1, 2], []], []]);
  });

  it('takes the time on the wire, frame after frame, also where nobody has looked for long', () => {
    const { network, pass, out } = joined({ latency: us(5), bandwidth: 100_000_000 });
    // 100 bytes at 100 Mbit/s are 8 µs.
    for (const payload of [1, 2, 3]) network.ports[0]!.send(frame(BROADCAST, macOf(0), payload, 100));
    pass(500 + 1600);
    expect(out()).toEqual([
      { from: 'vm0', payload: 1, sentAt: us(13) },
      { from: 'vm0', payload: 2, sentAt: us(21) },
    ]);
    pass(LONG);
    expect(out()).toEqual([{ from: 'vm0', payload: 3, sentAt: us(29) }]);
  });

  it('goes on after save and restore as if nothing had happened', () => {
    const [one, other] = [joined({ bandwidth: 1_000_000 }), networkOf(3, { bandwidth: 1_000_000 })];
    for (const payload of [1, 2]) one.network.ports[0]!.send(frame(BROADCAST, macOf(0), payload));
    one.pass(1_500);
    const kept = one.network.save();
    other.time.now = one.time.now;
    other.network.restore(kept);
    for (const { pass } of [one, other]) pass(LONG);
    expect([other.network.save(), other.heard()[2]]).toEqual([one.network.save(), []]);
    expect(other.network.carryOut()).toEqual(one.network.carryOut());
    other.network.part();
    other.network.restore(networkOf(3).network.save());
    expect(other.network.uplink).toBeUndefined();
  });

  it('keeps a bounded number of frames that nobody carries across, and says whom the others would have reached', () => {
    const { network, pass, events } = joined({ bandwidth: 400_000_000_000 });
    for (let sent = 0; sent <= LARGEST_WAITING; sent++) {
      network.ports[0]!.send(frame(BROADCAST, macOf(0)));
      pass(10);
    }
    pass(LONG);
    const dropped = events.filter((event) => event.kind === 'frame-dropped');
    const last = { sequence: LARGEST_WAITING + 1, why: 'queue-full' };
    expect(dropped).toMatchObject([
      { vm: 'vm2', ...last },
      { vm: 'test', ...last },
    ]);
    network.part();
    expect(
      events.filter((event) => event.kind === 'frame-dropped' && event.why === 'link-down'),
    ).toHaveLength(2 * LARGEST_WAITING);
  });
});
