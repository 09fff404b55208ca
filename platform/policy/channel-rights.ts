/** Which end of a channel may do what, and which hypercall takes which right. */
import type { ChannelKind } from '../system';

/** What may be done at one end of a channel. */
export type ChannelRight =
  'send' | 'receive' | 'count' | 'write' | 'read' | 'post' | 'wait' | 'lock' | 'map' | 'call' | 'serve';

interface Ends {
  readonly from: readonly ChannelRight[];
  readonly to: readonly ChannelRight[];
}

/** By kind of channel. Both ends of a shared region map and lock it; storing to it is a right to memory. */
export const CHANNEL_RIGHTS: Readonly<Record<ChannelKind, Ends>> = {
  queue: { from: ['send', 'count'], to: ['receive', 'count'] },
  sampling: { from: ['write'], to: ['read'] },
  signal: { from: ['post'], to: ['wait'] },
  shared: { from: ['map', 'lock'], to: ['map', 'lock'] },
  rpc: { from: ['call'], to: ['serve'] },
};

/** What a hypercall of the extension `channel` needs, by its name: a port of that kind, and the right at it. */
export const CHANNEL_CALLS: Readonly<
  Record<string, { readonly kind: ChannelKind; readonly right: ChannelRight }>
> = {
  queueSend: { kind: 'queue', right: 'send' },
  queueReceive: { kind: 'queue', right: 'receive' },
  queueCount: { kind: 'queue', right: 'count' },
  samplingWrite: { kind: 'sampling', right: 'write' },
  samplingRead: { kind: 'sampling', right: 'read' },
  signalPost: { kind: 'signal', right: 'post' },
  signalWait: { kind: 'signal', right: 'wait' },
  lock: { kind: 'shared', right: 'lock' },
  unlock: { kind: 'shared', right: 'lock' },
  region: { kind: 'shared', right: 'map' },
  rpcCall: { kind: 'rpc', right: 'call' },
  rpcReceive: { kind: 'rpc', right: 'serve' },
  rpcReply: { kind: 'rpc', right: 'serve' },
};
