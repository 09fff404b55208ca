/** One machine's side of a link: takes messages out of its channels, and lets those of the other side in when they are due. */
import {
  endsOf,
  isPassable,
  type Machine,
  type PassableChannel,
  type PassingMessage,
  roomIn,
  takeOut,
} from '../../hypervisor';

/** A message on its way to the other machine, in virtual nanoseconds of that one. */
export interface Crossing extends PassingMessage {
  readonly channel: string;
  /** When it arrives. */
  readonly at: number;
}

/** A message that left this machine, or came into it, at a moment of its virtual time. */
export interface Crossed extends PassingMessage {
  readonly at: number;
  readonly direction: 'out' | 'in';
  readonly channel: string;
}

/** Which channels go where, by name. */
export interface Routes {
  readonly out: readonly string[];
  readonly in: readonly string[];
  /** With ends on both sides, and of a kind that cannot be connected. */
  readonly unconnected: readonly string[];
}

/** Of a machine from which VMs have moved. */
export function routesOf({ channels, vms }: Machine, moved: ReadonlySet<string>): Routes {
  const routes = { out: [] as string[], in: [] as string[], unconnected: [] as string[] };
  for (const channel of channels) {
    const { sender, receivers } = endsOf(channel, vms);
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
  /** By channel: the last value that was looked at. */
  readonly #seen = new Map<string, number>();
  /** In order of arrival. */
  #pending: readonly Crossing[] = [];

  /** Throws a `RangeError` for a channel that there is not, or whose messages cannot pass. */
  constructor(machine: Machine, { out, in: into }: Pick<Routes, 'out' | 'in'>) {
    const passable = (name: string): PassableChannel => {
      const channel = machine.channel(name);
      if (!isPassable(channel)) throw new RangeError(`${name} is a ${channel.kind} channel`);
      return channel;
    };
    this.#machine = machine;
    this.#out = out.map(passable);
    this.#in = into.map(passable);
  }

  /** For how many messages each incoming channel has room, besides those that are on their way. */
  get rooms(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.#in.map((channel) => {
        const coming = this.#pending.filter((crossing) => crossing.channel === channel.name).length;
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
    return taken;
  }

  /**
   * What the other side has sent is on its way. Throws a `RangeError`, and changes nothing, for what cannot be from it.
   */
  accept(crossings: readonly Crossing[]): void {
    const rooms = { ...this.rooms };
    for (const { channel: name, bytes, sentAt, at } of crossings) {
      const channel = this.#in.find((candidate) => candidate.name === name);
      const size = channel === undefined ? -1 : channel.kind === 'signal' ? 0 : channel.messageSize;
      const fits =
        ArrayBuffer.isView(bytes) && bytes.length <= size && Number.isSafeInteger(at) && at >= sentAt;
      if (!fits || !Number.isSafeInteger(sentAt) || sentAt < 0 || rooms[name]! < 1)
        throw new RangeError(`${name} does not take that message`);
      if (channel!.kind !== 'sampling') rooms[name]!--;
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

  /** Lets in at once whatever is on its way: the link ends. */
  empty(): void {
    this.#letIn(Infinity);
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
      const { channel: name, at, bytes, sentAt } = crossing;
      const channel = this.#in.find((candidate) => candidate.name === name)!;
      if (at > now || full.has(name) || roomIn(channel) < 1) {
        waiting.push(crossing);
        full.add(name);
      } else {
        channel.carryIn(bytes, sentAt);
        this.#record('in', name, crossing);
      }
    }
    this.#pending = waiting;
  }

  #record(direction: Crossed['direction'], channel: string, { bytes, sentAt }: PassingMessage): void {
    this.crossed.push({ at: this.#machine.now, direction, channel, sentAt, bytes });
  }
}
