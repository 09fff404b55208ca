/** SBI IPI extension (SBI 2.0, chapter 7). */
import { done, refuse } from './decision';
import type { HandlerGroup } from './handler';
import { namedHarts } from './hart-mask';

export const ipi: HandlerGroup = {
  sendIpi: (call) => {
    const harts = namedHarts(call);
    if (harts === undefined) return refuse('invalid-parameter');
    for (const hart of harts) call.context.interrupt(hart);
    return done();
  },
};
