import type { System } from '../../platform/system';
import { type ChannelContext, Parties } from './context';
import { QueueChannel, type QueueState } from './queue-channel';
import { RpcChannel, type RpcState } from './rpc-channel';
import { SamplingChannel, type SamplingState } from './sampling-channel';
import { regionMemory, type RegionMemory, SharedChannel, type SharedState } from './shared-channel';
import { SignalChannel, type SignalState } from './signal-channel';

export { type ChannelContext, type ChannelWait, Parties, type Party, TEST_PARTY, wakes } from './context';
export type { ChannelMessage } from './message';
export { MessageFaults, type MessageFaultsState } from './message-faults';
export type { MessageFault, MessageFaultModel } from './message-faults';
export { type CeilingLock, inheritedPriorities, type InheritedLock, raisedToCeilings } from './priorities';
export type { Sample } from './sampling-channel';
export type { CallOutcome, TakenCall } from './rpc-channel';
export { RateLimit, type RateLimitState } from './rate-limit';
export {
  QueueChannel,
  regionMemory,
  type RegionMemory,
  RpcChannel,
  SamplingChannel,
  SharedChannel,
  SignalChannel,
};

export type AnyChannel = QueueChannel | SamplingChannel | SignalChannel | SharedChannel | RpcChannel;
export type AnyChannelState = QueueState | SamplingState | SignalState | SharedState | RpcState;

/**
 * The channels of a system, in order of declaration.
 * @param regionOf the memory of the shared channel with this number.
 */
export function createChannels(
  system: Pick<System, 'vms' | 'channels'>,
  context: ChannelContext,
  regionOf: (channel: number) => RegionMemory,
): readonly AnyChannel[] {
  const parties = new Parties(system);
  return system.channels.map((definition, number) => {
    switch (definition.kind) {
      case 'queue':
        return new QueueChannel(number, definition, parties, context);
      case 'sampling':
        return new SamplingChannel(number, definition, parties, context);
      case 'signal':
        return new SignalChannel(number, definition, parties, context);
      case 'shared':
        return new SharedChannel(number, definition, parties, context, regionOf(number));
      case 'rpc':
        return new RpcChannel(number, definition, parties, context);
    }
  });
}
