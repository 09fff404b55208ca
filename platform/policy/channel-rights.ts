/** Which end of a channel may do what. Which right a hypercall takes, its row says (platform/hypercalls.ts). */
import type { ChannelKind } from '../system';

/** What may be done at one end of a channel; at those of one kind only. */
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
