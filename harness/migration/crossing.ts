/**
 * What passes between machines after a VM has moved: messages are taken out of the channels of one as their receiver
 * would, and come into those of the other as if their sender were there.
 */
import type { AnyChannel, Machine } from '../../hypervisor';
import { TEST_END } from '../../platform/system';

type OfKind<Kind extends AnyChannel['kind']> = Extract<AnyChannel, { readonly kind: Kind }>;
/** Channels that go one way. */
export type PassableChannel = OfKind<'queue' | 'sampling' | 'signal'>;
/** Calls go there and back. */
export type CallChannel = OfKind<'rpc'>;

export interface PassingMessage {
  readonly bytes: Uint8Array;
  /** Virtual nanoseconds at which it was sent. */
  readonly sentAt: number;
}

/** Memory that two machines write to and read from at any instruction is in one of them. */
export const isPassable = (channel: AnyChannel): channel is PassableChannel | CallChannel =>
  channel.kind !== 'shared';

/** A channel's ends by the names of their VMs; `null`: the test. */
export function endsOf(
  { number }: AnyChannel,
  { channels }: Machine['system'],
): { readonly sender: string | null; readonly receivers: readonly (string | null)[] } {
  const { from, to } = channels[number]!;
  const nameOf = (end: string): string | null => (end === TEST_END ? null : end);
  return { sender: nameOf(from), receivers: to.map(nameOf) };
}

/** How many messages may come in. */
export const roomIn = (channel: PassableChannel | CallChannel): number =>
  channel.kind === 'sampling' ? 1 : channel.room;

/**
 * Takes the oldest message out; of a sampling channel, looks at its value.
 * @param seen the number of the value that was looked at last
 */
export function takeOut(
  channel: PassableChannel,
  seen: number,
): (PassingMessage & { readonly sequence: number }) | undefined {
  switch (channel.kind) {
    case 'queue': {
      const [message] = channel.save().messages;
      if (message !== undefined) channel.tryReceive();
      return message;
    }
    case 'signal': {
      const [post] = channel.save().posts;
      if (post !== undefined) channel.tryTake();
      return post;
    }
    case 'sampling': {
      const { last } = channel.save();
      return last === null || last.sequence === seen ? undefined : last;
    }
  }
}
