import type { Message } from '../../platform/message';
import type { System } from '../../platform/system';
import type { TraceEvent } from '../../hypervisor';

export type MessageEvent = Extract<TraceEvent, { readonly kind: 'message-sent' | 'message-received' }>;

/** One message as a spec sees it. */
export interface SentMessage<Value = unknown> {
  readonly channel: string;
  readonly from: string;
  /** When it entered the channel, in virtual nanoseconds. */
  readonly at: number;
  readonly sequence: number;
  /** The declared message's value; the bytes where the channel declares none, and where they do not decode. */
  readonly value: Value;
  readonly bytes: Uint8Array;
  /** The injected fault that changed, delayed or copied it. */
  readonly injected?: number;
}

/** A message's value as its channel declares it; the bytes where it declares none or they have another size. */
export function decodeMessage(system: System, channel: string, bytes: Uint8Array): unknown {
  const declared: Message | undefined = system.channels.find(({ name }) => name === channel)?.message;
  if (declared === undefined || bytes.length < declared.size) return bytes;
  // A shared region is published whole: the message lies at its beginning.
  return declared.decode(bytes.subarray(0, declared.size));
}

/** A reply's value as its channel declares it; the bytes where it declares none or they are too few. */
export function decodeReply(system: System, channel: string, bytes: Uint8Array): unknown {
  const definition = system.channels.find(({ name }) => name === channel);
  const declared = definition?.kind === 'rpc' ? definition.reply : undefined;
  return declared === undefined || bytes.length < declared.size ? bytes : declared.decode(bytes);
}

export function sentMessage(system: System, event: MessageEvent): SentMessage {
  return {
    channel: event.channel,
    from: event.vm,
    at: event.at,
    sequence: event.sequence,
    value: decodeMessage(system, event.channel, event.bytes),
    bytes: event.bytes,
    ...(event.injected === undefined ? {} : { injected: event.injected }),
  };
}
