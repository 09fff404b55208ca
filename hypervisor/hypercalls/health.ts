/** Platform extension health: a guest's own word that something is wrong, and where it wants to continue then. */
import { HEALTH_ANSWERS } from '../../platform/health';
import { nameOf } from './codes';
import { done, refuse } from './decision';
import type { HandlerGroup } from './handler';
import { encodeHealthEvent } from './status';

/** The most bytes that an application error carries. */
export const LARGEST_ERROR_PAYLOAD = 128;

/** What a stack pointer is a multiple of (RISC-V ELF psABI, integer calling convention). */
const STACK_ALIGNMENT = 16;

export const health: HandlerGroup = {
  raise: (call) => {
    const { address, size } = call.buffer('payload');
    if (size > LARGEST_ERROR_PAYLOAD) return refuse('invalid-parameter');
    const payload = size === 0 ? new Uint8Array(0) : call.context.memory.read(address, size);
    return { is: 'raise', fault: { kind: 'application', code: call.value32('code'), payload } };
  },

  registerHandler: (call) => {
    const { context } = call;
    const entry = call.value('entry');
    const stack = call.value('stack');
    if (entry === 0) {
      context.setErrorHandler(undefined);
      return done();
    }
    const isCode = entry % 2 === 0 && context.memory.isRam(entry, 2);
    const isStack =
      stack % STACK_ALIGNMENT === 0 && context.memory.isRam(stack - STACK_ALIGNMENT, STACK_ALIGNMENT);
    if (!isCode || !isStack) return refuse('invalid-address');
    context.setErrorHandler({ entry, stack });
    return done();
  },

  nextEvent: (call) => {
    const { health, memory } = call.context;
    if (!health.isAsked) return refuse('denied');
    const event = health.takeEvent();
    if (event === undefined) return call.orWait((deadline) => ({ for: 'health', deadline }));
    const bytes = encodeHealthEvent(event);
    memory.write(call.value('event'), bytes);
    return done(0, bytes.length);
  },

  decide: (call) => {
    const answer = nameOf(HEALTH_ANSWERS, call.value('answer'));
    if (answer === undefined) return refuse('invalid-parameter');
    const event = call.value('event');
    const verdict = call.context.health.judge(call.target.number, event, answer);
    if (verdict === 'not-open') return refuse('invalid-state');
    return verdict === 'not-allowed' ? refuse('denied') : { is: 'decide', event, answer };
  },
};
