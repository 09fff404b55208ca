/** Platform extension channel: what a VM does at its ports. Kind and direction are checked in one place. */
import { ReceivedCall, SampleStatus, SharedRegion } from '../../platform/hypercall-structs';
import type { AnyChannel } from '../channels';
import type { Call } from './call';
import { comeToNothing, done, refuse, type HypercallOutcome } from './decision';
import { guestName } from './guest-name';
import type { Handler, HandlerGroup } from './handler';
import { stopWaitingForLock } from './locks';

type ChannelOf<Kind extends AnyChannel['kind']> = Extract<AnyChannel, { readonly kind: Kind }>;

/** Which end of the channel may do it. */
type End = 'sender' | 'receiver' | 'either';

function at<Kind extends AnyChannel['kind']>(
  kind: Kind,
  end: End,
  act: (channel: ChannelOf<Kind>, call: Call) => HypercallOutcome,
): Handler {
  return (call) => {
    const { channel, context } = call;
    if (channel.kind !== kind) return refuse('invalid-parameter');
    const isSender = channel.sender === context.caller.number;
    if ((end === 'sender' && !isSender) || (end === 'receiver' && isSender)) return refuse('denied');
    return act(channel as ChannelOf<Kind>, call);
  };
}

const NO_BYTES = new Uint8Array(0);

/** Reads the message to send; `undefined` when its length is none that the channel carries. */
function messageToSend(call: Call, channel: { readonly messageSize: number }): Uint8Array | undefined {
  const { address, size } = call.buffer('message');
  return size === 0 || size > channel.messageSize ? undefined : call.context.memory.read(address, size);
}

export const channel: HandlerGroup = {
  lookup: (call) => {
    const name = guestName(call, 'name');
    const port = call.context.ports.findIndex((candidate) => candidate.name === name);
    return port === -1 ? refuse('invalid-parameter') : done(port, call.buffer('name').size);
  },

  queueSend: at('queue', 'sender', (queue, call) => {
    const message = messageToSend(call, queue);
    if (message === undefined) return refuse('invalid-parameter');
    const outcome = queue.trySend(message);
    if (outcome === 'over-rate') return refuse('failed');
    if (outcome === 'sent') return done(0, message.length);
    return call.orWait((deadline) => ({ for: 'room', channel: queue.number, deadline }));
  }),

  queueReceive: at('queue', 'receiver', (queue, call) => {
    const { address, size } = call.buffer('message');
    if (size < queue.messageSize) return refuse('invalid-parameter');
    const message = queue.tryReceive();
    if (message === undefined) {
      return call.orWait((deadline) => ({ for: 'message', channel: queue.number, deadline }));
    }
    call.context.memory.write(address, message);
    return done(message.length, message.length);
  }),

  queueCount: at('queue', 'either', (queue) => done(queue.count)),

  samplingWrite: at('sampling', 'sender', (sampling, call) => {
    const message = messageToSend(call, sampling);
    if (message === undefined) return refuse('invalid-parameter');
    return sampling.write(message) === 'written' ? done(0, message.length) : refuse('failed');
  }),

  samplingRead: at('sampling', 'receiver', (sampling, call) => {
    const { caller, memory } = call.context;
    const { address, size } = call.buffer('message');
    if (size < sampling.messageSize) return refuse('invalid-parameter');
    const sample = sampling.read(caller.number);
    const bytes = sample?.bytes ?? new Uint8Array(0);
    if (bytes.length > 0) memory.write(address, bytes);
    const age = BigInt(sample?.age ?? 0);
    memory.write(call.value('status'), SampleStatus.encode({ age, valid: sample?.valid ? 1 : 0 }));
    return done(bytes.length, bytes.length + SampleStatus.size);
  }),

  signalPost: at('signal', 'sender', (signal) => (signal.tryPost() === 'posted' ? done() : refuse('failed'))),

  signalWait: at('signal', 'receiver', (signal, call) =>
    signal.tryTake()
      ? done()
      : call.orWait((deadline) => ({ for: 'signal', channel: signal.number, deadline })),
  ),

  lock: at('shared', 'either', (shared, call) => {
    const { number } = call.context.caller;
    const outcome = shared.tryLock(number);
    if (outcome === 'locked') return done(shared.isTorn ? 1 : 0);
    if (outcome === 'held-already') return refuse('invalid-state');
    const decision = call.orWait((deadline) => ({ for: 'lock', channel: shared.number, deadline }));
    if (decision.is !== 'wait') stopWaitingForLock(call.context, shared);
    return decision;
  }),

  unlock: at('shared', 'either', (shared, call) => {
    const outcome = shared.unlock(call.context.caller.number);
    if (outcome === 'over-rate') return refuse('failed');
    return outcome === 'unlocked' ? done() : refuse('invalid-state');
  }),

  region: at('shared', 'either', (shared, call) => {
    const region = SharedRegion.encode({ address: BigInt(shared.address), size: BigInt(shared.size) });
    call.context.memory.write(call.value('region'), region);
    return done(0, region.length);
  }),

  rpcCall: at('rpc', 'sender', (rpc, call) => {
    const { memory } = call.context;
    const { address, size, capacity } = call.inOutBuffer('message');
    if (size > rpc.messageSize || capacity < rpc.replySize) return refuse('invalid-parameter');
    const waited = call.resumption?.wait;
    if (waited?.for === 'reply' && waited.channel === rpc.number) {
      const outcome = rpc.takeOutcome(waited.call);
      if (outcome.is === 'failed') return comeToNothing('failed');
      if (outcome.is === 'pending') return call.orWait((deadline) => ({ ...waited, deadline }));
      if (outcome.bytes.length > 0) memory.write(address, outcome.bytes);
      return done(outcome.bytes.length, size + outcome.bytes.length);
    }
    // Without time left nobody would hear the reply.
    if (call.resumption?.timedOut === true || call.value('timeout') === 0) return refuse('timeout');
    const made = rpc.tryCall(size === 0 ? NO_BYTES : memory.read(address, size));
    if (made === 'over-rate') return refuse('failed');
    return call.orWait((deadline) =>
      made === 'full'
        ? { for: 'room', channel: rpc.number, deadline }
        : { for: 'reply', channel: rpc.number, call: made, deadline },
    );
  }),

  rpcReceive: at('rpc', 'receiver', (rpc, call) => {
    const { memory } = call.context;
    const { address, size } = call.buffer('message');
    if (size < rpc.messageSize) return refuse('invalid-parameter');
    const taken = rpc.tryReceive();
    if (taken === undefined)
      return call.orWait((deadline) => ({ for: 'message', channel: rpc.number, deadline }));
    const { arrival, bytes, age } = taken;
    if (bytes.length > 0) memory.write(address, bytes);
    memory.write(call.value('call'), ReceivedCall.encode({ age: BigInt(age), number: arrival }));
    return done(bytes.length, bytes.length + ReceivedCall.size);
  }),

  rpcReply: at('rpc', 'receiver', (rpc, call) => {
    const { address, size } = call.buffer('message');
    if (size > rpc.replySize) return refuse('invalid-parameter');
    const bytes = size === 0 ? NO_BYTES : call.context.memory.read(address, size);
    const outcome = rpc.tryReply(call.value('call'), bytes);
    if (outcome === 'not-taken') return refuse('invalid-state');
    return outcome === 'replied' ? done(0, size) : comeToNothing('failed');
  }),
};
