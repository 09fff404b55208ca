import { TEST_END } from '../../platform/system';
import type { MessageEffect } from '../faults/effect';
import type { FaultStatus } from '../faults/fault';
import { matches } from '../faults/pattern';
import type { ChannelContext } from './context';
import { injectedBy, type ChannelMessage } from './message';

export type MessageFault = MessageEffect;
export type MessageFaultModel = MessageFault['model'];

/** A fault armed on a channel: how many messages it still lets pass, and how many it still acts on. */
interface ArmedFault<Message> {
  readonly id: number;
  readonly fault: MessageFault;
  readonly passing: number;
  readonly remaining: number;
  /** The cycle from which on it does nothing more. */
  readonly until: number;
  /** Virtual nanoseconds of its first action. */
  readonly firedAt: number | null;
  /** The message that a reordering fault holds back until the next one has passed. */
  readonly held: Message | null;
}

interface DelayedMessage<Message> {
  readonly message: Message;
  readonly due: number;
}

export interface MessageFaultsState<Message extends ChannelMessage = ChannelMessage> {
  readonly armed: readonly ArmedFault<Message>[];
  readonly delayed: readonly DelayedMessage<Message>[];
}

/** What the pipeline needs of the machine around it. */
export type FaultsContext = Pick<ChannelContext, 'now' | 'cycles' | 'clock' | 'trace'>;

/** What the pipeline knows of the channel, or the network, that it belongs to. */
export interface FaultyChannel {
  readonly name: string;
  /** Name of the sending end. */
  readonly sender: string;
  /** Models that mean nothing for this kind of channel, and why. */
  readonly inapplicable: Partial<Readonly<Record<MessageFaultModel, string>>>;
  /** What a message means, for faults that are about some values only. */
  valueOf(bytes: Uint8Array): unknown;
}

/**
 * The one place where faults reach messages: a pipeline between the sender and the channel. Every message
 * passes the armed faults in the order they were armed; what comes out enters the channel. A message that is
 * delayed or held back has left the pipeline and passes no further fault.
 *
 * Each action of a fault is recorded as `fault-injected`, and what it lets into the channel carries its number.
 */
export class MessageFaults<Message extends ChannelMessage = ChannelMessage> {
  readonly #context: FaultsContext;
  readonly #channel: FaultyChannel;
  #armed: readonly ArmedFault<Message>[] = [];
  /** By due cycle, then by arrival. */
  #delayed: readonly DelayedMessage<Message>[] = [];

  constructor(context: FaultsContext, channel: FaultyChannel) {
    this.#context = context;
    this.#channel = channel;
  }

  /**
   * Arms a fault from now on.
   * @param id the fault's number in the trace.
   * @param passing messages it lets pass before the first it acts on
   * @param until cycle from which on it does nothing more
   * @returns `not-activated` when the model means nothing for this channel; nothing is armed then.
   */
  arm(id: number, fault: MessageFault, passing = 0, until = Infinity): FaultStatus {
    const why = this.#channel.inapplicable[fault.model];
    if (why !== undefined) return { is: 'not-activated', why };
    const armed = { id, fault, passing, remaining: fault.count, until, firedAt: null, held: null };
    this.#armed = [...this.#armed, armed];
    return { is: 'armed' };
  }

  /** What became of a fault; `undefined` when no fault of this number was armed here. */
  status(id: number): FaultStatus | undefined {
    const armed = this.#armed.find((candidate) => candidate.id === id);
    if (armed === undefined) return undefined;
    return armed.firedAt === null ? { is: 'armed' } : { is: 'fired', at: armed.firedAt };
  }

  /** No fault was ever armed here. */
  get areNone(): boolean {
    return this.#armed.length === 0;
  }

  /** Messages accepted from the sender that are still on their way. Each will need room in the channel. */
  get inFlight(): number {
    if (this.areNone) return this.#delayed.length;
    return this.#delayed.length + this.#armed.filter(({ held }) => held !== null).length;
  }

