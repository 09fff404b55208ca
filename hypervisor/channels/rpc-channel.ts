import type { CallFailure } from '../trace/events';
import { Channel, type ChannelState, type DefinitionOf } from './channel';
import { type ChannelContext, type Parties, type Party, TEST_PARTY } from './context';
import type { ChannelMessage } from './message';
import type { InheritedLock } from './priorities';

/** A call that its client has made and not ended. `undefined`: there is no reply yet; `null`: there will be none. */
interface OpenCall {
  readonly call: number;
  readonly reply: Uint8Array | null | undefined;
  /** Virtual nanoseconds at which that was decided. */
  readonly endedAt?: number;
}

/** A call at the server. A duplicate arrives by another number than its original. */
interface Arrival {
  readonly arrival: number;
  readonly message: ChannelMessage;
}

export interface RpcState extends ChannelState {
  readonly arrivals: number;
  readonly open: readonly OpenCall[];
  readonly waiting: readonly Arrival[];
  readonly taken: readonly Arrival[];
}

/** A call as its server finds it. */
export interface TakenCall {
  /** What `tryReply` is told. */
  readonly arrival: number;
  readonly bytes: Uint8Array;
  /** Nanoseconds since it was made. */
  readonly age: number;
}

/** How a call stands for its client. */
export type CallOutcome =
  | { readonly is: 'pending' }
  | { readonly is: 'failed' }
  | { readonly is: 'replied'; readonly bytes: Uint8Array };

const PENDING: CallOutcome = { is: 'pending' };
const FAILED: CallOutcome = { is: 'failed' };

/**
 * Remote procedure call: a call with a reply of its own (seL4 Microkit, protected procedure calls; QNX Neutrino, message
 * passing). A call is *open* from its making until its client has the reply or gives it up. The server takes calls in
 * order, may take further ones before it replies, and may reply in any order.
 *
 * - A server that stops fails the calls that it has taken. Those that wait are its next life's.
 * - A call that its client has given up is not served; the reply to one that was taken is refused.
 * - Faults act on calls, between client and server.
 */
export class RpcChannel extends Channel implements InheritedLock {
  readonly kind = 'rpc';
  /** Largest call in bytes. */
  readonly messageSize: number;
  readonly replySize: number;
  /** Calls that may be open at a time. */
  readonly capacity: number;
  readonly server: Party;
  #arrivals = 0;
  #open: readonly OpenCall[] = [];
  #waiting: readonly Arrival[] = [];
  #taken: readonly Arrival[] = [];

  constructor(number: number, definition: DefinitionOf<'rpc'>, parties: Parties, context: ChannelContext) {
    super(number, definition, parties, context, {});
    this.messageSize = definition.messageSize;
    this.replySize = definition.replySize;
    this.capacity = definition.capacity;
    this.server = this.receivers[0]!;
  }

  /** The server, while somebody waits for it: it inherits the client's priority. */
  get holder(): number | null {
    return this.server === TEST_PARTY ? null : this.server;
  }

  get waiters(): readonly number[] {
    const isAwaited = this.sender !== TEST_PARTY && this.#open.some(({ reply }) => reply === undefined);
    return isAwaited ? [this.sender] : [];
  }

