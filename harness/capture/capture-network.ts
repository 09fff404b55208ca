import type { Network, TraceEvent } from '../../hypervisor';
import { macBytes } from '../../platform/ethernet';
import { pcapng } from './pcapng';

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/**
 * The frames of a network that are kept, as a capture file: an interface for every card on it and for the test, each
 * frame at the interface that sent it, with the number by which the trace knows it.
 * @param epoch seconds from 1970-01-01 UTC to the machine's boot
 */
export function captureNetwork(network: Network, epoch: number, trace: readonly TraceEvent[]): Uint8Array {
  const { ports, log } = network;
  const several = (owner: string): boolean => ports.filter((port) => port.owner === owner).length > 1;
  const interfaces = ports.map(({ owner, nic, mac }) => ({
    name: several(owner) ? `${owner} ${nic}` : owner,
    mac: macBytes(mac)!,
  }));
  const injected = faultsByFrame(network.name, trace);
  const packets = log.frames.map(({ at, sender, nic, sequence, bytes }) => {
    const fault = injected.get(sequence);
    return {
      interface: ports.findIndex((port) => port.owner === sender && port.nic === nic),
      time: BigInt(epoch) * NANOSECONDS_PER_SECOND + BigInt(Math.round(at)),
      bytes,
      comment: `frame ${sequence}${fault === undefined ? '' : `; what arrives of it is as fault ${fault} made it`}`,
    };
  });
  return pcapng('testvisor', interfaces, packets);
}

/** Which fault acted on which frame, by the frame's number. */
function faultsByFrame(network: string, trace: readonly TraceEvent[]): ReadonlyMap<number, number> {
  const faults = new Map<number, number>();
  for (const event of trace)
    if (event.kind === 'frame-received' && event.network === network && event.injected !== undefined)
      faults.set(event.sequence, event.injected);
  return faults;
}
