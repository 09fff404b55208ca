/** Channels with the little of a machine that they need: a clock that a spec moves, and a trace. */
import type { SystemChannel } from '../../../platform/system';
import { clockConversion } from '../../../platform/time';
import {
  type AnyChannel,
  type ChannelContext,
  createChannels,
  inheritedPriorities,
  type RegionMemory,
  type RpcChannel,
  type SharedChannel,
} from '../../../hypervisor/channels';
import type { EventForm } from '../../../hypervisor/trace/event-form';
import type { TraceEvent } from '../../../hypervisor/trace/events';

export const VMS = ['train', 'sensor', 'display', 'logger'] as const;
export const vm = (name: (typeof VMS)[number]): number => VMS.indexOf(name);

const FREQUENCY = 100_000_000;
export const NANOSECONDS_PER_CYCLE = 1e9 / FREQUENCY;

const unnamed = { name: 'link', message: undefined, rate: undefined, from: 'train', to: ['display'] };
export const QUEUE = {
  ...unnamed,
  kind: 'queue',
  messageSize: 16,
  capacity: 3,
  whenFull: 'wait',
} as const satisfies SystemChannel;
export const SAMPLING = {
  ...unnamed,
  kind: 'sampling',
  to: ['display', 'logger'],
  messageSize: 16,
  validity: undefined,
} as const;
export const SIGNAL = { ...unnamed, kind: 'signal', initial: 0, maximum: 3 } as const;
export const SHARED = {
  ...unnamed,
  kind: 'shared',
  to: ['display', 'logger'],
  message: undefined,
  size: 64,
  address: 0x6000_0000,
  mutex: 'priority-inheritance',
} as const;
export const RPC = {
  ...unnamed,
  kind: 'rpc',
  messageSize: 16,
  reply: undefined,
  replySize: 16,
  capacity: 3,
} as const satisfies SystemChannel;
export const KINDS: readonly SystemChannel[] = [QUEUE, SAMPLING, SIGNAL, SHARED, RPC];

export class Bench implements ChannelContext {
  readonly events: TraceEvent[] = [];
  readonly wakes: string[] = [];
  readonly clock = clockConversion(FREQUENCY);
  readonly channels: readonly AnyChannel[];
  readonly regions: readonly Uint8Array[];
  /** The VMs' own priorities, by number. */
  own: readonly number[] = VMS.map(() => 0);
  #cycles = 0;

  constructor(definitions: readonly SystemChannel[]) {
    this.regions = definitions.map(
      (definition) => new Uint8Array(definition.kind === 'shared' ? definition.size : 0),
    );
    const vms = VMS.map((name) => ({ name }) as never);
    this.channels = createChannels({ vms, channels: definitions }, this, (channel) =>
      this.#regionOf(channel),
    );
  }

  now(): number {
    return this.clock.cyclesToNanoseconds(this.#cycles);
  }

  traceOf(form: EventForm, at: number, sequence: number, bytes: Uint8Array): void {
    this.trace(form.event(at, sequence, bytes));
  }

  cycles(): number {
    return this.#cycles;
  }

  priority(of: number): number {
    const locks = this.channels.filter(({ kind }) => kind === 'shared' || kind === 'rpc') as (
      SharedChannel | RpcChannel
    )[];
    return inheritedPriorities(this.own, locks)[of]!;
  }

  trace(event: TraceEvent): void {
    this.events.push(event);
  }

  wake(of: number, reason: string, channel: number): void {
    this.wakes.push(`${VMS[of]} ${reason} ${channel}`);
  }

  /** Lets time pass, stopping at every moment at which something is due. */
  pass(nanoseconds: number): void {
    const end = this.#cycles + this.clock.nanosecondsToCycles(nanoseconds);
    for (;;) {
      const due = Math.min(...this.channels.map((channel) => channel.nextEventAt()));
      if (due > end) break;
      this.#cycles = due;
      for (const channel of this.channels) channel.advance(due);
    }
    this.#cycles = end;
  }

  /** Continues from another bench's moment. */
  restore(other: {
    readonly cycles: number;
    readonly states: readonly never[];
    readonly regions: readonly Uint8Array[];
  }): void {
    this.#cycles = other.cycles;
    this.channels.forEach((channel, number) => channel.restore(other.states[number]!));
    this.regions.forEach((region, number) => region.set(other.regions[number]!));
  }

  /** The message events, short: `sent 1 [7]`, with `!fault` where a fault made it. */
  get messages(): readonly string[] {
    return this.events.flatMap((event) => {
      if (event.kind !== 'message-sent' && event.kind !== 'message-received') return [];
      const mark = event.injected === undefined ? '' : ` !${event.injected}`;
      return [`${event.kind.slice('message-'.length)} ${event.sequence} [${event.bytes.join(' ')}]${mark}`];
    });
  }

  /** What was recorded of faults. */
  get injections(): readonly string[] {
    return this.events.flatMap((event) => (event.kind === 'fault-injected' ? [event.description] : []));
  }

  #regionOf(channel: number): RegionMemory {
    const region = this.regions[channel]!;
    return {
      read: (offset, size) => region.slice(offset, offset + size),
      write: (offset, bytes) => region.set(bytes, offset),
    };
  }
}

/** A bench with one channel. */
export function benchOf<Definition extends SystemChannel>(
  definition: Definition,
): { readonly bench: Bench; readonly channel: Extract<AnyChannel, { readonly kind: Definition['kind'] }> } {
  const bench = new Bench([definition]);
  return { bench, channel: bench.channels[0] as Extract<AnyChannel, { readonly kind: Definition['kind'] }> };
}

export const bytesOf = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