  /** Calls that may be made now. */
  get room(): number {
    const atServer = this.#waiting.length + this.#taken.length + this.faults.inFlight;
    return this.capacity - Math.max(this.#open.length, atServer);
  }

  /** Makes a call. The channel keeps the bytes: at most `messageSize`, and they must not change. @returns its number */
  tryCall(bytes: Uint8Array): number | 'full' | 'over-rate' {
    const { room } = this;
    if (room <= 0) return 'full';
    if (!this.admits(bytes.length)) return 'over-rate';
    const call = this.sent + 1;
    this.#open = [...this.#open, { call, reply: undefined }];
    this.pass(bytes, room - 1);
    return call;
  }

  /** How a call stands. A client that learns of its end has ended it. */
  takeOutcome(call: number): CallOutcome {
    const open = this.#open.find((candidate) => candidate.call === call);
    if (open?.reply === undefined) return open === undefined ? FAILED : PENDING;
    this.#close(call);
    if (open.reply === null) return FAILED;
    this.#trace({
      kind: 'reply-received',
      vm: this.parties.name(this.sender),
      sequence: call,
      bytes: open.reply,
    });
    return { is: 'replied', bytes: open.reply };
  }

  /** The client does not wait for a call any longer. One that has ended already stays so. */
  abandon(call: number, why: CallFailure): void {
    const open = this.#open.find((candidate) => candidate.call === call);
    if (open === undefined) return;
    if (open.reply !== null) this.#traceFailed(call, why);
    this.#waiting = this.#waiting.filter(({ message }) => message.sequence !== call);
    this.#close(call);
  }

  /** The server takes the oldest call that waits. Its bytes must not be changed. */
  tryReceive(): TakenCall | undefined {
    const [first, ...rest] = this.#waiting;
    if (first === undefined) return undefined;
    const { arrival, message } = first;
    this.#waiting = rest;
    this.#taken = [...this.#taken, first];
    this.traceReceived(this.server, message);
    // Another core may be behind the client's by less than a quantum; no call is younger than new.
    return { arrival, bytes: message.bytes, age: Math.max(0, this.context.now() - message.sentAt) };
  }

  /**
   * The server replies to a call that it has taken.
   * @param bytes at most `replySize` of them
   * @returns `given-up`: nobody waits for the reply; `not-taken`: the server has no such call.
   */
  tryReply(arrival: number, bytes: Uint8Array): 'replied' | 'given-up' | 'not-taken' {
    const taken = this.#taken.find((candidate) => candidate.arrival === arrival);
    if (taken === undefined) return 'not-taken';
    const call = taken.message.sequence;
    this.#taken = this.#taken.filter((candidate) => candidate !== taken);
    this.wake(this.sender, 'room');
    if (!this.#isPending(call)) return 'given-up';
    this.#trace({ kind: 'reply-sent', vm: this.parties.name(this.server), sequence: call, bytes });
    this.#end(call, bytes);
    return 'replied';
  }

  hasNews(receiver: Party): boolean {
    return receiver === this.server && this.#waiting.length > 0;
  }

  notice(): void {}

  override vmStopped(vm: number): void {
    if (vm === this.sender) for (const { call } of this.#open) this.abandon(call, 'client-stopped');
    if (vm === this.server) for (const { arrival } of this.#taken) this.fail(arrival);
  }

  /** There will be no reply to a call that the server has taken. */
  fail(arrival: number): void {
    const taken = this.#taken.find((candidate) => candidate.arrival === arrival);
    if (taken === undefined) return;
    const call = taken.message.sequence;
    this.#taken = this.#taken.filter((candidate) => candidate !== taken);
    if (this.#isPending(call)) {
      this.#traceFailed(call, 'server-stopped');
      this.#end(call, null);
    }
    this.wake(this.sender, 'room');
  }

  /** A call that was made in another machine. Its number is `sent` then. */
  override carryIn(bytes: Uint8Array, sentAt: number): void {
    this.#open = [...this.#open, { call: this.sent + 1, reply: undefined }];
    super.carryIn(bytes, sentAt);
  }

  save(): RpcState {
    return {
      ...this.saveChannel(),
      arrivals: this.#arrivals,
      open: this.#open,
      waiting: this.#waiting,
      taken: this.#taken,
    };
  }

  restore(state: RpcState): void {
    this.restoreChannel(state);
    this.#arrivals = state.arrivals;
    this.#open = state.open;
    this.#waiting = state.waiting;
    this.#taken = state.taken;
  }

  protected arrive(message: ChannelMessage): void {
    if (!this.#open.some(({ call }) => call === message.sequence)) return;
    this.#arrivals++;
    this.#waiting = [...this.#waiting, { arrival: this.#arrivals, message }];
    this.wake(this.server, 'message');
  }

  #isPending(call: number): boolean {
    return this.#open.some((open) => open.call === call && open.reply === undefined);
  }

  /** The call has its reply, or will have none. */
  #end(call: number, reply: Uint8Array | null): void {
    this.#open = this.#open.map((open) =>
      open.call === call ? { call, reply, endedAt: this.context.now() } : open,
    );
    this.wake(this.sender, 'reply');
  }

  #close(call: number): void {
    this.#open = this.#open.filter((open) => open.call !== call);
    this.wake(this.sender, 'room');
  }

  #traceFailed(call: number, why: CallFailure): void {
    this.#trace({ kind: 'call-failed', vm: this.parties.name(this.sender), sequence: call, why });
  }

  #trace(event: RpcEvent): void {
    this.context.trace({ at: this.context.now(), channel: this.name, ...event });
  }
}

type RpcEvent =
  | {
      readonly kind: 'reply-sent' | 'reply-received';
      readonly vm: string;
      readonly sequence: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: 'call-failed';
      readonly vm: string;
      readonly sequence: number;
      readonly why: CallFailure;
    };