  /**
   * Passes a message through the faults.
   * @param spareRoom how many messages more than this one the channel has room for; bounds duplication.
   * @returns what enters the channel now, in order.
   */
  pass(message: Message, spareRoom: number): readonly Message[] {
    if (this.areNone) return [message];
    const stage = new Stage<Message>(this.#context, this.#channel, spareRoom);
    const armed: ArmedFault<Message>[] = [];
    let messages: readonly Message[] = [message];
    for (let fault of this.#armed) {
      const passed: Message[] = [];
      for (const candidate of messages) {
        fault = stage.act(fault, candidate, passed);
      }
      messages = passed;
      armed.push(fault);
    }
    this.#armed = armed;
    for (const delayed of stage.delayed) this.#insert(delayed);
    return messages;
  }

  /** The cycle at which a delayed message is due next; `Infinity` when none is. */
  nextEventAt(): number {
    return this.#delayed[0]?.due ?? Infinity;
  }

  /** Takes the delayed messages due by `cycle`, in the order in which they are due. */
  takeDue(cycle: number): readonly Message[] {
    const count = this.#delayed.findIndex(({ due }) => due > cycle);
    const due = count === -1 ? this.#delayed : this.#delayed.slice(0, count);
    if (due.length > 0) this.#delayed = this.#delayed.slice(due.length);
    return due.map(({ message }) => message);
  }

  save(): MessageFaultsState<Message> {
    return { armed: this.#armed, delayed: this.#delayed };
  }

  restore(state: MessageFaultsState<Message>): void {
    this.#armed = state.armed;
    this.#delayed = state.delayed;
  }

  #insert(delayed: DelayedMessage<Message>): void {
    const at = this.#delayed.findIndex(({ due }) => due > delayed.due);
    const before = at === -1 ? this.#delayed.length : at;
    this.#delayed = [...this.#delayed.slice(0, before), delayed, ...this.#delayed.slice(before)];
  }
}

/** One message's passage: what the faults did to it, and the records of that. */
class Stage<Message extends ChannelMessage> {
  readonly delayed: DelayedMessage<Message>[] = [];
  readonly #context: FaultsContext;
  readonly #channel: FaultyChannel;
  #spareRoom: number;

  constructor(context: FaultsContext, channel: FaultyChannel, spareRoom: number) {
    this.#context = context;
    this.#channel = channel;
    this.#spareRoom = spareRoom;
  }

  /** Lets one fault act on one message; appends what goes on to `passed`. @returns the fault as it is then. */
  act(armed: ArmedFault<Message>, message: Message, passed: Message[]): ArmedFault<Message> {
    if (armed.held !== null) {
      passed.push(injectedBy(message, armed.id), injectedBy(armed.held, armed.id));
      return { ...armed, held: null };
    }
    if (armed.remaining === 0 || !this.#concerns(armed, message)) {
      passed.push(message);
      return armed;
    }
    if (armed.passing > 0) {
      passed.push(message);
      return { ...armed, passing: armed.passing - 1 };
    }
    const action = this.#apply(armed, message, passed);
    if (action === undefined) {
      passed.push(message);
      return armed;
    }
    this.#record(armed.id, `${action} message ${message.sequence} on channel ${this.#channel.name}`);
    return {
      ...armed,
      remaining: armed.remaining - 1,
      firedAt: armed.firedAt ?? this.#context.now(),
      held: armed.fault.model === 'message-reorder' ? message : null,
    };
  }

  #concerns({ fault: { matching }, until }: ArmedFault<Message>, { bytes }: Message): boolean {
    if (this.#context.cycles() >= until) return false;
    return matching === undefined || matches(this.#channel.valueOf(bytes), matching);
  }

  /** @returns what was done, for the record; `undefined` when the fault had nothing to act on. */
  #apply({ id, fault, until }: ArmedFault<Message>, message: Message, passed: Message[]): string | undefined {
    switch (fault.model) {
      case 'message-lose':
        return 'lost';
      case 'message-delay':
        this.delayed.push({
          message: injectedBy(message, id),
          due: this.#context.cycles() + this.#context.clock.nanosecondsToCycles(fault.delay),
        });
        return `delayed by ${fault.delay} ns:`;
      case 'message-clog':
        this.delayed.push({ message: injectedBy(message, id), due: until });
        return 'held up:';
      case 'message-duplicate':
        if (this.#spareRoom <= 0) return undefined;
        this.#spareRoom--;
        passed.push(message, injectedBy(message, id));
        return 'duplicated';
      case 'message-reorder':
        return 'held back until the next one has passed:';
      case 'message-corrupt': {
        const bytes = corrupted(message.bytes, fault.offset, fault.mask);
        if (bytes === undefined) return undefined;
        passed.push({ ...message, bytes, injected: id });
        return 'corrupted';
      }
      case 'message-truncate': {
        if (message.bytes.length <= fault.length) return undefined;
        passed.push({ ...message, bytes: message.bytes.slice(0, fault.length), injected: id });
        return `cut to ${fault.length} bytes:`;
      }
    }
  }

  #record(fault: number, description: string): void {
    const { sender } = this.#channel;
    this.#context.trace({
      at: this.#context.now(),
      kind: 'fault-injected',
      fault,
      vm: sender === TEST_END ? null : sender,
      description,
    });
  }
}

/** The bytes with `mask` xored in at `offset`, as far as they reach; `undefined` when no bit changes. */
function corrupted(bytes: Uint8Array, offset: number, mask: Uint8Array): Uint8Array | undefined {
  const copy = bytes.slice();
  let changed = false;
  for (let index = 0; index < mask.length && offset + index < copy.length; index++) {
    const bits = mask[index]!;
    copy[offset + index]! ^= bits;
    changed ||= bits !== 0;
  }
  return changed ? copy : undefined;
}
