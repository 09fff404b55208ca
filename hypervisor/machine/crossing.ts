/**
 * What passes between machines after a VM has moved: messages are taken out of the channels of one as their receiver
 * would, and come into those of the other as if their sender were there.
 */
import { type AnyChannel, TEST_PARTY } from '../channels';

/** Channels whose messages can pass: regions and calls need both ends in one machine. */
export type PassableChannel = Extract<AnyChannel, { readonly kind: 'queue' | 'sampling' | 'signal' }>;

export interface PassingMessage {
  readonly bytes: Uint8Array;
  /** Virtual nanoseconds at which it was sent. */
  readonly sentAt: number;
}

export const isPassable = (channel: AnyChannel): channel is PassableChannel =>
  channel.kind === 'queue' || channel.kind === 'sampling' || channel.kind === 'signal';

/** A channel's ends by the names of their VMs; `null`: the test. */
export function endsOf(
  channel: AnyChannel,
  vms: readonly { readonly name: string }[],
): { readonly sender: string | null; readonly receivers: readonly (string | null)[] } {
  const nameOf = (party: number): string | null => (party === TEST_PARTY ? null : vms[party]!.name);
  return { sender: nameOf(channel.sender), receivers: channel.receivers.map(nameOf) };
}

/** How many messages may come in. */
export const roomIn = (channel: PassableChannel): number => (channel.kind === 'sampling' ? 1 : channel.room);

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
