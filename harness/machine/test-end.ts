/** The test's end of a channel: what a guest does by hypercall, without waiting. */
import { type AnyChannel, type CallOutcome, type TakenCall, TEST_PARTY } from '../../hypervisor';

export interface Reading {
  readonly bytes: Uint8Array;
  /** Virtual nanoseconds since it was written. */
  readonly age: number;
  readonly valid: boolean;
}

/** Each operation throws a `TypeError` on a channel of another kind or direction. */
export interface TestEnd {
  send(bytes: Uint8Array): 'sent' | 'full' | 'over-rate';
  receive(): Uint8Array | undefined;
  write(bytes: Uint8Array): 'written' | 'over-rate';
  read(): Reading | undefined;
  /** False at the signal's maximum, and over its rate. */
  post(): boolean;
  /** False when the signal is at zero. */
  take(): boolean;
  /** Makes a call. @returns its number */
  call(bytes: Uint8Array): number | 'full' | 'over-rate';
  /** How a call stands; asked after its end it has failed. */
  outcomeOf(call: number): CallOutcome;
  /** Gives a call up. */
  abandon(call: number): void;
  /** Takes the oldest call that waits. */
  takeCall(): TakenCall | undefined;
  reply(arrival: number, bytes: Uint8Array): 'replied' | 'given-up' | 'not-taken';
}

type Kind = AnyChannel['kind'];
type OfKind<Name extends Kind> = Extract<AnyChannel, { readonly kind: Name }>;

export function testEnd(channel: AnyChannel): TestEnd {
  const as = <Name extends Kind>(kind: Name, direction: 'from' | 'to', doing: string): OfKind<Name> => {
    if (channel.kind !== kind) {
      throw new TypeError(
        `channel ${channel.name} is a ${channel.kind} channel: one does not ${doing} there`,
      );
    }
    const isMine =
      direction === 'from' ? channel.sender === TEST_PARTY : channel.receivers.includes(TEST_PARTY);
    if (!isMine) {
      throw new TypeError(
        `the test cannot ${doing} on channel ${channel.name}: declare it with ${direction}: 'test'`,
      );
    }
    return channel as OfKind<Name>;
  };
  const fitting = (bytes: Uint8Array, size: number): Uint8Array => {
    if (bytes.length > size)
      throw new RangeError(
        `${bytes.length} bytes are more than a message of channel ${channel.name} has (${size})`,
      );
    return bytes.slice();
  };
  return {
    send: (bytes) => {
      const queue = as('queue', 'from', 'send');
      return queue.trySend(fitting(bytes, queue.messageSize));
    },
    receive: () => as('queue', 'to', 'receive').tryReceive()?.slice(),
    write: (bytes) => {
      const port = as('sampling', 'from', 'write');
      return port.write(fitting(bytes, port.messageSize));
    },
    read: () => {
      const sample = as('sampling', 'to', 'read').read(TEST_PARTY);
      return sample && { bytes: sample.bytes.slice(), age: sample.age, valid: sample.valid };
    },
    post: () => as('signal', 'from', 'post').tryPost() === 'posted',
    take: () => as('signal', 'to', 'wait').tryTake(),
    call: (bytes) => {
      const rpc = as('rpc', 'from', 'call');
      return rpc.tryCall(fitting(bytes, rpc.messageSize));
    },
    outcomeOf: (call) => as('rpc', 'from', 'call').takeOutcome(call),
    abandon: (call) => as('rpc', 'from', 'call').abandon(call, 'abandoned'),
    takeCall: () => {
      const taken = as('rpc', 'to', 'receive').tryReceive();
      return taken && { ...taken, bytes: taken.bytes.slice() };
    },
    reply: (arrival, bytes) => {
      const rpc = as('rpc', 'to', 'reply');
      return rpc.tryReply(arrival, fitting(bytes, rpc.replySize));
    },
  };
}
