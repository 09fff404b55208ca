/** A network with stations that note what they receive, and a clock that the spec turns. */
import type { Station } from '../../../hypervisor/network/frame';
import { Network } from '../../../hypervisor/network/network';
import type { TraceEvent } from '../../../hypervisor/trace/events';
import { clockConversion } from '../../../platform/time';
import { resolveSystem } from '../../../platform/validate-system';
import { macBytes } from '../../../platform/ethernet';
import type { NetworkDefinition } from '../../../platform/system';
import { kib } from '../../../platform/units';

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';
export const macOf = (vm: number): string => `02:00:00:00:00:0${vm}`;

/** A frame whose payload is one byte, repeated. */
export function frame(to: string, from: string, payload = 0, size = 60): Uint8Array {
  const bytes = new Uint8Array(size).fill(payload);
  bytes.set([...macBytes(to)!, ...macBytes(from)!, 0x08, 0x00]);
  return bytes;
}

/** A station that takes frames as long as `answer` says so. */
export class Listener implements Station {
  answer: 'taken' | 'full' | 'no-driver' = 'taken';
  readonly heard: { readonly at: number; readonly payload: number }[] = [];
  changes = 0;
  readonly #cycles: () => number;

  constructor(cycles: () => number) {
    this.#cycles = cycles;
  }

  accept(bytes: Uint8Array): 'taken' | 'full' | 'no-driver' {
    if (this.answer === 'taken') this.heard.push({ at: this.#cycles(), payload: bytes[14]! });
    return this.answer;
  }

  linkChanged(): void {
    this.changes++;
  }
}

/** A network of `count` VMs with a card each; the test has the port after them. A cycle is 10 ns. */
export function networkOf(count: number, definition: NetworkDefinition = {}, cards: readonly object[] = []) {
  const vms = Object.fromEntries(
    Array.from({ length: count }, (_, vm) => [
      `vm${vm}`,
      { image: 'none.elf', ram: kib(4), nics: [{ network: 'lan', mac: macOf(vm), ...cards[vm] }] },
    ]),
  );
  const system = resolveSystem({ vms, networks: { lan: definition } });
  const events: TraceEvent[] = [];
  const clock = clockConversion(100_000_000);
  const time = { now: 0 };
  const network = new Network(system, 0, {
    now: () => clock.cyclesToNanoseconds(time.now),
    cycles: () => time.now,
    clock,
    trace: (event) => events.push(event),
  });
  const stations = Array.from({ length: count }, () => new Listener(() => time.now));
  stations.forEach((station, vm) => network.ports[vm]!.attach(station));
  return {
    network,
    time,
    events,
    stations,
    /** Payloads that each VM has heard so far. */
    heard: () => stations.map((station) => station.heard.map(({ payload }) => payload)),
    pass: (cycles: number) => {
      const end = time.now + cycles;
      for (let at = network.nextEventAt(); at <= end; at = network.nextEventAt()) {
        time.now = Math.max(time.now, at);
        network.advance(time.now);
      }
      time.now = end;
    },
  };
}
