/**
 * A virtual network: one learning Ethernet switch (IEEE 802.1D, clause 7; with VLANs, IEEE 802.1Q) with a port for each NIC of a VM and one for
 * the test. A frame reaches the switch a declared latency after it was sent, and its receivers after the time that
 * it takes on their wires. Frames that arrive at the same cycle are forwarded in the order in which they were sent.
 */
import {
  destinationOf,
  ETHERNET_HEADER,
  isGroup,
  LARGEST_FRAME,
  macNumber,
  SOURCE_OFFSET,
  testMac,
  typeOf,
} from '../../platform/ethernet';
import { TEST_END, type System, type SystemNetwork } from '../../platform/system';
import { MessageFaults, type MessageFaultsState, RateLimit, type RateLimitState } from '../channels';
import { FrameLog, type FrameLogState } from './frame-log';
import type { DropReason, Frame } from './frame';
import type { NetworkContext } from './network-context';
import { Partitions, type PartitionsState } from './partitions';
import { NetworkPort, type PortState } from './port';
import { TestStation, type TestStationState } from './test-station';
import { classify, leaving, type PortVlans } from './vlans';

/** Addresses that the switch remembers; the one learnt first goes first. */
export const LARGEST_TABLE = 1024;
/** Frames that may be between senders and switch; the wires of NICs keep them far below it. */
export const LARGEST_UNDERWAY = 65_536;
const BITS_PER_BYTE = 8;
const NANOSECONDS_PER_SECOND = 1e9;
const { ceil, max, min } = Math;

/** The test hears every VLAN, and is itself in the default one. */
const TEST_VLANS: PortVlans = { untagged: 1, tagged: 'all' };

const addressIn = (vlan: number, frame: Uint8Array, offset: number): string =>
  `${vlan} ${macNumber(frame, offset)}`;

/** A frame between its sender and the switch. */
interface Underway {
  readonly frame: Frame;
  readonly due: number;
}

export interface NetworkState {
  readonly sent: number;
  readonly underway: readonly Underway[];
  readonly faults: MessageFaultsState<Frame>;
  readonly partitions: PartitionsState;
  /** Addresses, with their VLANs, and their ports, in the order in which they were learnt. */
  readonly table: readonly (readonly [string, number])[];
  /** By port; `null` where a NIC declares none. */
  readonly rates: readonly (RateLimitState | null)[];
  readonly ports: readonly PortState[];
  readonly test: TestStationState;
  readonly log: FrameLogState;
}

export class Network {
  readonly name: string;
  /** Ports of NICs in order of declaration, then the test's. */
  readonly ports: readonly NetworkPort[];
  /** The test's own end. */
  readonly test: TestStation;
  readonly log: FrameLog;
  /** What faults do to frames between their senders and the switch. */
  readonly faults: MessageFaults<Frame>;
  /** Faults that part stations from each other. */
  readonly partitions: Partitions;
  readonly #context: NetworkContext;
  readonly #latency: number;
  /** By port. */
  readonly #vlans: readonly PortVlans[];
  readonly #rates: readonly (RateLimit | undefined)[];
  readonly #hasVlans: boolean;
  readonly #table = new Map<string, number>();
  #underway: Underway[] = [];
  #sent = 0;

