/**
 * A virtual network: one learning Ethernet switch (IEEE 802.1D, clause 7; with VLANs, IEEE 802.1Q) with a port for each NIC of a VM and one for
 * the test. A frame reaches the switch a declared latency after it was sent, and its receivers after the time that
 * it takes on their wires. Frames that arrive at the same cycle are forwarded in the order in which they were sent.
 */
import { destinationOf, ETHERNET_HEADER, LARGEST_FRAME, testMac, typeOf } from '../../platform/ethernet';
import { TEST_END, type System } from '../../platform/system';
import { MessageFaults, type MessageFaultsState, RateLimit, type RateLimitState } from '../channels';
import { Addresses, type AddressesState } from './addresses';
import { FrameLog, type FrameLogState } from './frame-log';
import type { Card, CarriedFrame, DropReason, Frame } from './frame';
import type { NetworkContext } from './network-context';
import { Partitions, type PartitionsState } from './partitions';
import { NetworkPort, type PortOptions, type PortState, wireOf } from './port';
import { TestStation, type TestStationState } from './test-station';
import { Uplink, type UplinkOptions, type UplinkState } from './uplink';
import { classify, leaving, type PortVlans } from './vlans';

/** Frames that may be between senders and switch; the wires of NICs keep them far below it. */
export const LARGEST_UNDERWAY = 65_536;
const { max, min } = Math;

/** The test hears every VLAN, and is itself in the default one. */
const TEST_VLANS: PortVlans = { untagged: 1, tagged: 'all' };

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
  readonly table: AddressesState;
  /** By port; `null` where a NIC declares none. */
  readonly rates: readonly (RateLimitState | null)[];
  readonly ports: readonly PortState[];
  /** `null` where all stations are in this machine. */
  readonly uplink: UplinkState | null;
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
  readonly #addresses = new Addresses();
  readonly #uplinkOptions: UplinkOptions;
  #uplink: Uplink | undefined;
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
    const wire = wireOf(definition, context.clock);
    this.ports = stations.map((station, index) => this.#port({ ...station, ...wire }, index));
    this.#uplinkOptions = {
      ...wire,
      dropped: (port, frame, why) => this.#drop(this.ports[port]!, frame, why),
    };
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

  /** Where frames leave for another machine, if some of the stations are there. */
  get uplink(): Uplink | undefined {
    return this.#uplink;
  }

  /** The stations of some cards are in another machine from here on, on a network with the same cards. */
  join(away: readonly Card[]): void {
    this.part();
    const ports = away.map(({ vm, nic }) => this.ports.indexOf(this.portOf(vm, nic)!));
    this.#uplink = new Uplink(this.#uplinkOptions, { away: ports, leaving: [] });
  }

  /** Nobody carries frames across any more; those that wait for it are lost. */
  part(): void {
    this.#uplink?.end();
    this.#uplink = undefined;
  }

  /** Takes the oldest frame that has left for the other machine. */
  carryOut(): CarriedFrame | undefined {
    const away = this.#uplink?.take(this.#context.cycles());
    if (away === undefined) return undefined;
    const { owner: vm, nic } = this.ports[away.frame.from]!;
    const sentAt = this.#context.clock.cyclesToNanoseconds(away.due);
    return { card: { vm, nic }, bytes: away.frame.bytes, sentAt };
  }

  /** A frame of the other machine arrives at the switch as if its sender were here: no rate and no fault counts it again. */
  carryIn({ card: { vm, nic }, bytes, sentAt }: CarriedFrame): void {
    const port = this.portOf(vm, nic)!;
    const frame: Frame = { from: this.ports.indexOf(port), sequence: ++this.#sent, bytes, sentAt };
    this.#record(port, frame);
    this.#forward(frame, this.#context.cycles(), true);
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
      table: this.#addresses.save(),
      rates: this.#rates.map((rate) => rate?.save() ?? null),
      ports: this.ports.map((port) => port.save()),
      uplink: this.#uplink?.save() ?? null,
      test: this.test.save(),
      log: this.log.save(),
    };
  }

  restore(state: NetworkState): void {
    this.#sent = state.sent;
    this.#underway = state.underway.slice();
    this.faults.restore(state.faults);
    this.partitions.restore(state.partitions);
    this.#addresses.restore(state.table);
    this.#rates.forEach((rate, port) => rate?.restore(state.rates[port]!));
    this.ports.forEach((port, index) => port.restore(state.ports[index]!));
    this.#uplink = state.uplink === null ? undefined : new Uplink(this.#uplinkOptions, state.uplink);
    this.test.restore(state.test);
    this.log.restore(state.log);
  }

  #port(
    station: Pick<PortOptions, 'owner' | 'nic' | 'mac' | 'capacity' | 'wireTime'>,
    index: number,
  ): NetworkPort {
    return new NetworkPort({
      ...station,
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
    this.#record(port, frame);
    for (const passed of this.faults.pass(frame, LARGEST_UNDERWAY)) this.#enter(passed);
  }

  #record(port: NetworkPort, frame: Frame): void {
    const { sequence, bytes } = frame;
    this.log.append({ at: this.#context.now(), sender: port.owner, nic: port.nic, sequence, bytes });
    this.#trace(port, frame, {
      kind: 'frame-sent',
      to: destinationOf(bytes),
      type: typeOf(bytes),
      length: bytes.length,
    });
  }

  /** The frame is on its way to the switch. */
  #enter(frame: Frame): void {
    this.#underway.push({ frame, due: this.#context.cycles() + this.#latency });
  }

  /** @param isFromThere it comes from the other machine, and does not go back */
  #forward(frame: Frame, now: number, isFromThere = false): void {
    const { bytes, from } = frame;
    const classified = this.#hasVlans ? classify(bytes, this.#vlans[from]!) : undefined;
    // On its way a fault may have changed the tag.
    if (this.#hasVlans && classified === undefined) return this.#drop(this.ports[from]!, frame, 'vlan');
    const vlan = classified?.vlan ?? 0;
    this.#addresses.learn(vlan, bytes, from);
    const known = this.#addresses.find(vlan, bytes);
    const away: number[] = [];
    this.ports.forEach((port, index) => {
      if (index === from || (known !== undefined && known !== index)) return;
      const out = classified === undefined ? bytes : leaving(classified, this.#vlans[index]!);
      if (out === undefined) return;
      if (this.#uplink?.isAway(index) === true) return void away.push(index);
      const fault = this.partitions.between(this.ports[from]!.owner, port.owner);
      if (fault !== undefined) this.#drop(port, { ...frame, injected: fault }, 'parted');
      else port.forward(out === bytes ? frame : { ...frame, bytes: out }, now);
    });
    // The test has a port there, too.
    if (known === undefined) away.push(this.ports.length - 1);
    if (!isFromThere) this.#uplink?.forward(frame, now, away);
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
