/** Platform extension clock: virtual time, sleep, and periodic execution. */
import { u64 } from '../../platform/message';
import type { Call } from './call';
import { done, refuse, wait, type HypercallOutcome } from './decision';
import type { HandlerGroup } from './handler';

export const clock: HandlerGroup = {
  now: (call) => {
    const bytes = new Uint8Array(u64.size);
    u64.write(new DataView(bytes.buffer), 0, BigInt(call.context.nanoseconds()), call.name);
    call.context.memory.write(call.value('time'), bytes);
    return done(0, bytes.length);
  },

  sleepUntil: (call) => {
    const { context } = call;
    const deadline = context.clock.nanosecondsToCycles(call.value('time'));
    return context.cycles() >= deadline ? done() : wait({ for: 'time', deadline });
  },

  setPeriod: (call) => {
    const { periodic } = call.context;
    const period = call.value('period');
    const deadline = call.value('deadline');
    if (periodic.isDeclared) return refuse('denied');
    const isSound = period > 0 && period < Infinity && deadline > 0 && deadline <= period;
    if (!isSound) return refuse('invalid-parameter');
    periodic.start(period, deadline);
    return done();
  },

  waitRelease: (call) => {
    const { periodic } = call.context;
    if (!periodic.isActive) return refuse('invalid-state');
    if (call.resumption === undefined) periodic.completeJob();
    return untilReleased(call);
  },
};

function untilReleased(call: Call): HypercallOutcome {
  const missed = call.context.periodic.takeRelease();
  return missed === undefined ? wait({ for: 'release' }) : done(missed);
}
