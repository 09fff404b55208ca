/** Platform extension update: a VM brings another one a new image, and that one's guests take part in their exchange. */
import { UpdateStatus } from '../../platform/hypercall-structs';
import { REJECTIONS } from '../../platform/secure-boot/rejection';
import { UPDATE_FAILURES, UPDATE_RESULTS, UPDATE_STAGES } from '../../platform/update/stages';
import { LARGEST_CHUNK, LARGEST_HANDOVER } from '../../platform/update/update-definition';
import type { Call } from './call';
import type { UpdateView } from './context';
import { comeToNothing, done, refuse, wait } from './decision';
import type { HandlerGroup } from './handler';

const updateOf = ({ context, target }: Call): UpdateView => context.updates.of(target.number);

export const update: HandlerGroup = {
  begin: (call) => {
    const problem = updateOf(call).announce(call.value('size'), call.context.caller.name);
    if (problem === undefined) return done();
    return refuse(problem === 'under-way' ? 'invalid-state' : 'bad-range');
  },

  write: (call) => {
    const { address, size } = call.buffer('chunk');
    if (size === 0 || size > LARGEST_CHUNK) return refuse('invalid-parameter');
    const received = updateOf(call).receive(call.value('offset'), call.context.memory.read(address, size));
    if (typeof received === 'number') return done(received, size);
    return refuse(received === 'not-receiving' ? 'invalid-state' : 'bad-range');
  },

  activate: (call) => {
    const which = updateOf(call);
    const { stage } = which;
    switch (which.activate()) {
      case 'verified':
        // All of it was looked at.
        return done(0, stage.is === 'receiving' ? stage.size : 0);
      case 'refused':
        return comeToNothing('failed');
      case 'not-receiving':
        return refuse('invalid-state');
      case 'incomplete':
        return refuse('bad-range');
    }
  },

  abort: (call) => (updateOf(call).abort(call.context.caller.name) ? done() : refuse('invalid-state')),

  status: (call) => {
    const bytes = encodeUpdateStatus(updateOf(call));
    call.context.memory.write(call.value('status'), bytes);
    return done(0, bytes.length);
  },

  awaitEnd: (call) => {
    const { stage, last } = updateOf(call);
    if (stage.is !== 'none')
      return call.orWait((deadline) => ({ for: 'update', vm: call.target.number, deadline }));
    return last.result === 'none' ? refuse('invalid-state') : done(UPDATE_RESULTS[last.result]);
  },

  selfTested: (call) => {
    const { updates, memory } = call.context;
    const passed = call.value('passed');
    if (passed > 1) return refuse('invalid-parameter');
    const isAwaited = call.resumption?.wait.for === 'switch';
    if (isAwaited && updates.own !== undefined) {
      const { address, size } = call.buffer('handOver');
      const state = updates.own.takeHandOver().subarray(0, size);
      if (state.length > 0) memory.write(address, state);
      return done(state.length, state.length);
    }
    if (isAwaited && updates.ofShadow?.stage.is === 'switching') return wait({ for: 'switch' });
    if (updates.ofShadow?.selfTested(passed === 1) !== true) return refuse('invalid-state');
    return passed === 1 ? wait({ for: 'switch' }) : { is: 'halt', code: 1 };
  },

  offer: (call) => {
    const { updates, memory } = call.context;
    const { address, size } = call.buffer('state');
    if (size > LARGEST_HANDOVER) return refuse('invalid-parameter');
    if (updates.own === undefined || !updates.own.isOffered) return refuse('invalid-state');
    const state = size === 0 ? new Uint8Array(0) : memory.read(address, size);
    if (updates.own.offer(state)) return wait({ for: 'rollback' });
    const wasBack = call.resumption?.wait.for === 'rollback' && updates.own.last.result === 'rolled-back';
    return done(wasBack ? 1 : 0, call.resumption === undefined ? size : 0);
  },
};

/** What `update status` tells, as the guest reads it. */
export function encodeUpdateStatus({ stage, last, record }: UpdateView): Uint8Array {
  return UpdateStatus.encode({
    stage: UPDATE_STAGES[stage.is],
    size: stage.is === 'receiving' ? stage.size : 0,
    received: stage.is === 'receiving' ? stage.received : 0,
    result: UPDATE_RESULTS[last.result],
    why: UPDATE_FAILURES[last.why ?? 'none'],
    rejection: last.rejection === undefined ? 0 : REJECTIONS[last.rejection],
    slot: record.slot,
    sequence: record.sequence,
  });
}
