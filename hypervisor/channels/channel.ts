import type { Message } from '../../platform/message';
import type { SystemChannel } from '../../platform/system';
import { EventForm, NO_BYTES } from '../trace/event-form';
import { type ChannelContext, type ChannelWait, type Parties, type Party, TEST_PARTY } from './context';
import type { ChannelMessage } from './message';
import { MessageFaults, type MessageFaultModel, type MessageFaultsState } from './message-faults';
import { RateLimit, type RateLimitState } from './rate-limit';

export interface ChannelState {
  /** Messages sent so far, which is the last one's number. */
  readonly sent: number;
  readonly faults: MessageFaultsState;
  /** `null` where the channel declares no rate. */
  readonly rate: RateLimitState | null;
}

/**
 * What channels of all kinds share: ends, numbering, the faults on the send path, and the trace.
 *
 * Every operation decides at once and never blocks: who must wait is told so and comes again. State is
 * plain data. Which VM waits is the machine's knowledge (`VmState`); a channel only says through
 * `ChannelContext.wake` that waiting may be over. The exception is a shared channel's mutex, which has many
 * waiters and must choose among them.
 */
export abstract class Channel {
  /** Place among the system's channels. */
  readonly number: number;
  readonly name: string;
  readonly sender: Party;
  readonly receivers: readonly Party[];
  readonly faults: MessageFaults;
  protected readonly context: ChannelContext;
  protected readonly parties: Parties;
  readonly #rate: RateLimit | undefined;
  readonly #message: Message | undefined;
  /** Of messages sent, and received by each party (`TEST_PARTY` first): written down when the first one is. */
  #sentForm: EventForm | undefined;
  readonly #receivedForms: EventForm[] = [];
  #sent = 0;

  protected constructor(
    number: number,
    definition: SystemChannel,
    parties: Parties,
    context: ChannelContext,
    inapplicable: Partial<Record<MessageFaultModel, string>>,
  ) {
    this.number = number;
    this.name = definition.name;
    this.sender = parties.number(definition.from);
    this.receivers = definition.to.map((name) => parties.number(name));
    this.context = context;
    this.parties = parties;
    this.#message = definition.message;
    this.faults = new MessageFaults(context, {
      name: this.name,
      sender: definition.from,
      inapplicable,
      valueOf: (bytes) => this.valueOf(bytes),
    });
    const { rate } = definition;
    this.#rate = rate && new RateLimit(rate, context.clock.nanosecondsToCycles(rate.per));
  }

  /** Messages sent since the machine started, lost ones included: what a trigger by n-th message counts. */
  get sent(): number {
    return this.#sent;
  }

  /** What a message means to conditions on it: its declared value, or its bytes where it has none. */
  valueOf(bytes: Uint8Array): unknown {
    const message = this.#message;
    if (message === undefined || bytes.length < message.size) return bytes;
    return message.decode(bytes.subarray(0, message.size));
  }

  /** Whether the VM or the test has an end of this channel. */
  hasEnd(party: Party): boolean {
    return party === this.sender || this.receivers.includes(party);
  }

  /** Whether something waits here that this receiver has not taken or looked at yet. */
  abstract hasNews(receiver: Party): boolean;

  /** What was sent before, in another machine, arrives here: no rate counts it again. The channel has room for it. */
  carryIn(bytes: Uint8Array, sentAt: number): void {
    this.#enter({ ...this.nextMessage(bytes), sentAt });
  }

  /** The receiver was told that there is news (it woke from `partition idle`). What can be taken stays news. */
  abstract notice(receiver: Party): void;

  /** The cycle at which the channel must be advanced next; `Infinity` when nothing is due. */
  nextEventAt(): number {
    return this.faults.nextEventAt();
  }

  /** Lets in the delayed messages due by cycle `now`. Calling it early, late or twice is harmless. */
  advance(now: number): void {
    for (const message of this.faults.takeDue(now)) this.#enter(message);
  }

  /**
   * A VM crashed, halted or restarts: what it holds is released and its waiting ends. Messages stay: what was
   * sent before a crash is still delivered, and what waits for a receiver waits for its next generation.
   */
  vmStopped(_vm: number): void {}

  /** The channel's part of a message's arrival. */
  protected abstract arrive(message: ChannelMessage): void;

  /** Whether the sender may send a message of so many bytes now by its declared rate; counts it if so, and records it if not. */
  protected admits(size: number): boolean {
    const excess = this.#rate?.take(size, this.context.cycles());
    if (excess === undefined) return true;
    this.context.trace({
      at: this.context.now(),
      kind: 'limit-exceeded',
      vm: this.parties.name(this.sender),
      limit: `${excess}-rate`,
      of: this.name,
    });
    return false;
  }

  /** Sends through the faults. The channel has room for this message and `spareRoom` more. */
  protected pass(bytes: Uint8Array, spareRoom: number): void {
    const message = this.nextMessage(bytes);
    if (this.faults.areNone) this.#enter(message);
    else for (const passed of this.faults.pass(message, spareRoom)) this.#enter(passed);
  }

  /** The sender's next message. */
  protected nextMessage(bytes: Uint8Array): ChannelMessage {
    this.#sent++;
    return { sequence: this.#sent, bytes, sentAt: this.context.now() };
  }

  protected wake(party: Party, reason: ChannelWait): void {
    if (party !== TEST_PARTY) this.context.wake(party, reason, this.number);
  }

  protected traceReceived(receiver: Party, message: ChannelMessage): void {
    if (message.injected !== undefined) return this.#trace('message-received', receiver, message);
    const form = (this.#receivedForms[receiver - TEST_PARTY] ??= this.#formOf('message-received', receiver));
    this.context.traceOf(form, this.context.now(), message.sequence, message.bytes);
  }

  protected traceDropped(message: ChannelMessage): void {
    this.#trace('message-dropped', this.sender, message);
  }

  protected saveChannel(): ChannelState {
    return { sent: this.#sent, faults: this.faults.save(), rate: this.#rate?.save() ?? null };
  }

  protected restoreChannel(state: ChannelState): void {
    this.#sent = state.sent;
    this.faults.restore(state.faults);
    if (state.rate !== null) this.#rate?.restore(state.rate);
  }

  #enter(message: ChannelMessage): void {
    this.#traceSent(message);
    this.arrive(message);
  }

  #traceSent(message: ChannelMessage): void {
    if (message.injected !== undefined) return this.#trace('message-sent', this.sender, message);
    this.#sentForm ??= this.#formOf('message-sent', this.sender);
    this.context.traceOf(this.#sentForm, this.context.now(), message.sequence, message.bytes);
  }

  #formOf(kind: 'message-sent' | 'message-received', party: Party): EventForm {
    const { name: channel } = this;
    const vm = this.parties.name(party);
    return new EventForm({ at: 0, kind, channel, vm, sequence: 0, bytes: NO_BYTES }, party);
  }

  #trace(
    kind: 'message-sent' | 'message-received' | 'message-dropped',
    party: Party,
    message: ChannelMessage,
  ): void {
    this.context.trace({
      at: this.context.now(),
      ...(message.injected === undefined ? {} : { injected: message.injected }),
      kind,
      channel: this.name,
      vm: this.parties.name(party),
      sequence: message.sequence,
      bytes: message.bytes,
    });
  }
}

/** The definition of a channel of one kind. */
export type DefinitionOf<Kind extends SystemChannel['kind']> = Extract<
  SystemChannel,
  { readonly kind: Kind }
>;
