import type { WhenFull } from '../../platform/system';
import { Channel, type ChannelState, type DefinitionOf } from './channel';
import type { ChannelContext, Parties, Party } from './context';
import type { ChannelMessage } from './message';

export interface QueueState extends ChannelState {
  readonly messages: readonly ChannelMessage[];
}

const CANNOT_REORDER = 'a queue with room for one message never holds two that could change places';

/**
 * Queuing port (ARINC 653 part 1, queuing mode): first in, first out, bounded. A message accepted from the
 * sender keeps its place free also while a fault delays it or holds it back, so nothing but a `message-lose` fault loses
 * it, unless the queue declares that it drops what it has no room for.
 */
export class QueueChannel extends Channel {
  readonly kind = 'queue';
  /** Largest message in bytes. */
  readonly messageSize: number;
  readonly capacity: number;
  readonly #whenFull: WhenFull;
  #messages: ChannelMessage[] = [];

  constructor(number: number, definition: DefinitionOf<'queue'>, parties: Parties, context: ChannelContext) {
    super(
      number,
      definition,
      parties,
      context,
      definition.capacity > 1 ? {} : { 'message-reorder': CANNOT_REORDER },
    );
    this.messageSize = definition.messageSize;
    this.capacity = definition.capacity;
    this.#whenFull = definition.whenFull;
  }

  /** Messages waiting to be received. */
  get count(): number {
    return this.#messages.length;
  }

  /** For how many messages more. */
  get room(): number {
    return this.capacity - this.#messages.length - this.faults.inFlight;
  }

  /**
   * Sends a message. The channel keeps the bytes: they must not change afterwards.
   * @param bytes at most `messageSize` of them; the caller has checked that.
   * @returns `sent` also for one that the queue drops by its declaration: its sender does not learn of it.
   */
  trySend(bytes: Uint8Array): 'sent' | 'full' | 'over-rate' {
    if (this.room <= 0 && this.#whenFull === 'wait') return 'full';
    if (!this.admits(bytes.length)) return 'over-rate';
    if (this.room <= 0 && this.#whenFull === 'drop-oldest') this.#dropOldest();
    // What a fault delays keeps its place: where all places are such, nothing can make room.
    if (this.room <= 0) this.traceDropped(this.nextMessage(bytes));
    else this.pass(bytes, this.room - 1);
    return 'sent';
  }

  /** Receives the oldest message, if one waits. The bytes must not be changed. */
  tryReceive(): Uint8Array | undefined {
    const message = this.#messages.shift();
    if (message === undefined) return undefined;
    const receiver = this.receivers[0]!;
    this.traceReceived(receiver, message);
    this.wake(this.sender, 'room');
    return message.bytes;
  }

  hasNews(receiver: Party): boolean {
    return this.#messages.length > 0 && this.receivers.includes(receiver);
  }

  notice(): void {}

  save(): QueueState {
    return { ...this.saveChannel(), messages: this.#messages.slice() };
  }

  restore(state: QueueState): void {
    this.restoreChannel(state);
    this.#messages = state.messages.slice();
  }

  #dropOldest(): void {
    const oldest = this.#messages.shift();
    if (oldest !== undefined) this.traceDropped(oldest);
  }

  protected arrive(message: ChannelMessage): void {
    this.#messages.push(message);
    this.wake(this.receivers[0]!, 'message');
  }
}
