import { Channel, type ChannelState, type DefinitionOf } from './channel';
import type { ChannelContext, Parties, Party } from './context';
import type { ChannelMessage } from './message';
import type { MessageFaultModel } from './message-faults';

export interface SignalState extends ChannelState {
  readonly posts: readonly ChannelMessage[];
}

const INAPPLICABLE: Partial<Record<MessageFaultModel, string>> = {
  'message-corrupt': 'a signal carries no bytes',
  'message-reorder': 'the posts of a signal are all alike',
};

const NO_BYTES = new Uint8Array(0);

/**
 * Counting semaphore: a post is a message without bytes, and the count is how many wait. The initial count is
 * posts that nobody sent (number 0). A delayed post counts towards the maximum while it is on its way.
 */
export class SignalChannel extends Channel {
  readonly kind = 'signal';
  readonly maximum: number;
  /** Oldest first. */
  #posts: ChannelMessage[];

  constructor(number: number, definition: DefinitionOf<'signal'>, parties: Parties, context: ChannelContext) {
    super(number, definition, parties, context, INAPPLICABLE);
    this.maximum = definition.maximum;
    const initial: ChannelMessage = { sequence: 0, bytes: NO_BYTES, sentAt: 0 };
    this.#posts = new Array<ChannelMessage>(definition.initial).fill(initial);
  }

  get count(): number {
    return this.#posts.length;
  }

  /** How many may be added. */
  get room(): number {
    return this.maximum - this.#posts.length - this.faults.inFlight;
  }

  /** Adds one; refused at the maximum. */
  tryPost(): 'posted' | 'at-maximum' | 'over-rate' {
    const { room } = this;
    if (room <= 0) return 'at-maximum';
    if (!this.admits(0)) return 'over-rate';
    this.pass(NO_BYTES, room - 1);
    return 'posted';
  }

  /** Takes one, if the count is above zero. */
  tryTake(): boolean {
    const post = this.#posts.shift();
    if (post === undefined) return false;
    if (post.sequence > 0) this.traceReceived(this.receivers[0]!, post);
    return true;
  }

  hasNews(receiver: Party): boolean {
    return this.#posts.length > 0 && this.receivers.includes(receiver);
  }

  notice(): void {}

  save(): SignalState {
    return { ...this.saveChannel(), posts: this.#posts.slice() };
  }

  restore(state: SignalState): void {
    this.restoreChannel(state);
    this.#posts = state.posts.slice();
  }

  protected arrive(message: ChannelMessage): void {
    this.#posts.push(message);
    this.wake(this.receivers[0]!, 'signal');
  }
}
