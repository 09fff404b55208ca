/** One machine's side of a link: takes messages out of its channels, and lets those of the other side in when they are due. */
import type { Machine } from '../../hypervisor';
import {
  type CallChannel,
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
import { FrameSide, type FrameStep, type NetworkStep } from './crossing-frames';
import type { SplitRoutes } from './routes';

/** A message on its way to the other machine, in virtual nanoseconds of that one. */
export interface Crossing extends PassingMessage {
  /** The channel, or the network of a frame. */
  readonly channel: string;
  /** When it arrives. */
  readonly at: number;
  /** Of a channel of calls: what of one it is; of a network: whose frame. */
  readonly step?: CallStep | FrameStep;
}

/** A message that left this machine, or came into it, at a moment of its virtual time. */
export interface Crossed extends PassingMessage {
  readonly at: number;
  readonly direction: 'out' | 'in';
  readonly channel: string;
  /** Of a network also that it is joined with the other machine's, or is not any more. */
  readonly step?: CallStep | FrameStep | NetworkStep;
}

/** Bytes that one side sends at one meeting, at most; what is beyond waits in its channels. */
const MOST_BYTES = 256 * 1024;
const OVERHEAD = 64;
/** Frames on their way, at most: those of two meetings. */
const MOST_FRAMES = (2 * MOST_BYTES) / OVERHEAD;
const NOTHING = new Uint8Array(0);

const isBytes = (bytes: unknown): boolean => Object.prototype.toString.call(bytes) === '[object Uint8Array]';
type Step = Crossed['step'];
const isFrame = (step: Step): step is FrameStep => step?.is === 'frame';
/** What finds its channel full waits: messages and calls that are made. */
const needsRoom = (step: Step): boolean => step === undefined || step?.is === 'made';

export class Ferry {
  /** What passed, in order. */
  readonly crossed: Crossed[] = [];
  readonly #machine: Machine;
  readonly #out: readonly PassableChannel[];
  readonly #in: readonly PassableChannel[];
  /** By channel. */
  readonly #calls: ReadonlyMap<string, CallSide>;
  /** By network. */
  readonly #frames: ReadonlyMap<string, FrameSide>;
  /** By channel: the last value that was looked at. */
  readonly #seen = new Map<string, number>();
  /** In order of arrival. */
  #pending: readonly Crossing[] = [];

  /** Throws a `RangeError` for a channel or a network that there is not, or whose messages cannot pass. */
  constructor(machine: Machine, { out, in: into, networks }: Omit<SplitRoutes, 'unconnected'>) {
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
    this.#frames = new Map(networks.map((split) => [split.name, new FrameSide(machine, split)]));
  }

  /** From here on the machines' networks are joined: frames that reach the switch of one reach that of the other. */
  join(): void {
    for (const [name, side] of this.#frames) this.#recordStep(name, side.join());
  }

  /** They are not any more; frames that wait to be carried across are lost, as when a cable is pulled. */
  part(): void {
    for (const [name, side] of this.#frames) {
      const parted = side.part();
      if (parted !== undefined) this.#recordStep(name, parted);
    }
  }

  /** For how many messages each incoming channel has room, besides those that are on their way. */
  get rooms(): Readonly<Record<string, number>> {
    const servers = [...this.#calls.values()].filter((side) => side instanceof ServerSide);
    return Object.fromEntries(
      [...this.#in, ...servers.map(({ channel }) => channel)].map((channel) => {
        const coming = this.#pending.filter(
          ({ channel: name, step }) => name === channel.name && needsRoom(step),
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
    const send = (channel: string, passing: Pick<Crossing, 'bytes' | 'sentAt' | 'step'>): void => {
      bytes += passing.bytes.length + OVERHEAD;
      const sentAt = Math.max(0, toTheirs(passing.sentAt));
      const { step } = passing;
      taken.push({
        channel,
        sentAt,
        at: sentAt + latency,
        bytes: passing.bytes.slice(),
        ...(step && { step }),
      });
      this.#record('out', channel, passing);
    };
    for (const channel of this.#out) {
      const { name } = channel;
      for (let room = rooms[name] ?? 0; room > 0 && bytes < MOST_BYTES; room--) {
        const message = takeOut(channel, this.#seen.get(name) ?? 0);
        if (message === undefined) break;
        this.#seen.set(name, message.sequence);
        send(name, { bytes: message.bytes, sentAt: message.sentAt });
      }
    }
    for (const [name, side] of this.#calls)
      for (let room = rooms[name] ?? 0; bytes < MOST_BYTES;) {
        const passing = side.take(room, this.#machine.now);
        if (passing === undefined) break;
        if (needsRoom(passing.step)) room--;
        send(name, passing);
      }
    for (const [name, side] of this.#frames)
      while (bytes < MOST_BYTES) {
        const passing = side.take();
        if (passing === undefined) break;
        send(name, passing);
      }
    return taken;
  }

  /**
   * What the other side has sent is on its way. Throws a `RangeError`, and changes nothing, for what cannot be from it.
   */
  accept(crossings: readonly Crossing[]): void {
    const rooms = { ...this.rooms };
    let frames = this.#pending.filter(({ step }) => isFrame(step)).length;
    for (const crossing of crossings) {
      const { channel: name, bytes, sentAt, at, step } = crossing;
      const isWhole =
        isBytes(bytes) &&
        Number.isSafeInteger(at) &&
        Number.isSafeInteger(sentAt) &&
        sentAt >= 0 &&
        at >= sentAt;
      const hasRoom = isFrame(step) ? ++frames <= MOST_FRAMES : !needsRoom(step) || rooms[name]! >= 1;
      if (!isWhole || !hasRoom || !this.#fits(crossing))
        throw new RangeError(`${name} does not take that message`);
      if (needsRoom(step) && !this.#isSampling(name)) rooms[name]!--;
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
    this.part();
  }

  #isSampling(name: string): boolean {
    return this.#in.some((channel) => channel.name === name && channel.kind === 'sampling');
  }

  #fits({ channel: name, bytes, sentAt, step }: Crossing): boolean {
    if (typeof step === 'object' && isFrame(step))
      return this.#frames.get(name)?.fits({ bytes, sentAt, step }) === true;
    return bytes.length <= this.#largestOf(name, step);
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
      const { channel: name, at, step } = crossing;
      if (at > now || (!isFrame(step) && (full.has(name) || !this.#hasRoom(name, step)))) {
        waiting.push(crossing);
        if (!isFrame(step)) full.add(name);
      } else {
        this.#enter(crossing);
        this.#record('in', name, crossing);
      }
    }
    this.#pending = waiting;
  }

  #hasRoom(name: string, step: Step): boolean {
    return !needsRoom(step) || roomIn(this.#channelOf(name)) >= 1;
  }

  #channelOf(name: string): PassableChannel | CallChannel {
    return this.#calls.get(name)?.channel ?? this.#in.find((channel) => channel.name === name)!;
  }

  #enter({ channel: name, bytes, sentAt, step }: Crossing): void {
    if (step === undefined) this.#channelOf(name).carryIn(bytes, sentAt);
    else if (isFrame(step)) this.#frames.get(name)!.letIn({ bytes, sentAt, step });
    else this.#calls.get(name)!.letIn({ bytes, sentAt, step });
  }

  #record(
    direction: Crossed['direction'],
    channel: string,
    { bytes, sentAt, step }: Pick<Crossed, 'bytes' | 'sentAt' | 'step'>,
  ): void {
    this.crossed.push({ at: this.#machine.now, direction, channel, sentAt, bytes, ...(step && { step }) });
  }

  #recordStep(network: string, step: NetworkStep): void {
    this.#record('out', network, { bytes: NOTHING, sentAt: this.#machine.now, step });
  }
}
