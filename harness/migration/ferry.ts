/** One machine's side of a link: takes messages out of its channels, and lets those of the other side in when they are due. */
import type { Machine } from '../../hypervisor';
import {
  type CallChannel,
  endsOf,
  isPassable,
  type PassableChannel,
  type PassingMessage,
  roomIn,
  takeOut,
} from './crossing';
import {
  CALL_STEPS,
  type CallSide,
  type CallStep,
  ClientSide,
  isToServer,
  ServerSide,
} from './crossing-calls';

/** A message on its way to the other machine, in virtual nanoseconds of that one. */
export interface Crossing extends PassingMessage {
  readonly channel: string;
  /** When it arrives. */
  readonly at: number;
  /** Of a channel of calls: what of one it is. */
  readonly step?: CallStep;
}

/** A message that left this machine, or came into it, at a moment of its virtual time. */
export interface Crossed extends PassingMessage {
  readonly at: number;
  readonly direction: 'out' | 'in';
  readonly channel: string;
  readonly step?: CallStep;
}

/** Which channels go where, by name; one of calls as the calls go. */
export interface Routes {
  readonly out: readonly string[];
  readonly in: readonly string[];
  /** With ends on both sides, and of a kind that cannot be connected. */
  readonly unconnected: readonly string[];
}

/** Of a machine from which VMs have moved. */
export function routesOf({ channels, system }: Machine, moved: ReadonlySet<string>): Routes {
  const routes = { out: [] as string[], in: [] as string[], unconnected: [] as string[] };
  for (const channel of channels) {
    const { sender, receivers } = endsOf(channel, system);
    if (sender === null) continue;
    const isFromThere = moved.has(sender);
    const crosses = receivers.some((name) => name !== null && moved.has(name) !== isFromThere);
    if (!crosses) continue;
    if (!isPassable(channel)) routes.unconnected.push(channel.name);
    else (isFromThere ? routes.in : routes.out).push(channel.name);
  }
  return routes;
}

/** Bytes that one side sends at one meeting, at most; what is beyond waits in its channels. */
const MOST_BYTES = 256 * 1024;
const OVERHEAD = 64;

export class Ferry {
  /** What passed, in order. */
  readonly crossed: Crossed[] = [];
  readonly #machine: Machine;
  readonly #out: readonly PassableChannel[];
  readonly #in: readonly PassableChannel[];
  /** By channel. */
  readonly #calls: ReadonlyMap<string, CallSide>;
  /** By channel: the last value that was looked at. */
  readonly #seen = new Map<string, number>();
  /** In order of arrival. */
  #pending: readonly Crossing[] = [];

  /** Throws a `RangeError` for a channel that there is not, or whose messages cannot pass. */
  constructor(machine: Machine, { out, in: into }: Pick<Routes, 'out' | 'in'>) {
    const calls = new Map<string, CallSide>();
    const passable = (names: readonly string[], Side: new (channel: CallChannel) => CallSide) =>
      names.flatMap((name) => {
        const channel = machine.channel(name);
        if (!isPassable(channel)) throw new RangeError(`${name} is a ${channel.kind} channel`);
        if (channel.kind !== 'rpc') return channel;
        calls.set(name, new Side(channel));
        return [];
      });
    this.#machine = machine;
    this.#out = passable(out, ClientSide);
    this.#in = passable(into, ServerSide);
    this.#calls = calls;
  }

