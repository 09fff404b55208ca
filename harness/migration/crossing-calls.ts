/**
 * Calls whose client and server live in two machines: in the client's they are taken as a server would, in the server's they
 * are made as a client would; what comes of them goes the other way.
 */
import type { CallChannel, PassingMessage } from './crossing';

/** Steps of a call: the first and the last go to the server's machine, the others to the client's. */
export const CALL_STEPS = ['made', 'replied', 'failed', 'given-up'] as const;

export interface CallStep {
  readonly is: (typeof CALL_STEPS)[number];
  /** The call's number in the client's machine. */
  readonly call: number;
}

/** A step and its bytes: those of the call, or of the reply. */
export interface PassingCall extends PassingMessage {
  readonly step: CallStep;
}

const NOTHING = new Uint8Array(0);

/** One machine's side of a channel. */
export interface CallSide {
  readonly channel: CallChannel;
  /** What is to cross next. @param room calls that the other side has room for; @param now of this machine */
  take(room: number, now: number): PassingCall | undefined;
  /** What has come across. */
  letIn(crossing: PassingCall): void;
  /** The other side is not heard of any more: nobody waits for it. */
  end(): void;
}

export const isToServer = ({ is }: CallStep): boolean => is === 'made' || is === 'given-up';

export class ClientSide implements CallSide {
  readonly channel: CallChannel;
  /** Calls that are at the other side: as what they were taken here, and their numbers. */
  readonly #away = new Map<number, number>();

  constructor(channel: CallChannel) {
    this.channel = channel;
  }

  take(room: number, now: number): PassingCall | undefined {
    const { open, waiting } = this.channel.save();
    for (const [arrival, call] of this.#away) {
      if (open.some((candidate) => candidate.call === call)) continue;
      this.#away.delete(arrival);
      // Nobody waits for it, so that this only takes it off the channel.
      this.channel.tryReply(arrival, NOTHING);
      return { step: { is: 'given-up', call: arrival }, bytes: NOTHING, sentAt: now };
    }
    const [first] = waiting;
    if (first === undefined || room < 1) return undefined;
    const { arrival, message } = first;
    this.channel.tryReceive();
    this.#away.set(arrival, message.sequence);
    return { step: { is: 'made', call: arrival }, bytes: message.bytes, sentAt: message.sentAt };
  }

  letIn({ step: { is, call }, bytes }: PassingCall): void {
    // One that was given up in the meantime is not there any more.
    if (!this.#away.delete(call)) return;
    if (is === 'replied') this.channel.tryReply(call, bytes);
    else this.channel.fail(call);
  }

  end(): void {
    for (const arrival of this.#away.keys()) this.channel.fail(arrival);
    this.#away.clear();
  }
}

export class ServerSide implements CallSide {
  readonly channel: CallChannel;
  /** Calls of the other side by their numbers there, and those that they have here. */
  readonly #here = new Map<number, number>();

  constructor(channel: CallChannel) {
    this.channel = channel;
  }

  take(_room: number, now: number): PassingCall | undefined {
    const { open } = this.channel.save();
    for (const [call, own] of this.#here) {
      const { reply, endedAt = now } = open.find((candidate) => candidate.call === own) ?? { reply: null };
      if (reply === undefined) continue;
      this.#here.delete(call);
      this.channel.takeOutcome(own);
      const step = { is: reply === null ? 'failed' : 'replied', call } as const;
      return { step, bytes: reply ?? NOTHING, sentAt: endedAt };
    }
    return undefined;
  }

  letIn({ step: { is, call }, bytes, sentAt }: PassingCall): void {
    const own = this.#here.get(call);
    if (is === 'made') {
      this.channel.carryIn(bytes, sentAt);
      this.#here.set(call, this.channel.sent);
    } else if (own !== undefined) {
      this.#here.delete(call);
      this.channel.abandon(own, 'abandoned');
    }
  }

  end(): void {
    for (const own of this.#here.values()) this.channel.abandon(own, 'abandoned');
    this.#here.clear();
  }
}
