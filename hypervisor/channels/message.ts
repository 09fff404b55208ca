/** A message on its way through a channel. It never changes: a fault that alters one makes another. */
export interface ChannelMessage {
  /** Number within its channel, 1 for the first; a duplicate has its original's. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Virtual nanoseconds at which its sender sent it. */
  readonly sentAt: number;
  /** The fault that altered, delayed, duplicated or overtook it. */
  readonly injected?: number;
}

/** The message as the fault `injected` made it. */
export const injectedBy = <Message extends ChannelMessage>(message: Message, injected: number): Message => ({
  ...message,
  injected,
});