  /** For how many messages each incoming channel has room, besides those that are on their way. */
  get rooms(): Readonly<Record<string, number>> {
    const servers = [...this.#calls.values()].filter((side) => side instanceof ServerSide);
    return Object.fromEntries(
      [...this.#in, ...servers.map(({ channel }) => channel)].map((channel) => {
        const coming = this.#pending.filter(
          ({ channel: name, step }) => name === channel.name && step?.is !== 'given-up',
        ).length;
        return [channel.name, channel.kind === 'sampling' ? 1 : Math.max(0, roomIn(channel) - coming)];
      }),
    );
  }

  /**
   * Takes out what the other side has room for, in order of the channels' declaration.
   * @param toTheirs their time of a moment of ours
   * @param latency nanoseconds on the way
   */
  take(
    rooms: Readonly<Record<string, number>>,
    toTheirs: (time: number) => number,
    latency: number,
  ): Crossing[] {
    const taken: Crossing[] = [];
    let bytes = 0;
    for (const channel of this.#out) {
      const { name } = channel;
      for (let room = rooms[name] ?? 0; room > 0 && bytes < MOST_BYTES; room--) {
        const message = takeOut(channel, this.#seen.get(name) ?? 0);
        if (message === undefined) break;
        this.#seen.set(name, message.sequence);
        bytes += message.bytes.length + OVERHEAD;
        const sentAt = Math.max(0, toTheirs(message.sentAt));
        taken.push({ channel: name, sentAt, at: sentAt + latency, bytes: message.bytes.slice() });
        this.#record('out', name, message);
      }
    }
    for (const [name, side] of this.#calls)
      for (let room = rooms[name] ?? 0; bytes < MOST_BYTES;) {
        const passing = side.take(room, this.#machine.now);
        if (passing === undefined) break;
        const { step } = passing;
        if (step.is === 'made') room--;
        bytes += passing.bytes.length + OVERHEAD;
        const sentAt = Math.max(0, toTheirs(passing.sentAt));
        taken.push({ channel: name, sentAt, at: sentAt + latency, bytes: passing.bytes.slice(), step });
        this.#record('out', name, passing);
      }
    return taken;
  }

  /**
   * What the other side has sent is on its way. Throws a `RangeError`, and changes nothing, for what cannot be from it.
   */
  accept(crossings: readonly Crossing[]): void {
    const rooms = { ...this.rooms };
    for (const { channel: name, bytes, sentAt, at, step } of crossings) {
      const isOneMore = step === undefined || step?.is === 'made';
      const fits =
        ArrayBuffer.isView(bytes) &&
        bytes.length <= this.#largestOf(name, step) &&
        Number.isSafeInteger(at) &&
        at >= sentAt;
      if (!fits || !Number.isSafeInteger(sentAt) || sentAt < 0 || (isOneMore && !(rooms[name]! >= 1)))
        throw new RangeError(`${name} does not take that message`);
      if (isOneMore && !this.#in.some((channel) => channel.name === name && channel.kind === 'sampling'))
        rooms[name]!--;
    }
    // Of those that arrive at the same moment the one that was told of first comes first.
    this.#pending = [...this.#pending, ...crossings].sort((one, other) => one.at - other.at);
  }

  /** Runs the machine to a moment, and lets in at theirs what arrives before it. @throws RangeError where it halts */
  runTo(until: number): void {
    const machine = this.#machine;
    this.#letIn(machine.now);
    for (let next = this.#nextArrival(machine.now); next < until; next = this.#nextArrival(machine.now)) {
      machine.run({ until: next });
      this.#letIn(Math.max(next, machine.now));
    }
    if (machine.now < until) machine.run({ until });
    if (machine.now < until) throw new RangeError(`the machine halted at ${machine.now} ns`);
  }

  /** Lets in at once whatever is on its way: the link ends, and with it calls that are open. */
  empty(): void {
    this.#letIn(Infinity);
    for (const side of this.#calls.values()) side.end();
  }

  /** Bytes that may come in there; -1 where nothing does. */
  #largestOf(name: string, step: CallStep | undefined): number {
    if (step === undefined) {
      const channel = this.#in.find((candidate) => candidate.name === name);
      return channel === undefined ? -1 : channel.kind === 'signal' ? 0 : channel.messageSize;
    }
    const side = this.#calls.get(name);
    if (typeof step !== 'object' || step === null) return -1;
    const { is, call } = step;
    if (side === undefined || !CALL_STEPS.includes(is) || !Number.isSafeInteger(call)) return -1;
    if (isToServer(step) !== side instanceof ServerSide) return -1;
    return is === 'made' ? side.channel.messageSize : is === 'replied' ? side.channel.replySize : 0;
  }

  #nextArrival(after: number): number {
    for (const { at } of this.#pending) if (at > after) return at;
    return Infinity;
  }

  /** In order; where a fault has filled a channel, what it has no room for waits for the next moment. */
  #letIn(now: number): void {
    const waiting: Crossing[] = [];
    const full = new Set<string>();
    for (const crossing of this.#pending) {
      const { channel: name, at, bytes, sentAt, step } = crossing;
      const side = this.#calls.get(name);
      const channel = side?.channel ?? this.#in.find((candidate) => candidate.name === name)!;
      const needsRoom = step === undefined || step.is === 'made';
      if (at > now || full.has(name) || (needsRoom && roomIn(channel) < 1)) {
        waiting.push(crossing);
        full.add(name);
      } else {
        if (side !== undefined && step !== undefined) side.letIn({ step, bytes, sentAt });
        else channel.carryIn(bytes, sentAt);
        this.#record('in', name, crossing);
      }
    }
    this.#pending = waiting;
  }

  #record(
    direction: Crossed['direction'],
    channel: string,
    { bytes, sentAt, step }: PassingMessage & { readonly step?: CallStep },
  ): void {
    this.crossed.push({ at: this.#machine.now, direction, channel, sentAt, bytes, ...(step && { step }) });
  }
}