  /** @param number its place among the system's networks */
  constructor(system: Pick<System, 'vms' | 'networks'>, number: number, context: NetworkContext) {
    const definition = system.networks[number]!;
    this.name = definition.name;
    this.#context = context;
    this.#latency = max(1, context.clock.nanosecondsToCycles(definition.latency));
    this.faults = new MessageFaults(context, {
      name: this.name,
      sender: TEST_END,
      inapplicable: {},
      valueOf: (bytes) => this.valueOf(bytes),
    });
    this.partitions = new Partitions(
      () => ({ cycles: context.cycles(), nanoseconds: context.now() }),
      (fault, from, to) =>
        context.trace({
          at: context.now(),
          kind: 'fault-injected',
          fault,
          vm: from === TEST_END ? null : from,
          description: `network ${this.name} is parted: no frame from ${from} to ${to}`,
        }),
    );
    const nics = system.vms.flatMap(({ name, nics }) =>
      nics.flatMap((card, nic) => (card.network === definition.name ? [{ owner: name, nic, card }] : [])),
    );
    const stations = [
      ...nics.map(({ owner, nic, card: { mac } }) => ({ owner, nic, mac })),
      { owner: TEST_END, nic: 0, mac: testMac(number) },
    ];
    this.log = new FrameLog(definition.framesKept);
    this.#hasVlans = definition.hasVlans;
    this.#vlans = [
      ...nics.map(({ card: { vlan, trunk } }) => ({ untagged: vlan, tagged: trunk })),
      TEST_VLANS,
    ];
    this.#rates = nics.map(
      ({ card: { rate } }) => rate && new RateLimit(rate, context.clock.nanosecondsToCycles(rate.per)),
    );
    this.ports = stations.map((station, index) => this.#port(definition, station, index));
    this.test = new TestStation(this.ports.at(-1)!);
  }

  /** The port of a VM's NIC, if it is on this network. */
  portOf(owner: string, nic: number): NetworkPort | undefined {
    return this.ports.find((port) => port.owner === owner && port.nic === nic);
  }

  /** What a frame means to conditions on it: its bytes. */
  valueOf(bytes: Uint8Array): unknown {
    return bytes;
  }

  nextEventAt(): number {
    let next = min(this.#underway[0]?.due ?? Infinity, this.faults.nextEventAt());
    for (const port of this.ports) next = min(next, port.nextEventAt());
    return next;
  }

  advance(now: number): void {
    for (const frame of this.faults.takeDue(now)) this.#enter(frame);
    while ((this.#underway[0]?.due ?? Infinity) <= now) {
      const { frame, due } = this.#underway.shift()!;
      this.#forward(frame, due);
    }
    for (const port of this.ports) port.advance(now);
  }

  save(): NetworkState {
    return {
      sent: this.#sent,
      underway: this.#underway.slice(),
      faults: this.faults.save(),
      partitions: this.partitions.save(),
      table: [...this.#table],
      rates: this.#rates.map((rate) => rate?.save() ?? null),
      ports: this.ports.map((port) => port.save()),
      test: this.test.save(),
      log: this.log.save(),
    };
  }

  restore(state: NetworkState): void {
    this.#sent = state.sent;
    this.#underway = state.underway.slice();
    this.faults.restore(state.faults);
    this.partitions.restore(state.partitions);
    this.#table.clear();
    for (const [address, port] of state.table) this.#table.set(address, port);
    this.#rates.forEach((rate, port) => rate?.restore(state.rates[port]!));
    this.ports.forEach((port, index) => port.restore(state.ports[index]!));
    this.test.restore(state.test);
    this.log.restore(state.log);
  }

  #port(
    { bandwidth, queueCapacity }: SystemNetwork,
    station: { readonly owner: string; readonly nic: number; readonly mac: string },
    index: number,
  ): NetworkPort {
    const { clock } = this.#context;
    return new NetworkPort({
      ...station,
      capacity: queueCapacity,
      wireTime: (bytes) =>
        max(1, clock.nanosecondsToCycles(ceil((bytes * BITS_PER_BYTE * NANOSECONDS_PER_SECOND) / bandwidth))),
      send: (_port, bytes) => this.#send(index, bytes),
      received: (port, frame) => this.#trace(port, frame, { kind: 'frame-received' }),
      dropped: (port, frame, why) => this.#drop(port, frame, why),
    });
  }

  #send(from: number, bytes: Uint8Array): void {
    const port = this.ports[from]!;
    this.#sent++;
    const now = this.#context.now();
    const frame: Frame = { from, sequence: this.#sent, bytes, sentAt: now };
    if (bytes.length < ETHERNET_HEADER || bytes.length > LARGEST_FRAME)
      return this.#drop(port, frame, 'malformed');
    if (!port.isUp) return this.#drop(port, frame, 'link-down');
    if (this.#hasVlans && classify(bytes, this.#vlans[from]!) === undefined)
      return this.#drop(port, frame, 'vlan');
    if (this.#rates[from]?.take(bytes.length, this.#context.cycles()) !== undefined)
      return this.#drop(port, frame, 'over-rate');
    if (this.#underway.length >= LARGEST_UNDERWAY) return this.#drop(port, frame, 'queue-full');
    this.log.append({ at: now, sender: port.owner, nic: port.nic, sequence: this.#sent, bytes });
    this.#trace(port, frame, {
      kind: 'frame-sent',
      to: destinationOf(bytes),
      type: typeOf(bytes),
      length: bytes.length,
    });
    for (const passed of this.faults.pass(frame, LARGEST_UNDERWAY)) this.#enter(passed);
  }

  /** The frame is on its way to the switch. */
  #enter(frame: Frame): void {
    this.#underway.push({ frame, due: this.#context.cycles() + this.#latency });
  }

  #forward(frame: Frame, now: number): void {
    const { bytes, from } = frame;
    const classified = this.#hasVlans ? classify(bytes, this.#vlans[from]!) : undefined;
    // On its way a fault may have changed the tag.
    if (this.#hasVlans && classified === undefined) return this.#drop(this.ports[from]!, frame, 'vlan');
    const vlan = classified?.vlan ?? 0;
    // Each VLAN learns for itself (IEEE 802.1Q, independent VLAN learning).
    if (!isGroup(bytes, SOURCE_OFFSET)) this.#learn(addressIn(vlan, bytes, SOURCE_OFFSET), from);
    const known = isGroup(bytes) ? undefined : this.#table.get(addressIn(vlan, bytes, 0));
    this.ports.forEach((port, index) => {
      if (index === from || (known !== undefined && known !== index)) return;
      const out = classified === undefined ? bytes : leaving(classified, this.#vlans[index]!);
      if (out === undefined) return;
      const fault = this.partitions.between(this.ports[from]!.owner, port.owner);
      if (fault !== undefined) this.#drop(port, { ...frame, injected: fault }, 'parted');
      else port.forward(out === bytes ? frame : { ...frame, bytes: out }, now);
    });
  }

  #learn(address: string, port: number): void {
    this.#table.delete(address);
    this.#table.set(address, port);
    if (this.#table.size <= LARGEST_TABLE) return;
    const [oldest] = this.#table.keys();
    this.#table.delete(oldest!);
  }

  #drop(port: NetworkPort, frame: Frame, why: DropReason): void {
    this.#trace(port, frame, { kind: 'frame-dropped', why });
  }

  #trace(port: NetworkPort, { sequence, injected }: Frame, what: FrameEvent): void {
    this.#context.trace({
      at: this.#context.now(),
      ...(injected === undefined ? {} : { injected }),
      network: this.name,
      vm: port.owner,
      nic: port.nic,
      sequence,
      ...what,
    });
  }
}

type FrameEvent =
  | {
      readonly kind: 'frame-sent';
      readonly to: string;
      readonly type: number;
      readonly length: number;
    }
  | { readonly kind: 'frame-received' }
  | { readonly kind: 'frame-dropped'; readonly why: DropReason };
